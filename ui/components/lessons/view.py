"""The list of lessons, with ticks that this browser alone keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ui.components.mounting import mounted

_mount = mounted("lessons")


def lessons_view(lessons: Sequence[dict[str, Any]], *, key: str) -> None:
    """Show a card for each lesson: {name, title, theme, level, minutes, about, steps}, steps being their number."""
    _mount(key=key, data={"lessons": list(lessons)})
