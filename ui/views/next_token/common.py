"""What the views of Next token share: the text so far, how it is remembered, and how the next token is chosen."""

from __future__ import annotations

from dataclasses import replace

from core.requests import Sampling, TextRequest
from ui.session import Session

PAGE = Session("next_token")
HEIGHT = 400
MOST_TRIED = 24  # texts that are remembered
FIRST = TextRequest("mini-gpt", "The cat is sleeping on")


def begin() -> None:
    """What is remembered of a text before there is one."""
    PAGE.memory.setdefault("chosen", ())
    PAGE.memory.setdefault("tried", [])
    PAGE.memory.setdefault("words", {})


def settled(begun: TextRequest) -> TextRequest:
    """The text with what was chosen behind it so far; another text or model begins anew."""
    memory = PAGE.memory
    plain = replace(begun, edit=None)
    asked = PAGE.asked("chosen")
    if memory.get("begun") != plain:
        memory.update(begun=plain, chosen=read(asked) if asked else (), tried=[], words={})
    elif asked is not None:  # a step back in the browser's history
        go_to(read(asked))
    written = memory.pop("so far", ())  # a run of Play that was stopped
    if written:
        go_to((*memory["chosen"], *written))
    PAGE.note("chosen", [write(memory["chosen"])] if memory["chosen"] else [])
    return replace(begun, chosen=memory["chosen"])


def go_to(chosen: tuple[int, ...]) -> None:
    """Go on from another text: the one left stays among those tried."""
    tried = PAGE.memory["tried"]
    for one in (PAGE.memory["chosen"], chosen):
        if one and one not in tried:
            tried.append(one)
    del tried[:-MOST_TRIED]
    PAGE.memory["chosen"] = chosen


def write(chosen: tuple[int, ...]) -> str:
    return ".".join(map(str, chosen))


def read(said: str) -> tuple[int, ...]:
    """What an address says was chosen; nothing where it says no numbers."""
    parts = said.split(".")
    return tuple(map(int, parts)) if all(one.isascii() and one.isdigit() and len(one) < 8 for one in parts) else ()


def in_words(how: Sampling) -> str:
    """How the next token is chosen, in a few words."""
    if how.choosing == "greedy" or how.temperature == 0:
        return "the likeliest token, each time"
    cuts = [f"temperature {how.temperature:g}"]
    cuts += [f"top-k {how.top_k}"] if how.top_k else []
    cuts += [f"top-p {how.top_p:g}"] if how.top_p < 1 else []
    cuts += [f"min-p {how.min_p:g}"] if how.min_p else []
    return "drawn by its share: " + ", ".join(cuts)
