"""What stands round every page in the browser: its name, undo and redo, projector mode, the height of its picture."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("frame")


def frame_view(page: str, title: str) -> ComponentResult:
    """Show the row above a page.

    page: its name in the address; title: as people read it. .travelled is {page, query, turn} once, when somebody went
    back or forward in the browser's history: the address that is shown now.
    """
    # Without a callback of this name Streamlit drops the message.
    return _mount(key="gaze-frame", data={"page": page, "title": title}, on_travelled_change=lambda: None)
