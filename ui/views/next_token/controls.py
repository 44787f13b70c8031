"""What is chosen above the picture of Next token: the text, the model, how it chooses, and the steps."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.data.examples import EXAMPLES
from core.requests import Form, Sampling, TextRequest
from core.store.families import families_that
from ui import default_models, edits, widgets
from ui.views.next_token.common import FIRST, PAGE

STEPS = 20
VIEWS = ("Next", "Heads", "Lens", "Beam", "Kept", "Two models")
BEGINNINGS = (FIRST.text, *(one.text for one in EXAMPLES["decoder"]), "I would like to", "Once upon a time")


def put(number: int) -> None:
    PAGE["text"] = BEGINNINGS[number]


def choose() -> tuple[Callable[[], TextRequest], Sampling, str, str]:
    """The widgets above the picture: (what makes the text, how the next token is chosen, view, button)."""
    top = st.container(key="choose").columns([5.2, 1.7, 2.6, 1.3], vertical_alignment="bottom", gap="small")
    text = widgets.text_box(PAGE, top[0], "Text", "text", FIRST.text, live="400ms")
    widgets.example_box(PAGE, top[1], BEGINNINGS, put)
    model = widgets.model_box(PAGE, top[2], families_that("continue"), default_models.usual(default_models.GPT))
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        form, changes = more()
    bar = st.container(key="bar").columns([5.0, 3.6, 2.6], vertical_alignment="center", gap="small")
    view = widgets.segments(PAGE, bar[0], "View", "show", VIEWS)
    pressed = buttons(bar[1])
    choosing = widgets.segments(PAGE, bar[2], "Choosing", "choosing", ("greedy", "sample"))

    def made() -> TextRequest:
        return TextRequest(model, text, edit=edits.edit_of(changes, "decoder"), form=form)

    return made, settings(choosing), view, pressed


def more() -> tuple[Form, dict[str, object]]:
    """Seldom-used choices: the form of the text, and fields of an edit of the running model."""
    form = widgets.segments(
        PAGE,
        st,
        "Form",
        "form",
        ("text", "chat"),
        titled=True,
        help="Chat puts the text inside the marks with which an instruction model was trained: they are tokens too.",
    )
    names = {"model": "causal, as trained", "none": "none: tokens look ahead"}
    mask = widgets.segments(PAGE, st, "Mask", "mask", list(names), titled=True, format_func=names.get)
    off = widgets.text_box(
        PAGE, st, "Heads off", "off", titled=True, placeholder="3.5, 2.1", help="Layer and head, counted from 1."
    )
    return form, {"heads_off": off, "scaled": True, "temperature": 1.0, "mask": mask, "window": 2}


def buttons(room) -> str:
    """Back, Step, Play and Anew; the one that was pressed."""
    said = {"Back": "Take the last token back", "Step": "Choose one token", "Play": f"Choose {STEPS} tokens"}
    said["Anew"] = "Back to what was typed; what was tried stays"
    pressed = ""
    row = room.container(horizontal=True, gap="small")
    for name, help in said.items():
        if row.button(name, key=PAGE.key(f"do {name}"), help=help):
            pressed = name
    return pressed


def settings(choosing: str) -> Sampling:
    """How the next token is drawn; a row of sliders where it is."""
    if choosing == "greedy":
        return Sampling()
    row = st.container(key="sliders").columns(6, vertical_alignment="bottom", gap="medium")
    temperature = widgets.slider(
        PAGE, row[0], "Temperature", "temperature", 0.0, 2.0, 1.0, step=0.05, help="Below 1 the likely gain."
    )
    top_k = widgets.slider(PAGE, row[1], "top-k", "top_k", 0, 100, 0, help="So many of the likeliest; 0: all.")
    top_p = widgets.slider(
        PAGE, row[2], "top-p", "top_p", 0.05, 1.0, 1.0, step=0.05, help="The fewest that reach this share together."
    )
    min_p = widgets.slider(
        PAGE, row[3], "min-p", "min_p", 0.0, 0.5, 0.0, step=0.01, help="At least this share of the likeliest one's."
    )
    penalty = widgets.slider(
        PAGE, row[4], "Penalty", "penalty", 1.0, 2.0, 1.0, step=0.05, help="Tokens that stand there already lose."
    )
    seed = widgets.number_box(PAGE, row[5], "Seed", "seed", 1, 9_999, 1, titled=True, help="Another seed draws anew.")
    return Sampling("sample", penalty, temperature, int(top_k), top_p, min_p, int(seed))
