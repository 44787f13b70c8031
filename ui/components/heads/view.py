"""The browser half of the Attention page: every head on one canvas, one head in detail."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

PARTS = (
    "shared/ink", "shared/routes", "heads/decode", "heads/colour", "heads/layout", "heads/facts", "heads/address",
    "heads/exact", "heads/scale", "heads/overview", "heads/heatmap", "heads/heatmap_hand", "heads/lines", "heads/text",
    "heads/strips", "heads/bar", "heads/save", "heads/draw", "heads/view",
)  # fmt: skip


# Without a callback of this name Streamlit drops the message.
_mount = mounted("heads", PARTS, "heads/heads.css")


def heads_view(payload: bytes, *, key: str, height: int = 560) -> ComponentResult:
    """Show one payload of attention maps; .toggle_head is {kind, layer, head} once, when a head is to be switched.

    The height (pixels, desktop only) travels as the last four bytes, behind the maps.
    """
    data = payload + height.to_bytes(4, "little")
    return _mount(key=key, data=data, on_toggle_head_change=lambda: None)
