"""The gallery as thumbnails: one sheet, a button for each picture."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.components.v2.bidi_component import ComponentResult

from core.figures.thumbnails import pack_thumbnails
from ui.components.mounting import mounted

_mount = mounted("thumbnails", ("thumbnails/view",), "thumbnails/thumbnails.css")


def thumbnails_view(
    names: tuple[str, ...], chosen: str, *, key: str, on_picked: Callable[[], None] = lambda: None
) -> ComponentResult:
    """Pictures by name; .picked is the name of one that was clicked, once."""
    return _mount(key=key, data=pack_thumbnails(names, chosen), on_picked_change=on_picked)
