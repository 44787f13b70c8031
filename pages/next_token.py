"""Next token: what a decoder expects behind every token, and what happens when somebody else chooses."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from core.engine import ask
from core.requests import ContinuationRequest, DistributionsRequest, Sampling, TextRequest
from core.types import Refused
from ui import along, default_models, jobs, widgets
from ui.views.next_token import hero, others
from ui.views.next_token.common import FIRST, PAGE, begin, go_to, settled
from ui.views.next_token.controls import STEPS, choose

#: View -> (what is chosen for it alone, what draws it); Next is drawn with how the next token is chosen.
VIEWS: dict[str, tuple[Callable[[], Any], Callable[[TextRequest, Any], tuple[str, str]]]] = {
    "Next": (lambda: None, hero.draw),
    "Heads": (lambda: None, others.heads),
    "Lens": (lambda: None, others.lens),
    "Beam": (others.choose_beams, others.beam),
    "Kept": (lambda: None, others.kept),
    "Two models": (others.choose_second, others.two),
}
CAREFUL = {
    "Next": "A likely token is not a true one, and a row of attention is no reason: switch heads off on Attention.",
    "Heads": widgets.CAREFUL,
    "Lens": "Only the last layer was trained to be read like this: an early row may say nothing, and be of use.",
    "Beam": "A likelier text is not a better one: beams like short and common texts, and open ends get dull.",
    "Kept": "Times are of this machine, now, and for one text; memory and counts are exact.",
    "Two models": "Two models may cut the text into other pieces: then compare words, not numbers.",
}


def act(pressed: str, request: TextRequest, how: Sampling) -> None:
    """Do what a button asks; the page is drawn anew with the text that follows."""
    if not pressed:
        return
    chosen: tuple[int, ...] = request.chosen
    if pressed == "Back":
        go_to(chosen[:-1])
    elif pressed == "Anew":
        go_to(())
    elif pressed == "Step":
        go_to((*chosen, ask(DistributionsRequest(request, how)).next))
    else:
        play(request, how)
    st.rerun()


def play(request: TextRequest, how: Sampling) -> None:
    """Write on, token by token before everybody's eyes; what was written when somebody stops it stays."""
    from core.models.tokenizer import open_tokenizer

    room, line = st.empty(), st.empty()
    tokenizer = open_tokenizer(request.model)
    jobs.go_on(PAGE, "play")
    with jobs.job(PAGE, room, "Writing", "play", mark=request) as job:

        def told(done: int, total: int, ids: tuple[int, ...] = ()) -> None:
            PAGE.memory["so far"] = ids
            text = tokenizer.decode([*request.chosen, *ids])
            line.html(f'<div class="gaze-output">{escape(request.text)}<b>{escape(text)}</b></div>')
            job.progress(done, total)

        found = ask(ContinuationRequest(request, how, STEPS), told, job.cancelled)
    PAGE.memory.pop("so far", None)
    if not found.ids:
        raise Refused("The text is as long as the model reads: nothing can follow. Press Anew, or shorten it.")
    go_to((*request.chosen, *found.ids))


def first() -> TextRequest:
    """The opening question."""
    return TextRequest(default_models.usual(default_models.GPT), FIRST.text)


@PAGE.drawn()
def main() -> None:
    """Choose, ask, draw, explain; what cannot be asked gets a sentence, and the last good picture stays."""
    begin()
    make, how, view, pressed = choose()
    place = st.container()
    choosing, show = VIEWS[view]
    chosen = choosing()
    fresh: list[TextRequest] = []

    def question() -> TextRequest:
        fresh.append(settled(make()))
        return fresh[0]

    def draw(one: TextRequest) -> tuple[str, str]:
        if one in fresh:  # not of a picture from before
            act(pressed, one, how)
        return show(one, how if view == "Next" else chosen)

    asked, (see, attempt) = PAGE.ask_or_last_good(question, draw, first, view, place)
    widgets.notes(see, attempt, CAREFUL[view])
    along.links(PAGE, asked.text, asked.model)
    hero.offer(asked, how)
    with st.expander("Play back a saved run"):
        run = hero.played()
        if run is not None:
            hero.replay(run)


st.html(Path(__file__).resolve().parents[1] / "ui" / "languages.css")
main()
