"""The board of heads: every head of a model as a square that is clicked off and on, by one or by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from streamlit.components.v2.bidi_component import ComponentResult

from core.errors import Refused
from ui.components.mounting import mounted

MOST_HEADS = 2_000

# Without a callback of this name Streamlit drops the message.
_mount = mounted("board", ("board/board",), "board/board.css")


@dataclass(frozen=True, slots=True, eq=False)
class BoardSide:
    """The heads of one kind."""

    kind: str
    values: np.ndarray  # [layer, head], coloured: orange below 0, blue above
    off: frozenset[tuple[int, int]] = frozenset()  # (layer, head), counted from 0


def board_view(sides: list[BoardSide], unit: str, *, key: str, turn: int = 0, still: bool = False) -> ComponentResult:
    """Show a board; .off is {heads: [[kind, layer, head], ...], turn} once, when the browser's choice changed.

    unit: what a value is, in words. turn: the last one received, so that an older answer undoes no newer click.
    still: nothing can be clicked.
    """
    if sum(side.values.size for side in sides) > MOST_HEADS:
        raise Refused(f"The board shows up to {MOST_HEADS:,} heads: choose a smaller model.")
    most = max(float(np.nanmax(np.abs(side.values), initial=0.0)) for side in sides)
    data = {
        "unit": unit,
        "most": most or 1.0,
        "turn": turn,
        "still": still,
        "sides": [
            {
                "kind": side.kind,
                "values": [[float(value) for value in row] for row in np.nan_to_num(side.values)],
                "off": sorted(side.off),
            }
            for side in sides
        ],
    }
    return _mount(key=key, data=data, on_off_change=lambda: None)
