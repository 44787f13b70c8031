"""One sentence pair in two models: a similarity matrix of each, and the lines of both between the same words."""

from __future__ import annotations

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.message import with_height
from ui.components.mounting import mounted
from ui.components.pair.message import Label, PairSide, pair_payload

__all__ = ["Label", "PairSide", "pair_payload", "pair_view"]

_mount = mounted("pair")


def pair_view(payload: bytes, *, key: str, height: int = 500) -> ComponentResult:
    """Show a pair. height: pixels of the whole on a wide screen."""
    return _mount(key=key, data=with_height(payload, height))
