"""A matrix of cosines with pictures and texts at its edges; scale, softmax and losses follow the hand at once."""

from streamlit.components.v2.bidi_component import ComponentResult

from core.data.numbers import Numbers, matrix
from ui import saving
from ui.components.message import unpack
from ui.components.mounting import mounted

_mount = mounted("contrast")


def contrast_view(payload: bytes, *, key: str) -> ComponentResult:
    """Show one payload of contrast.message; .text is {row, text} once, when somebody wrote another text."""
    saving.offer("Cosines", lambda _: cosines_of(payload))
    return _mount(key=key, data=payload, on_text_change=lambda: None)


def cosines_of(payload: bytes) -> Numbers:
    """The matrix, its rows and columns named by their texts."""
    header, arrays = unpack(payload)
    rows, columns = ([edge["text"] for edge in header[side]] for side in ("rows", "columns"))
    return matrix(header["names"][0], rows, columns, arrays["cosines"])
