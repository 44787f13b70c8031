"""Matrices in the browser: labelled, coloured, editable cell by cell, with steps and each sum written out."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.components.v2.bidi_component import ComponentResult

from core.data.numbers import Numbers, maps
from ui import saving
from ui.components.grid.message import Grid, Rule, Step, edited_value, grid_payload
from ui.components.message import unpack, with_height
from ui.components.mounting import mounted

__all__ = ["Grid", "Rule", "Step", "edited_value", "grid_payload", "grid_view"]

_mount = mounted("grid")
ROWS = ("row", "column")


def grid_view(
    payload: bytes, *, key: str, height: int = 300, on_edit: Callable[[], None] | None = None
) -> ComponentResult:
    """Show a board; .edit is {grid, row, column, value} once, when a cell was changed (value null: -inf).

    height: pixels that the rows of a grid may take before they scroll.
    """
    saving.offer("Numbers", lambda _: numbers_of(payload))
    # Without a callback of this name Streamlit drops the message.
    return _mount(key=key, data=with_height(payload, height), on_edit_change=on_edit or (lambda: None))


def numbers_of(payload: bytes) -> Numbers:
    """All matrices of a board."""
    header, arrays = unpack(payload)
    return maps([(one["name"], one["rows"], one["columns"], arrays[one["name"]]) for one in header["grids"]], ROWS)
