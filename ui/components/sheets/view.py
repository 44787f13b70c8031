"""Handed-in lab sheets side by side: the browser reads them, and nothing of them comes here."""

from __future__ import annotations

from ui.components.message import pack
from ui.components.mounting import mounted

_mount = mounted("sheets")


def sheets_view(height: int, *, key: str) -> None:
    """Show where files are opened and what is in them; height: pixels, on a laptop's screen."""
    _mount(key=key, data=pack({"height": height}))
