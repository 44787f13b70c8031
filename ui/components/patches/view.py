"""Where every head looks on one picture: overview, overlay, and a patch that is clicked, all in the browser."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

PARTS = (
    "shared/ink", "shared/life", "shared/routes", "patches/decode", "patches/colours", "patches/paint",
    "patches/overview", "patches/address", "patches/ask", "patches/elements", "patches/view",
)  # fmt: skip

_mount = mounted("patches", PARTS, "patches/patches.css")


def patches_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of core.figures.patches; it tells the page nothing."""
    return _mount(key=key, data=payload)
