"""The board of heads: every head of a model as a square that is clicked off and on, by one or by layer."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

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
    # Without a callback of this name Streamlit drops the message.
    data = pack_board(sides, unit, turn, still=still, choosing=choosing)
    return _mount(key=key, data=data, on_off_change=lambda: None)
