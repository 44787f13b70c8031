"""Step by step, by hand: one head from X to Z, every cell of X, the W and the mask to be edited."""

from __future__ import annotations

import math
import re

import streamlit as st

from core.analyses.by_hand import EDITABLE, Edits, Hand, with_edit, words_of, worked
from core.errors import Refused
from core.measures.inside import MASKS
from ui import widgets
from ui.components.grid.view import edited_value, grid_view
from ui.views.inside.boards import hand_board

MADE_UP = ("by hand", "made-up numbers")
SENTENCE = "The cat sat on the mat."
MOST_EDITS = 64
HEIGHT = 270
HEADS = [1, 2, 4, 8]
_EDIT = re.compile(r"([A-Z](?:_[A-Z])?)\.(\d{1,3})\.(\d{1,3})=([-+.\de]{1,16}|-inf)")


@st.fragment
def by_hand() -> None:
    """The example, with its cells to edit."""
    hand, head = chosen_hand()
    good = st.session_state.get("_hand", Hand(words_of(SENTENCE)))
    if hand is not None:
        try:
            worked(hand)
            good = hand
        except Refused as refusal:
            widgets.advice(refusal)
            keep_edits(good.edits)  # what cannot be is not kept, so that the next change begins from what is shown
    st.session_state["_hand"] = good
    changed = len(st.session_state["_edits"])
    st.html(
        widgets.provenance_badge(*MADE_UP) + (f" {changed} cell{'s' if changed > 1 else ''} changed" if changed else "")
    )
    grid_view(hand_board(good, min(head, good.heads - 1), first_step()), key="hand", height=HEIGHT, on_edit=take_edit)


def chosen_hand() -> tuple[Hand | None, int]:
    """What the widgets describe, and which head is followed; no example where advice says why."""
    if "_edits" not in st.session_state:
        st.session_state["_edits"] = read_edits(st.query_params.get("edits", ""))
    if "words" not in st.session_state and "words" not in st.query_params:
        st.session_state.words = SENTENCE
    row = st.container(key="choose").columns([4.4, 1.5, 1.5, 2.2, 1.7, 1.1], vertical_alignment="center", gap="small")
    plain = {"bind": "query-params", "label_visibility": "collapsed"}
    text = row[0].text_input("Sentence", key="words", live="400ms", **plain)
    heads = row[1].selectbox("Heads", HEADS, format_func=counted, key="heads", **plain) or 1
    some = list(range(1, heads + 1))
    head = row[2].selectbox("Head", some, format_func="head {}".format, key="of", disabled=heads == 1, **plain) or 1
    mask = row[3].selectbox("Mask", list(MASKS), format_func=masked, key="mask", **plain) or "none"
    positions = row[4].toggle("Positions", key="positions", bind="query-params")
    row[5].button("Reset", on_click=reset, disabled=not st.session_state["_edits"], width="stretch")
    try:
        words = words_of(text)
    except Refused as refusal:
        widgets.advice(refusal)
        return None, head - 1
    return Hand(words, heads, mask, positions, st.session_state["_edits"]), head - 1


def counted(heads: int) -> str:
    return "1 head" if heads == 1 else f"{heads} heads"


def masked(mask: str) -> str:
    return "no mask" if mask == "none" else mask


def first_step() -> int:
    """The step that the address asks for, counted from 1 there."""
    asked = st.query_params.get("step", "")
    return int(asked) - 1 if asked.isdecimal() and len(asked) < 4 and int(asked) else 4


def reset() -> None:
    keep_edits(())


def take_edit() -> None:
    """The board's cell was changed: keep it, and write it into the address."""
    message = st.session_state.hand.edit
    if not message or message.get("grid") not in EDITABLE:
        return
    try:
        value = edited_value(message)
    except Refused:
        return  # the board says so itself, where the cell is
    edits = with_edit(st.session_state["_edits"], message["grid"], int(message["row"]), int(message["column"]), value)
    keep_edits(edits[-MOST_EDITS:])


def keep_edits(edits: Edits) -> None:
    """Remember them, and write them into the address."""
    st.session_state["_edits"] = edits
    if edits:
        st.query_params["edits"] = write_edits(edits)
    else:
        st.query_params.pop("edits", None)


def write_edits(edits: Edits) -> str:
    """X.1.2=0.5,M.0.3=-inf"""
    return ",".join(f"{name}.{row}.{column}={value:g}" for name, row, column, value in edits)


def read_edits(text: str) -> Edits:
    """What write_edits wrote; parts that are no edit are left out."""
    found: Edits = ()
    for part in text.split(",")[:MOST_EDITS]:
        match = _EDIT.fullmatch(part)
        try:
            value = float(match[4]) if match else math.nan
        except ValueError:
            continue
        hides = match and match[1] == "M" and value == -math.inf
        if match and match[1] in EDITABLE and (math.isfinite(value) or hides):
            found = with_edit(found, match[1], int(match[2]), int(match[3]), value)
    return found
