"""A matrix of cosines as a message for the browser, which makes softmax and loss of it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from core.types import Refused
from ui.components.message import pack

MOST = 64  # rows or columns
LARGEST_SCALE = 100.0  # where CLIP's training stops; SigLIP learns more


@dataclass(frozen=True, slots=True)
class Edge:
    """What stands at the edge of one row or column."""

    text: str
    picture: int = -1  # its place on the sheet; -1: the text alone stands there


@dataclass(frozen=True, slots=True)
class Mark:
    """A scale worth a visit."""

    label: str
    value: float
    note: str  # one sentence


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """The matrix and what is asked of it."""

    rows: tuple[Edge, ...]
    columns: tuple[Edge, ...]
    cosines: np.ndarray  # [row, column]
    scale: float  # where the slider begins; cosines are multiplied by it
    marks: tuple[Mark, ...] = ()
    # clip: row i belongs to column i, both ways; siglip: the same, each pair judged by itself; simclr: to the other
    # view, and never to itself
    kind: str = "clip"
    bias: float = 0.0  # siglip: added to scaled cosines
    edit: bool = False  # texts of rows can be typed
    names: tuple[str, str] = ("text", "picture")  # what a row and a column are
    sheet: bytes = b""  # JPEG, `across` squares a row
    across: int = 1

    def __post_init__(self) -> None:
        n = len(self.rows)
        if self.cosines.shape != (n, len(self.columns)) or n != len(self.columns):
            raise ValueError(f"cosines {self.cosines.shape} do not meet {n} rows and {len(self.columns)} columns")
        if self.kind == "simclr" and n % 2:
            raise ValueError(f"{n} views: two of every picture are wanted")


def pack_contrast(one: Contrast, height: int = 470) -> bytes:
    """The browser's message; height: pixels that the matrix may take on a desktop."""
    n = len(one.rows)
    if not 1 <= n <= MOST:
        raise Refused(f"{n} rows: from 1 to {MOST} are drawn.")
    if not (math.isfinite(one.scale) and one.scale > 0):
        raise Refused(f"A scale of {one.scale:g}: choose a number above 0.")
    header = {
        "height": height,
        "scale": one.scale,
        "most": max(LARGEST_SCALE, one.scale),
        "kind": one.kind,
        "bias": one.bias,
        "edit": one.edit,
        "names": one.names,
        "across": one.across,
        "pictures": 1 + max(edge.picture for edge in (*one.rows, *one.columns)),
        **{name: [asdict(part) for part in getattr(one, name)] for name in ("rows", "columns", "marks")},
    }
    sheet = np.frombuffer(one.sheet, np.uint8)
    return pack(header, {"cosines": one.cosines.astype(np.float32), "sheet": sheet})
