"""Where every head looks on one picture: overview, overlay, and a patch that is clicked, all in the browser."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("patches")


def patches_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of patches.message; it tells the page nothing."""
    return _mount(key=key, data=payload)
