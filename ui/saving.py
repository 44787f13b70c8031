"""What a page can be taken away as: exact numbers and files, and the caption under a saved picture."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from core.data.numbers import FORMS, Numbers, unlike
from core.requests import Edit, Request
from core.store.revisions import revision_of
from core.store.shelf import SHELF
from core.types import Refused
from ui import edits
from ui.components.offers.view import Made

log = logging.getLogger("gaze")
Picked = Mapping[str, str]  # what the address says that the picture alone chooses, such as its layer and head
Forms = Mapping[str, tuple[str, Callable[[Picked], bytes]]]  # what a menu calls one -> ending, and how it is made
#: Fields of questions that hold what was typed.
TYPED = ("text", "pair", "target", "source_text", "target_text", "sentence", "words", "phrases")
MOST_LINES, LONGEST_LINE = 6, 300
MARK = " @ "  # between a model and its revision
MOST_PARTS, MOST_WORDS = 8, 60


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """One thing to be taken away."""

    title: str
    forms: Forms


@dataclass(slots=True)
class Taken:
    """What a page collects while it is drawn: what can be taken away, and lines of the caption."""

    offers: dict[str, Offer] = field(default_factory=dict)
    caption: dict[str, bool] = field(default_factory=dict)


_COLLECTED: ContextVar[Taken | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[Taken]:
    """Round what draws a page: what it offers meanwhile."""
    found = Taken()
    token = _COLLECTED.set(found)
    try:
        yield found
    finally:
        _COLLECTED.reset(token)


def offer(title: str, make: Callable[[Picked], Numbers], *, again: bool = False) -> None:
    """Have the menu above the page save exact numbers; make(what the address says) gives them when wanted.

    again: in place of what was offered under this title, by a picture that grows.
    """
    if (found := _COLLECTED.get()) is not None:
        title = title if again else unlike([*found.offers, title])[-1]
        found.offers[title] = of_numbers(title, make)


def offer_files(title: str, forms: Forms) -> None:
    """Have the menu save something in forms of its own."""
    if (found := _COLLECTED.get()) is not None:
        title = unlike([*found.offers, title])[-1]
        found.offers[title] = Offer(title, forms)


def untell_models() -> None:
    """Take the models out of the caption: what is drawn was made by hand."""
    if (found := _COLLECTED.get()) is not None:
        found.caption = {line: True for line in found.caption if MARK not in line}


def retell(*lines: str) -> None:
    """Another caption: what is drawn is not of the question that the boxes ask."""
    if (found := _COLLECTED.get()) is not None:
        found.caption = dict.fromkeys(lines, True)


def tell(*lines: str) -> None:
    """Lines for the caption under a saved picture."""
    if (found := _COLLECTED.get()) is not None:
        found.caption.update(dict.fromkeys(lines, True))


def of_numbers(title: str, make: Callable[[Picked], Numbers]) -> Offer:
    """Exact numbers in every form."""

    def written(write: Callable[[Numbers], bytes]) -> Callable[[Picked], bytes]:
        return lambda picked: write(make(picked))

    return Offer(title, {name: (ending, written(write)) for name, (ending, write) in FORMS.items()})


def made(page: str, offers: Sequence[Offer], wanted: Mapping[str, Any]) -> Made:
    """The file that was asked for: {turn, title, form, query}; in words why there is none."""
    turn = int(wanted.get("turn") or 0)
    offer = next((one for one in offers if one.title == wanted.get("title")), None)
    if offer is None or wanted.get("form") not in offer.forms:
        return Made(turn, refused="The picture has changed meanwhile: open the menu again.")
    ending, make = offer.forms[str(wanted["form"])]
    query = parse_qs(str(wanted.get("query", "")).removeprefix("?"), keep_blank_values=True)
    try:
        content = make({name: values[-1] for name, values in query.items()})
    except Refused as refusal:
        return Made(turn, refused=str(refusal))
    except Exception:
        log.exception("a file could not be made")
        return Made(turn, refused="Something went wrong on our side; it was logged.")
    name = re.sub(r"[^\w.]+", "-", f"gaze {page} {offer.title}").strip("-").lower()
    return Made(turn, f"{name}.{ending}", content)


# --- the caption ------------------------------------------------------------------------------------------------------


def caption_of(question: object) -> list[str]:
    """What was asked, line by line: the texts, the models with their revisions, the edit."""
    strings = list(_strings("", question))
    texts = [text for name, text in strings if text.strip() and (name in TYPED or (not name and " " in text))]
    requests = [request for request in _parts(question) if isinstance(request, Request)]
    models = [model for request in requests for model in request.models]
    models += [text for name, text in strings if (name == "model" and text) or text in SHELF]
    edits_made = [f"Edit: {edits.in_words(part)}" for part in _parts(question) if isinstance(part, Edit)]
    named = ", ".join(with_revision(model) for model in dict.fromkeys(models))
    found = list(dict.fromkeys([*texts[:MOST_LINES], *([named] if named else []), *edits_made]))
    return [line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…" for line in found]


def with_revision(model: str) -> str:
    """A model's name and which state of it answered, as far as that has a name of its own."""
    name = model.rstrip("/").rsplit("/", 1)[-1] if model.startswith(("/", ".")) else model
    revision = [part for part in revision_of(model) if isinstance(part, str) and part]
    return f"{name}{MARK}{revision[0][:12]}" if revision else name


def _parts(value: object) -> Iterator[Any]:
    """A value and what it is made of; texts by the hundred are no caption."""
    yield value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            yield from _parts(getattr(value, part.name))
    elif isinstance(value, tuple) and len(value) <= MOST_PARTS:
        for one in value:
            yield from _parts(one)


def _strings(name: str, value: object) -> Iterator[tuple[str, str]]:
    """All texts in a question with the names of their fields; words that stand in a row are one."""
    if isinstance(value, str):
        yield name, value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            yield from _strings(part.name, getattr(value, part.name))
    elif isinstance(value, tuple) and value and all(isinstance(one, str) and one not in SHELF for one in value):
        if name not in ("source", "target"):  # words of a text that is told as it was written
            yield name, " ".join(value[:MOST_WORDS])
    elif isinstance(value, tuple) and len(value) <= MOST_PARTS:
        for one in value:
            yield from _strings(name, one)
