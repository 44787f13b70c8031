"""A pair to be linked by hand as a message for the browser."""

from __future__ import annotations

from collections.abc import Sequence

from core.requests import Gold
from ui.components.message import pack


def gold_payload(
    source: Sequence[str],
    target: Sequence[str],
    own: Gold,
    place: int,
    count: int,
    turn: int,
    other: Gold | None = None,
) -> bytes:
    """The browser's message. place: of the pair among count; turn: the last one received; other: somebody else's."""
    header = {
        "source": list(source),
        "target": list(target),
        "own": links_of(own),
        "other": other and links_of(other),
        "place": place,
        "count": count,
        "turn": turn,
    }
    return pack(header)


def links_of(gold: Gold) -> dict[str, list]:
    return {"sure": sorted(gold.sure), "possible": sorted(gold.possible - gold.sure)}
