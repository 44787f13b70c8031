"""The browser half of the Attention page: every head on one canvas, one head in detail."""

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.message import with_height
from ui.components.mounting import mounted

_mount = mounted("heads")


def heads_view(payload: bytes, *, key: str, height: int = 560) -> ComponentResult:
    """Show one payload of attention maps; .toggle_head is {kind, layer, head} once, when a head is to be switched.

    .card_head is the same, when what a head does in many sentences is asked for.

    height: pixels, on a desktop.
    """
    # Without a callback of this name Streamlit drops the message.
    data = with_height(payload, height)
    return _mount(key=key, data=data, on_toggle_head_change=lambda: None, on_card_head_change=lambda: None)
