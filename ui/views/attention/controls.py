"""What is chosen above the picture of the page Attention, and what is asked then."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.examples import EXAMPLES, FIRST, Example
from core.requests import Edit, TextRequest
from core.store.families import families_that
from core.types import Display, Refused, TextEncoding
from ui import edits, jobs, state, widgets
from ui.default_models import examples_of, family_of
from ui.language_boxes import language_boxes
from ui.session import Session

PAGE = Session("attention")
VIEWS = ("Heads", "Compare", "Cards", "Effects", "Attribution", "Lens", "Table", "BertViz")
TRANSLATORS = ("encoder-decoder", "recurrent")
FAMILIES = ("encoder-decoder", "encoder", *families_that("continue"), "recurrent")
HEIGHT = 540


def put(example: Example) -> None:
    """An example's texts into the boxes; what does not belong to it is forgotten."""
    PAGE.update(text=example.text, pair=example.pair, target="")


def change_model() -> None:
    """Another family begins with its own example; a text of the user's own stays."""
    known = {e.text for some in EXAMPLES.values() for e in some}
    if PAGE.get("text") in known:
        put(examples_of(PAGE["model"])[0])


def choose() -> tuple[dict[str, Any], dict[str, object], Display, str, DeltaGenerator]:
    """The widgets above the picture: (fields of the request and of the edit, display, view, room of a line)."""
    top = st.container(key="choose").columns([5.1, 2, 3.5, 1.5], vertical_alignment="bottom", gap="small")
    model = widgets.model_box(PAGE, top[2], FAMILIES, FIRST.model, on_change=change_model)
    family = family_of(model)
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        pair, target, edit = more_options(model, family)
        spacing, lines = white_space()
    text = text_box(top[0], examples_of(model)[0].text, lines=lines)
    with top[1]:
        language, source = language_boxes(PAGE, model)
        if not language:
            pick_example(model)
    bar = st.container(key="bar").columns([4.0, 1.6, 6.2], vertical_alignment="center", gap="small")
    view = widgets.segments(PAGE, bar[2], "View", "show", VIEWS)
    units = widgets.segments(PAGE, bar[1], "Units", "units", ["pieces", "words"])
    shown = Display(units=units, special=PAGE["special"])
    fields = {"model": model, "text": text, "pair": pair, "target": target, "language": language, "spacing": spacing}
    fields["source_language"] = source
    return fields, edit, shown, view, bar[0].empty()


def white_space() -> tuple[str, bool]:
    """How white space reaches the model, and whether the text has room for several lines."""
    spacing = widgets.spacing(
        PAGE,
        st,
        "As typed, spaces at the ends, double spaces, tabs and line breaks reach the tokenizer; "
        "tidied, words stand one space apart and letters with marks are composed.",
    )
    return spacing, widgets.toggle(PAGE, st, "Several lines", "lines")


def text_box(room: DeltaGenerator, begin: str, *, lines: bool) -> str:
    """The text, on one line or, where it is wanted or the text has several, on more."""
    if lines or "\n" in PAGE.coming("text"):
        return widgets.text_area(PAGE, room, "Text", "text", begin, height=92)
    return widgets.text_box(PAGE, room, "Text", "text", begin, live="400ms")


def pick_example(model: str) -> None:
    some = examples_of(model)
    widgets.example_box(PAGE, st, [one.text for one in some], lambda number: put(some[number]))


def more_options(model: str, family: str) -> tuple[str, str, dict[str, object]]:
    """Seldom-used choices: a second text, a target, special tokens, and the fields of an edit of the running model."""
    if family in TRANSLATORS:
        pick_example(model)
    pair = target = ""
    if family == "encoder":
        pair = widgets.text_box(PAGE, st, "Second text", "pair", titled=True, live="400ms")
    if family in TRANSLATORS:
        target = widgets.text_box(
            PAGE,
            st,
            "Target text",
            "target",
            titled=True,
            live="400ms",
            placeholder="empty: the model's own translation",
        )
    widgets.segments(
        PAGE,
        st,
        "Special tokens",
        "special",
        ["show", "hide", "renormalise"],
        titled=True,
        help="Hidden, a row keeps less than 100 %; renormalised, it is scaled back to 100 %.",
    )
    st.caption("Edit the model while it runs")
    off = widgets.text_box(
        PAGE,
        st,
        "Heads off",
        "off",
        titled=True,
        placeholder="3.5 or cross 2.1, 2.4",
        help="Layer and head, counted from 1; 'encoder', 'decoder' or 'cross' in front where there are several kinds.",
    )
    left, right = st.columns(2)
    mask = widgets.choice(PAGE, left, "Mask", "mask", ["model", "none", "causal", "local"], titled=True)
    window = widgets.number_box(PAGE, right, "Window", "window", 0, 64, 2, titled=True, disabled=mask != "local")
    temperature = widgets.slider(PAGE, st, "Temperature", "temperature", 0.1, 5.0, 1.0, step=0.1)
    scaled = widgets.toggle(PAGE, st, "Scale by 1/√d", "scaled", begin=True)
    edit = {"heads_off": off, "scaled": scaled, "temperature": temperature, "mask": mask}
    return pair, target, edit | {"window": int(window)}


def ask(request: TextRequest) -> TextEncoding:
    """The answer, with progress while the model is fetched."""
    room = st.empty()
    with jobs.asking(PAGE, room, request.model, FIRST.model) as job:
        return state.answered(request, job.progress, job.cancelled)


def edited_answer(
    request: TextRequest, changes: dict[str, object], kind: str
) -> tuple[Edit | None, TextEncoding | None]:
    """The edit that is asked for and the answer under it; nothing where there is none, or advice says why not."""
    try:
        edit = edits.edit_of(changes, kind)
        return edit, None if edit is None else ask(replace(request, edit=edit))
    except Refused as refusal:
        PAGE.refuse(refusal)
        return None, None


def main_kind(encoding: TextEncoding) -> str:
    """The kind of attention a picture begins with: cross-attention where there is one."""
    return encoding.attentions[-1].kind
