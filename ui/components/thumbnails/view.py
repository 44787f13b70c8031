"""The gallery as thumbnails: one sheet, a button for each picture."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted
from ui.components.thumbnails.message import pack_thumbnails

_mount = mounted("thumbnails")


def thumbnails_view(
    names: tuple[str, ...], chosen: str, *, key: str, on_picked: Callable[[], None] = lambda: None
) -> ComponentResult:
    """Pictures by name; .picked is the name of one that was clicked, once."""
    return _mount(key=key, data=pack_thumbnails(names, chosen), on_picked_change=on_picked)
