"""One sentence at work, three doors, the lessons, and where this browser was lately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.message import pack
from ui.components.mounting import mounted

_mount = mounted("start")


def sentence_view(read: Sequence[str], written: Sequence[str], weights: np.ndarray, *, key: str) -> None:
    """Show what each written word takes from those that were read, word after word; weights [written, read]."""
    header = {"read": list(read), "written": list(written)}
    _mount(key=key, data=pack(header, {"weights": weights.astype(np.float32)}))


def doors_view(doors: Sequence[dict[str, Any]], lessons: Sequence[dict[str, Any]], *, key: str) -> ComponentResult:
    """Show the ways on; .gone is {page, query} once, when somebody opens a door.

    doors: {title, says, icon, page, query, types} each, types: one comes to type, so that the text there is under the
    fingers; lessons as the list of lessons has them.
    """
    # Without a callback of this name Streamlit drops the message.
    return _mount(key=key, data=pack({"doors": list(doors), "lessons": list(lessons)}), on_gone_change=lambda: None)
