"""The hero of Next token: tokens, what comes behind each, the attention row of that place, and what was tried."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("writer")


def writer_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show a text in the making; .choose is {place, id}, .branch {ids} once, when somebody clicked one."""
    # Without a callback of this name Streamlit drops the message.
    return _mount(key=key, data=payload, on_choose_change=lambda: None, on_branch_change=lambda: None)
