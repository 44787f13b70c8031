"""Zero-shot transfer: fit a probe on one language, try it on the others, and ask what explains how well it does."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.analyses.transfer import layers
from core.data.labelled import languages
from core.requests import Task, TransferRequest
from core.store.shelf import SHELF
from ui import default_models, widgets
from ui.views.transfer.controls import (
    CAREFUL,
    CAREFUL_BUILT_IN,
    PAGE,
    ask,
    choose,
    more_options,
    task_of,
    unknown_said,
)
from ui.views.transfer.factors import draw_factors
from ui.views.transfer.languages import draw_languages


def lost(asked: list[TransferRequest]) -> None:
    """Say where a tokenizer turns much of a language into unknowns."""
    for model, task in dict.fromkeys((one.model, one.task) for one in asked):
        if sentence := unknown_said(model, task):
            widgets.advice(sentence)


DRAW = {"Languages": draw_languages, "Factors": draw_factors}
TRY = {
    "Languages": "Choose layer 0, the embeddings without context: which languages fall most? Then fit on Japanese.",
    "Factors": "Centre each language: do the languages that share no piece with English catch up?",
}


def usual() -> tuple[tuple[tuple[str, int], ...], Task, str, bool]:
    """The opening question."""
    names = (default_models.usual(default_models.MBERT), default_models.usual(default_models.XLMR))
    task = task_of("Topics")
    sides = tuple((model, round(2 * layers(model) / 3)) for model in names)
    return sides, task, languages(task.sentences)[0], False


@PAGE.drawn()
def main() -> None:
    """Choose, fit, draw, explain; what cannot be fitted gets a sentence, and the last good picture stays."""
    name, sides, view, bar = choose()
    alert = st.container()

    def wanted() -> tuple[tuple[tuple[str, int], ...], Task, str, bool]:
        task = task_of(name)
        return sides, task, *more_options(task, bar)

    def answer(question: tuple) -> tuple[list[TransferRequest], str]:
        *what, centre = question
        asked = ask(*what, centre=centre)
        return asked, draw(view, asked)

    _, (asked, found) = PAGE.ask_or_last_good(wanted, answer, usual, alert=alert)
    built_in = any(one.model in SHELF and SHELF[one.model].provenance == "built in" for one in asked)
    careful = CAREFUL[view] if not built_in else f"{CAREFUL[view].split('. ')[0].rstrip('.')}. {CAREFUL_BUILT_IN}"
    widgets.notes(found, TRY[view], careful)


def draw(view: str, asked: list[TransferRequest]) -> str:
    st.html(f'<div class="gaze-output">{" ".join(widgets.badge(one.model) for one in asked)}</div>')
    with st.spinner("Fitting the probes …"):
        found = DRAW[view](asked)
    lost(asked)
    return found


st.html(Path(__file__).resolve().parents[1] / "ui" / "languages.css")
main()
