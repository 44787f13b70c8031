"""Next: tokens, what is expected behind each, the attention behind it, and the tree of what was tried."""

from __future__ import annotations

import streamlit as st

from core.analyses.runs import Run, read_run, run_of, write_run
from core.data.numbers import Numbers, records
from core.engine import ask
from core.measures.sampling import Distributions
from core.requests import DistributionsRequest, Sampling, TextRequest
from core.store.revisions import kept
from core.types import Refused
from ui import saving, widgets
from ui.brought import file_box
from ui.components.writer.message import branches_of, pack_writer
from ui.components.writer.view import writer_view
from ui.views.next_token.common import HEIGHT, PAGE, go_to, in_words


def draw(request: TextRequest, how: Sampling) -> tuple[str, str]:
    """The picture, with its answers to clicks; (what you see, try this)."""
    found: Distributions = ask(DistributionsRequest(request, how))
    words = PAGE.memory["words"]
    words.update({one.id: one.text for one in found.tokens})
    words.update({one.id: one.text for place in found.places for one in place.candidates})
    tried = tuple(PAGE.memory["tried"])
    height = HEIGHT if how.choosing == "greedy" else HEIGHT - 86
    event = writer_view(message(request, how, tried, tuple(sorted(words.items())), height), key=PAGE.key("writer"))
    follow(event, found)
    return see(found, how), attempt(found)


@kept
def message(
    request: TextRequest, how: Sampling, tried: tuple[tuple[int, ...], ...], words: tuple, height: int
) -> bytes:
    """The browser's message."""
    found = ask(DistributionsRequest(request, how))
    branches = branches_of(tried, request.chosen, dict(words))
    return pack_writer(found, ask(request).attentions[0], branches, height, cuts=how.choosing == "sample")


def follow(event, found: Distributions) -> None:
    """What was clicked: a candidate behind some token, or a place of the tree."""
    choose, branch = getattr(event, "choose", None), getattr(event, "branch", None)
    chosen: tuple[int, ...] = PAGE.memory["chosen"]
    if choose:
        keep = int(choose["place"]) + 1 - found.given
        if 0 <= keep <= len(chosen):
            go_to((*chosen[:keep], int(choose["id"])))
            st.rerun()
    if branch:
        go_to(tuple(int(one) for one in branch["ids"]))
        st.rerun()


def see(found: Distributions, how: Sampling) -> str:
    """What there is to see, with this text's numbers."""
    last = found.places[-1]
    best = last.candidates[0]
    if found.ended:
        return (
            f"The text ended at “{found.tokens[-1].text}”: what is expected behind it begins another text, "
            f"{last.entropy:.1f} bits. All its tokens together have a perplexity of {found.perplexity or 1:,.1f}."
        )
    sure = "is nearly sure" if best.share > 0.8 else "expects" if best.share > 0.3 else "hesitates"
    return (
        f"Behind “{found.tokens[-1].text}” the model {sure}: “{best.text}” {widgets.percent(best.share)}, "
        f"{last.entropy:.1f} bits of entropy. Chosen is {in_words(how)}."
    )


def attempt(found: Distributions) -> str:
    if len(found.tokens) == found.given:
        return "Press Step a few times, then click an unlikely candidate: where does the text go from there?"
    return "Click a token to see what else was expected there, and a candidate to go on from it: a branch of the tree."


def offer(request: TextRequest, how: Sampling) -> None:
    """The candidates of every place, and the run as a small file, to be played back without a model."""
    asked = DistributionsRequest(request, how)

    def run(_: saving.Picked) -> bytes:
        return write_run(run_of(request, ask(asked), in_words(how))).encode()

    saving.offer("Candidates", lambda _: candidates(ask(asked)))
    saving.offer_files("This run, to be played back", {"JSON": ("json", run)})


def candidates(found: Distributions) -> Numbers:
    """A row for each candidate of each place: the text before it, its share, and what the settings leave of it."""
    texts = [token.text for token in found.tokens]
    return records(
        {"place": place + 1, "behind": texts[place], "candidate": one.text, "share": one.share, "left": one.left}
        for place, step in enumerate(found.places)
        for one in step.candidates
    )


def played() -> Run | None:
    """A run that somebody brought; advice where the file is none."""
    try:
        for _, content in file_box(PAGE, st, "Play a saved run, without a model", "run", type=["json"]):
            return read_run(content)
    except Refused as refusal:
        widgets.advice(refusal)
    return None


def replay(run: Run) -> None:
    """A saved run, drawn as it was, up to a place that is chosen."""
    count = len(run.found.tokens)
    place = count
    if count > run.found.given:
        place = st.slider("Tokens", run.found.given, count, count, key=PAGE.key("played"))
    st.html(f'<div class="gaze-output">{widgets.provenance_badge("by hand", "a saved run of " + run.model)}</div>')
    writer_view(pack_writer(run.until(place), None, (), HEIGHT, cuts=False, still=True), key=PAGE.key("replay"))
