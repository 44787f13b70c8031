"""One sentence at work, three doors, the lessons, and where this browser was lately."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.message import pack
from ui.components.mounting import mounted

_mount = mounted("start")


def start_view(
    read: Sequence[str], written: Sequence[str], weights: np.ndarray, doors: Sequence[dict[str, Any]],
    lessons: Sequence[dict[str, Any]], *, key: str,
) -> ComponentResult:  # fmt: skip
    """Show them; .gone is {page, query} once, when somebody opens a door.

    weights: [written, read], shares; doors: {title, says, icon, page, query} each.
    """
    header = {"read": list(read), "written": list(written), "doors": list(doors), "lessons": list(lessons)}
    message = pack(header, {"weights": weights.astype(np.float32)})
    # Without a callback of this name Streamlit drops the message.
    return _mount(key=key, data=message, on_gone_change=lambda: None)
