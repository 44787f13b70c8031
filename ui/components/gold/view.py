"""Two sentences whose words are linked by clicks or keys."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.gold.message import gold_payload
from ui.components.message import with_height
from ui.components.mounting import mounted

__all__ = ["gold_payload", "gold_view"]

_mount = mounted("gold")


def gold_view(payload: bytes, *, key: str, height: int = 420) -> ComponentResult:
    """Show a pair; .linked is {place, sure, possible, turn, step} once, when a link changed or another pair is wanted.

    step: 0, or -1 or 1 for the pair before or behind this one.
    """
    data = with_height(payload, height)
    # Without a callback of this name Streamlit drops the message.
    return _mount(key=key, data=data, on_linked_change=lambda: None)
