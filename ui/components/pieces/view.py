"""Texts as tokenizers cut them, side by side in the browser: pieces, ids, and the same piece wherever it occurs."""

from __future__ import annotations

from collections.abc import Sequence

from streamlit.components.v2.bidi_component import ComponentResult

from core.measures.tokenizers import Tokenized
from core.models.tokenizer import Reader
from ui.components.message import pack
from ui.components.mounting import mounted
from ui.components.pieces.message import pieces_data

_mount = mounted("pieces")


def pieces_view(
    readers: Sequence[Reader], rows: Sequence[Sequence[Tokenized]], *, key: str, height: int
) -> ComponentResult:
    """Show rows[text][tokenizer]; height: pixels before the texts scroll."""
    return _mount(key=key, data=pack(pieces_data(readers, rows, height)))
