"""The browser half of the Attention page: every head on one canvas, one head in detail."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.bidi_component import ComponentResult

HERE = Path(__file__).parent / "heads"
# Joined in this order into one module; only the last file exports.
PARTS = (
    "decode", "colour", "layout", "facts", "address", "exact", "scale", "overview",
    "heatmap", "heatmap_hand", "lines", "text", "strips", "bar", "save", "draw", "view",
)  # fmt: skip


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _bare(script: str) -> str:
    """Without indents and lines of remarks: Streamlit sends the script along with every first picture."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


# Without a callback of this name Streamlit drops the message.
_mount = st.components.v2.component(
    "gaze_heads",
    html='<div class="gaze-heads"></div>',
    css=_read("heads.css"),
    js=_bare("\n".join(_read(f"{part}.js") for part in PARTS)),
)


def heads_view(payload: bytes, *, key: str, height: int = 560) -> ComponentResult:
    """Show one payload of attention maps; .toggle_head is {kind, layer, head} once, when a head is to be switched.

    The height (pixels, desktop only) travels as the last four bytes, behind the maps.
    """
    data = payload + height.to_bytes(4, "little")
    return _mount(key=key, data=data, on_toggle_head_change=lambda: None)
