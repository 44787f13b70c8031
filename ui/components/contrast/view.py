"""A matrix of cosines with pictures and texts at its edges; scale, softmax and losses follow the hand at once."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("contrast")


def contrast_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of contrast.message; .text is {row, text} once, when somebody wrote another text."""
    return _mount(key=key, data=payload, on_text_change=lambda: None)
