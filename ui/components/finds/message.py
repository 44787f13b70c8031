"""What a search found, as bytes for the browser: a JSON header, then the sheet of pictures (ui/components/finds).

The layout is [uint32 little-endian header length][header][JPEG].
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ui.components.thumbnails.message import ACROSS, sheet


@dataclass(frozen=True, slots=True)
class Find:
    """One picture that was found."""

    name: str  # in core.pictures
    title: str
    cosine: float
    right: bool = False  # it is what was asked for


def pack_finds(finds: Sequence[Find], height: int = 0) -> bytes:
    """The browser's message, best first; height: pixels before the finds scroll, 0: as many as they take."""
    header = {"across": ACROSS, "height": height, "finds": [asdict(find) for find in finds]}
    text = json.dumps(header, ensure_ascii=False).encode()
    return struct.pack("<I", len(text)) + text + sheet(tuple(find.name for find in finds))
