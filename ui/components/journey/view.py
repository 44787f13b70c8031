"""A text's way through a whole model, stop by stop: tokens, vectors, positions, layers, guess."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("journey")


def journey_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show a way; .go is {stop, layer, head, side} once, when somebody asked for the page of a stop."""
    # Without a callback of this name Streamlit drops the message.
    return _mount(key=key, data=payload, on_go_change=lambda: None)
