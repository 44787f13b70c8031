"""What a search found, as a message for the browser: names, cosines and the sheet of their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from ui.components.message import pack
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
    return pack(header, {"sheet": np.frombuffer(sheet(tuple(find.name for find in finds)), np.uint8)})
