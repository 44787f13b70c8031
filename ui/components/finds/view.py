"""Pictures that a search found, each with its name and cosine; one that is clicked becomes the next question."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("finds")


def finds_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of finds.message; .picked is the name of a picture that was clicked, once."""
    return _mount(key=key, data=payload, on_picked_change=lambda: None)
