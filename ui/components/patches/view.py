"""Where every head looks on one picture: overview, overlay, and a patch that is clicked, all in the browser."""

from collections.abc import Callable

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.mounting import mounted

_mount = mounted("patches")


def patches_view(payload: bytes, *, key: str, on_word: Callable[[], None] = lambda: None) -> ComponentResult:
    """Show one payload of patches.message; .word is the place of a token that was clicked, once, where words ask."""
    return _mount(key=key, data=payload, on_word_change=on_word)
