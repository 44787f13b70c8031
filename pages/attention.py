"""Attention: type a sentence, see every head of a model; edit the model and see what changes."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import pandas as pd
import streamlit as st

from core.examples import EXAMPLES, FIRST
from core.heads import MEASURES, measures
from core.languages import NAMES
from core.shelf import SHELF
from core.types import Edit, Encoding, Refused, Shown, TextRequest
from ui import edits, parts, state
from ui.components.heads_view import heads_view

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


def choose() -> tuple[dict[str, str], dict[str, object], Shown, str]:
    """The widgets above the picture: (fields of the request, of the edit, what is shown, which view)."""
    top = st.container(key="choose").columns([5.6, 2, 3, 1.5], vertical_alignment="bottom", gap="small")
    with top[2]:
        model = parts.model_picker(FAMILIES, FIRST.model, on_change=change_model)
    family = family_of(model)
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        pair, target, edit = further(family)
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
    shown = Shown(units=units or "pieces", special=st.session_state.get("special") or "show")
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


def further(family: str) -> tuple[str, str, dict[str, object]]:
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


def said_of_edit(encoding: Encoding, edit: Edit) -> str:
    return f'<div class="gaze-output">{parts.badge(encoding.model)} {escape(edits.in_words(edit))}</div>'


def toggle(event, kind: str) -> None:
    """The picture's own button switches a head off or on."""
    chosen = getattr(event, "toggle_head", None)
    if not chosen:
        return
    head = str(chosen["kind"]), int(chosen["layer"]), int(chosen["head"])
    st.session_state["_off"] = edits.switched(st.session_state.get("off", ""), kind, head)
    st.rerun()


def ask(request: TextRequest, instead: TextRequest) -> Encoding:
    """The answer; or advice in its place, and the answer to what was asked before."""
    room = st.empty()
    try:
        with room, st.spinner("Asking the model …", show_time=True):
            return state.answered(request, parts.fetch_progress(room, request.model, back_to_first))
    except Refused as refusal:
        parts.advice(refusal)
        return state.answered(instead)
    finally:
        room.empty()


def edited_answer(request: TextRequest, changes: dict[str, object], kind: str) -> tuple[Edit | None, Encoding | None]:
    """The edit that is asked for and the answer under it; nothing where there is none, or advice says why not."""
    try:
        edit = edits.edit_of(changes, kind)
    except Refused as refusal:
        parts.advice(refusal)
        return None, None
    if edit is None:
        return None, None
    edited = ask(replace(request, edit=edit), request)
    return edit, None if edited.request == request else edited


def back_to_first() -> None:
    """Stop: the model that is always here, so that the download does not begin again."""
    st.session_state.model = FIRST.model


def said(encoding: Encoding, when: str = "") -> str:
    """One line: what the model wrote or expects (before or after an edit), and where the numbers come from."""
    line = f"<small>{when}</small>" if when else ""
    if encoding.output:
        line += "" if when else "<small>writes</small>"
        line += f'<span dir="auto">{escape(encoding.output)}</span> '
    elif encoding.predictions:
        best = encoding.predictions[0]
        words = ", ".join(f"{c.text} {parts.percent(c.probability)}" for c in best.choices[:4])
        line += f"<small>{escape(best.place)}</small>{escape(words)} "
    return f'<div class="gaze-output">{line}{"" if when else parts.badge(encoding.model)}</div>'


def table(encoding: Encoding, shown: Shown) -> None:
    """Measures of all heads, sortable; the table's own menu saves it as CSV."""
    rows = []
    for attention in encoding.attentions:
        found = measures(attention, shown)
        layers, heads = attention.weights.shape[:2]
        rows += [
            {"kind": attention.kind, "layer": i + 1, "head": j + 1}
            | {MEASURES[name][0]: float(values[i, j]) for name, values in found.items()}
            for i in range(layers)
            for j in range(heads)
        ]
    help_of = {title: st.column_config.NumberColumn(help=what, format="%.3f") for title, what in MEASURES.values()}
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=HEIGHT, column_config=help_of)


def main_kind(encoding: Encoding) -> str:
    """The kind of attention a picture begins with: cross-attention where there is one."""
    return encoding.attentions[-1].kind


def picture(encoding: Encoding, shown: Shown, edited: Encoding | None) -> None:
    """Overview and one head; with an edit, before and after side by side and moving together."""
    kind = main_kind(encoding)
    start = state.telling(encoding.request, kind)
    if edited is None:
        toggle(heads_view(state.packed(encoding.request, shown, None, start), key="heads", height=HEIGHT), kind)
        return
    sides = st.columns(2, gap="medium")
    for column, name, one in zip(sides, ("before", "after"), (encoding, edited), strict=True):
        with column:
            st.html(said(one, name))
            toggle(heads_view(state.packed(one.request, shown, "pair", start), key=name, height=HEIGHT - 40), kind)


def main() -> None:
    if "_off" in st.session_state:
        st.session_state.off = st.session_state.pop("_off")
    fields, changes, shown, view = choose()
    good = st.session_state.get("_good", FIRST)
    try:
        request = TextRequest(**fields)
    except Refused as refusal:
        parts.advice(refusal)
        request = good
    encoding = ask(request, good)
    st.session_state["_good"] = encoding.request
    edit, edited = None, None
    if encoding.request == request:
        edit, edited = edited_answer(request, changes, main_kind(encoding))
    if edited is None or view != "Heads":
        st.session_state["_line"].html(said(edited or encoding))
    else:
        st.session_state["_line"].html(said_of_edit(encoding, edit))
    for remark in encoding.remarks:
        st.caption(remark)
    if view == "Table":
        table(edited or encoding, shown)
    elif view == "BertViz":
        from ui.bertviz_views import draw  # its page is large: made only when it is wanted

        draw(edited or encoding)
    else:
        picture(encoding, shown, edited)
    state.FIRST_DRAWN.set()
    parts.notes(*advised(encoding))


def advised(encoding: Encoding) -> tuple[str, str]:
    """What there is to see in this picture, and what to try."""
    looks = {example.text: example.look for example in EXAMPLES.get(family_of(encoding.request.model), ())}
    squares = "Every small square is one head: a row is a word that asks, a column a word that answers."
    if all(attention.weights.shape[:2] == (1, 1) for attention in encoding.attentions):
        squares = "One map: a row is a word being written, a column a word that was read."
        attempt = "Choose another of the recurrent models, same text: which score follows the words best?"
        return looks.get(encoding.request.text, squares), f"Point at a word, and click to hold it. {attempt}"
    return looks.get(encoding.request.text, squares), (
        "Walk through the heads with the arrows; point at a word, and click to hold it."
    )


main()
