"""Cards to recall, one at a time, by a Leitner box that this browser alone keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ui.components.mounting import mounted

_mount = mounted("recall")


def recall_view(cards: Sequence[dict[str, Any]], *, key: str) -> None:
    """Show the card that is due: {lesson, theme, step, ask, answer} each."""
    _mount(key=key, data={"cards": list(cards)})
