"""Step by step, by hand: one head from X to Z, every cell of X, the W and the mask to be edited."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import streamlit as st

from core.analyses.by_hand import EDITABLE, Edits, Hand, with_edit, words_of, worked
from core.measures.inside import MASKS
from core.types import Refused
from ui import widgets
from ui.components.grid.view import edited_value, grid_view
from ui.views.inside.boards import hand_board
from ui.views.inside.common import MADE_UP, PAGE, SENTENCE, sentence_box

MOST_EDITS = 64
HEIGHT = 270
HEADS = [1, 2, 4, 8]
_EDIT = re.compile(r"([A-Z](?:_[A-Z])?)\.(\d{1,3})\.(\d{1,3})=([-+.\de]{1,16}|-inf)")


def by_hand() -> None:
    """The example, with its cells to edit."""
    hand, head = chosen_hand()
    good, _ = PAGE.ask_or_last_good(hand, worked, lambda: Hand(words_of(SENTENCE)), "hand")
    if good.edits != edits():
        PAGE.memory["edits"] = good.edits  # what cannot be is not kept: the next change begins from what is shown
    PAGE.note("edits", [write_edits(good.edits)] if good.edits else [])
    changed = len(good.edits)
    st.html(
        widgets.provenance_badge(*MADE_UP) + (f" {changed} cell{'s' if changed > 1 else ''} changed" if changed else "")
    )
    grid_view(
        hand_board(good, min(head, good.heads - 1), first_step()),
        key=PAGE.key("board"),
        height=HEIGHT,
        on_edit=take_edit,
    )


def edits() -> Edits:
    """The cells that were changed; at first those that the address names."""
    asked = PAGE.asked("edits")
    if asked is not None or "edits" not in PAGE.memory:
        PAGE.memory["edits"] = read_edits(asked or "")
    return PAGE.memory["edits"]


def chosen_hand() -> tuple[Callable[[], Hand], int]:
    """What makes the example that the widgets describe (Refused: why it cannot be), and which head is followed."""
    row = st.container(key="choose").columns([4.4, 1.5, 1.5, 2.2, 1.7, 1.1], vertical_alignment="center", gap="small")
    text = sentence_box(row[0])
    heads = widgets.choice(PAGE, row[1], "Heads", "heads", HEADS, format_func=counted)
    some = list(range(1, heads + 1))
    head = widgets.choice(PAGE, row[2], "Head", "of", some, format_func="head {}".format, disabled=heads == 1)
    mask = widgets.choice(PAGE, row[3], "Mask", "mask", list(MASKS), "none", format_func=masked)
    positions = widgets.toggle(PAGE, row[4], "Positions", "positions")
    row[5].button("Reset", on_click=reset, disabled=not edits(), key=PAGE.key("reset hand"), width="stretch")
    return lambda: Hand(words_of(text), heads, mask, positions, edits()), head - 1


def counted(heads: int) -> str:
    return "1 head" if heads == 1 else f"{heads} heads"


def masked(mask: str) -> str:
    return "no mask" if mask == "none" else mask


def first_step() -> int:
    """The step that the address asks for, counted from 1 there."""
    if "step" not in PAGE.memory:
        PAGE.memory["step"] = PAGE.asked("step") or ""
    asked = PAGE.memory["step"]
    return int(asked) - 1 if asked.isdecimal() and len(asked) < 4 and int(asked) else 4


def reset() -> None:
    PAGE.memory["edits"] = ()


def take_edit() -> None:
    """The board's cell was changed: keep it."""
    message = PAGE["board"].edit
    if not message or message.get("grid") not in EDITABLE:
        return
    try:
        value = edited_value(message)
    except Refused:
        return  # the board says so itself, where the cell is
    changed = with_edit(edits(), message["grid"], int(message["row"]), int(message["column"]), value)
    PAGE.memory["edits"] = changed[-MOST_EDITS:]


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
