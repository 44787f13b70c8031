"""A patch that is clicked, and the patches of two pictures that are like it, beside where it attends."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.alike.message import AlikeMaps, pack_alike
from ui.components.mounting import mounted

__all__ = ["AlikeMaps", "alike_view", "pack_alike"]

_mount = mounted("alike")


def alike_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of pack_alike; it tells the page nothing."""
    return _mount(key=key, data=payload)
