"""Zero-shot transfer: fit a probe on one language, try it on the others, and ask what explains how well it does."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.analyses.transfer import (
    TransferRequest,
    layers,
    unknown,
)
from core.data.labelled import languages
from core.errors import Refused
from core.store.shelf import SHELF, card_for
from ui import default_models, widgets
from ui.views.transfer.controls import (
    CAREFUL,
    CAREFUL_BUILT_IN,
    LOST,
    ask,
    choose,
    more_options,
    name_of,
    task_of,
)
from ui.views.transfer.factors import draw_factors
from ui.views.transfer.languages import draw_languages


def lost(asked: list[TransferRequest]) -> None:
    """Say where a tokenizer turns much of a language into unknowns."""
    for one in asked:
        for code, share in unknown(one.model, one.task).items():
            if share >= LOST:
                title = card_for(one.model).title
                widgets.advice(
                    f"{widgets.percent(share)} of the {name_of(code)} pieces are unknown to {title}: to it these "
                    "sentences say little. Take the language out, or choose another model."
                )


DRAW = {"Languages": draw_languages, "Factors": draw_factors}
TRY = {
    "Languages": "Choose layer 0, the embeddings without context: which languages fall most? Then fit on Japanese.",
    "Factors": "Centre each language: do the languages that share no piece with English catch up?",
}


@st.fragment
def lesson() -> None:
    """Choose, fit, draw, explain; what cannot be fitted gets a sentence, and the last good picture stays."""
    name, sides, view, bar = choose()
    alert = st.container()
    names = (default_models.usual(default_models.MBERT), default_models.usual(default_models.XLMR))
    usual = ("Topics", tuple((model, round(2 * layers(model) / 3)) for model in names), None)
    good = st.session_state.get("_good transfer", usual)
    for choice in ((name, sides, None), good, usual):
        try:
            task = choice[2] or task_of(choice[0])
            source, centre = more_options(task, bar) if choice[0] == name and choice[2] is None else (None, False)
            asked = ask(choice[1], task, source or languages(task.sentences)[0], centre)
            found = draw(view, asked)
            break
        except Refused as refusal:
            if choice[:2] == (name, sides):
                with alert:
                    widgets.advice(refusal)
    else:
        return
    st.session_state["_good transfer"] = (choice[0], choice[1], task)
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
lesson()
