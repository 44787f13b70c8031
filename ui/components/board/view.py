"""The board of heads: every head of a model as a square that is clicked off and on, by one or by layer."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from core.data.numbers import records
from ui import saving
from ui.components.board.message import BoardSide, pack_board
from ui.components.mounting import mounted

__all__ = ["BoardSide", "board_view"]

_mount = mounted("board")


def board_view(
    sides: list[BoardSide], unit: str, *, key: str, turn: int = 0, still: bool = False, choosing: bool = False
) -> ComponentResult:
    """Show a board; .off is {heads: [[kind, layer, head], ...], turn} once, when the browser's choice changed.

    unit: what a value is, in words. turn: the last one received, so that an older answer undoes no newer click.
    still: nothing can be clicked; choosing: a click looks at one head, it does not switch it off.
    """
    saving.offer(unit.capitalize(), lambda _: records(rows_of(sides, unit, choosing=choosing)))
    # Without a callback of this name Streamlit drops the message.
    data = pack_board(sides, unit, turn, still=still, choosing=choosing)
    return _mount(key=key, data=data, on_off_change=lambda: None)


def rows_of(sides: list[BoardSide], unit: str, *, choosing: bool = False) -> list[dict[str, object]]:
    """A row for each head, counted from 1, with its value and, unless they are only looked at, whether it is off."""
    return [
        {
            "kind": side.kind,
            "layer": number + 1,
            "head": head + 1,
            unit: float(value),
        }
        | ({} if choosing else {"off": (number, head) in side.off})
        for side in sides
        for number, values in zip(side.numbers or range(len(side.values)), side.values, strict=True)
        for head, value in enumerate(values)
    ]
