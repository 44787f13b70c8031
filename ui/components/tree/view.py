"""Beam search as a tree: a column a step, a line from each token to those that followed it, the best texts below."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("tree")


def tree_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show a tree; .text is {index} once, when somebody clicked a whole text."""
    # Without a callback of this name Streamlit drops the message.
    return _mount(key=key, data=payload, on_text_change=lambda: None)
