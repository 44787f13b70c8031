"""What is chosen above the picture of the page Attention, and what is asked then."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.data.examples import EXAMPLES, FIRST
from core.data.languages import NAMES
from core.errors import Refused
from core.requests import Edit, TextRequest
from core.store.shelf import SHELF
from core.types import Display, Encoding
from ui import edits, state, widgets

TRANSLATORS = ("encoder-decoder", "recurrent")


FAMILIES = ("encoder-decoder", "encoder", "decoder", "recurrent")


HEIGHT = 540


def family_of(model: str) -> str:
    return SHELF[model].family if model in SHELF else "encoder"


def use_example(family: str) -> None:
    """Put the chosen example into the text boxes, and forget what does not belong to it."""
    number = st.session_state.example
    if number is not None:
        st.session_state.example = None  # else the browser would choose it again with the next change
        example = EXAMPLES[family][number]
        st.session_state.text, st.session_state.pair, st.session_state.target = example.text, example.pair, ""


def change_model() -> None:
    """Another family begins with its own example; a text of the user's own stays."""
    known = {e.text for some in EXAMPLES.values() for e in some}
    if st.session_state.get("text") in known:
        example = EXAMPLES[family_of(st.session_state.model)][0]
        st.session_state.text, st.session_state.pair, st.session_state.target = example.text, example.pair, ""


def choose() -> tuple[dict[str, str], dict[str, object], Display, str]:
    """The widgets above the picture: (fields of the request, of the edit, what is shown, which view)."""
    top = st.container(key="choose").columns([5.6, 2, 3, 1.5], vertical_alignment="bottom", gap="small")
    with top[2]:
        model = widgets.model_picker(FAMILIES, FIRST.model, on_change=change_model)
    family = family_of(model)
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        pair, target, edit = more_options(family)
    with top[0]:
        if "text" not in st.session_state and "text" not in st.query_params:
            st.session_state.text = EXAMPLES[family][0].text
        text = st.text_input(
            "Text",
            key="text",
            bind="query-params",
            live="400ms",
            label_visibility="collapsed",
        )
    with top[1]:
        languages = SHELF[model].languages if model in SHELF else ()
        language = ""
        if languages:
            names = {NAMES.get(code, code): code for code in languages}
            into = st.selectbox(
                "Into",
                list(names),
                key="into",
                bind="query-params",
                label_visibility="collapsed",
            )
            language = names.get(into, languages[0])
        else:
            pick_example(family)
    bar = st.container(key="bar").columns([6.4, 2.4, 3.2], vertical_alignment="center", gap="small")
    with bar[2]:
        view = st.segmented_control(
            "View",
            ["Heads", "Table", "BertViz"],
            default="Heads",
            required=True,
            key="show",
            bind="query-params",
            label_visibility="collapsed",
        )
    with bar[1]:
        units = st.segmented_control(
            "Units",
            ["pieces", "words"],
            default="pieces",
            required=True,
            key="units",
            bind="query-params",
            label_visibility="collapsed",
        )
    st.session_state["_line"] = bar[0].empty()
    shown = Display(units=units or "pieces", special=st.session_state.get("special") or "show")
    return {"model": model, "text": text, "pair": pair, "target": target, "language": language}, edit, shown, view


def pick_example(family: str) -> None:
    some = EXAMPLES[family]
    st.selectbox(
        "Example",
        range(len(some)),
        index=None,
        format_func=lambda i: some[i].text,
        placeholder="Examples",
        key="example",
        on_change=use_example,
        args=(family,),
        label_visibility="collapsed",
    )


def more_options(family: str) -> tuple[str, str, dict[str, object]]:
    """Seldom-used choices: a second text, a target, special tokens, and the fields of an edit of the running model."""
    if family in TRANSLATORS:
        pick_example(family)
    pair = target = ""
    if family == "encoder":
        pair = st.text_input("Second text", key="pair", bind="query-params", live="400ms")
    if family in TRANSLATORS:
        target = st.text_input(
            "Target text",
            key="target",
            bind="query-params",
            live="400ms",
            placeholder="empty: the model's own translation",
        )
    st.segmented_control(
        "Special tokens",
        ["show", "hide", "renormalise"],
        default="show",
        required=True,
        key="special",
        bind="query-params",
        help="Hidden, a row keeps less than 100 %; renormalised, it is scaled back to 100 %.",
    )
    st.caption("Edit the model while it runs")
    off = st.text_input(
        "Heads off",
        key="off",
        bind="query-params",
        placeholder="3.5 or cross 2.1, 2.4",
        help="Layer and head, counted from 1; 'encoder', 'decoder' or 'cross' in front where there are several kinds.",
    )
    left, right = st.columns(2)
    mask = left.selectbox("Mask", ["model", "none", "causal", "local"], key="mask", bind="query-params")
    window = right.number_input("Window", 0, 64, 2, key="window", bind="query-params", disabled=mask != "local")
    temperature = st.slider("Temperature", 0.1, 5.0, 1.0, 0.1, key="temperature", bind="query-params")
    scaled = st.toggle("Scale by 1/√d", True, key="scaled", bind="query-params")
    edit = {"heads_off": off, "scaled": scaled, "temperature": temperature, "mask": mask or "model"}
    return pair, target, edit | {"window": int(window)}


def ask(request: TextRequest, instead: TextRequest) -> Encoding:
    """The answer; or advice in its place, and the answer to what was asked before."""
    room = st.empty()
    try:
        with room, st.spinner("Asking the model …", show_time=True):
            return state.answered(request, widgets.fetch_progress(room, request.model, back_to_first))
    except Refused as refusal:
        widgets.advice(refusal)
        return state.answered(instead)
    finally:
        room.empty()


def edited_answer(request: TextRequest, changes: dict[str, object], kind: str) -> tuple[Edit | None, Encoding | None]:
    """The edit that is asked for and the answer under it; nothing where there is none, or advice says why not."""
    try:
        edit = edits.edit_of(changes, kind)
    except Refused as refusal:
        widgets.advice(refusal)
        return None, None
    if edit is None:
        return None, None
    edited = ask(replace(request, edit=edit), request)
    return edit, None if edited.request == request else edited


def back_to_first() -> None:
    """Stop: the model that is always here, so that the download does not begin again."""
    st.session_state.model = FIRST.model


def main_kind(encoding: Encoding) -> str:
    """The kind of attention a picture begins with: cross-attention where there is one."""
    return encoding.attentions[-1].kind
