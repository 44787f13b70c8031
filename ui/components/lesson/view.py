"""The panel of a lesson, which stays beside whatever page a step shows; nothing is seen where none runs."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("lesson")


def lesson_view() -> ComponentResult:
    """Show the panel; .led is {page, query} once, when a step leads to another page."""
    # Without a callback of this name Streamlit drops the message.
    return _mount(key="gaze-lesson", data={}, on_led_change=lambda: None)
