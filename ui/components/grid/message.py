"""Matrices as a message for the browser: their numbers, and the steps in which they are shown and come about."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from core.types import Refused
from ui.components.message import pack

MOST_CELLS = 400_000  # of all grids together: 1.6 MB
LARGEST = 1_000_000.0  # a cell that somebody types


Editing = Literal["", "number", "switch"]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """One matrix on the board; _ and ^ in its name set what follows low or high."""

    name: str
    values: np.ndarray  # [row, column]; -inf is shown as such
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    note: str = ""  # a few words under the name
    shade: Literal["signed", "share"] = "signed"  # blue, neutral, orange; or one hue from 0 to 1
    unit: str = ""  # grids of one unit share the end of their colours; empty: this one's own
    edit: Editing = ""  # a number is typed; a switch goes between 0 and -inf

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.rows), len(self.columns)):
            raise ValueError(
                f"{self.name}: values {self.values.shape}, {len(self.rows)} rows, {len(self.columns)} columns"
            )


@dataclass(frozen=True, slots=True)
class Rule:
    """How a cell of the result comes about, so that the board can point at what made it and write it out."""

    kind: Literal["product", "scale", "add", "softmax", "copy"]
    of: tuple[str, ...]  # grids: product takes a left and a right one and perhaps a bias of one row
    result: str
    by: float = 1.0  # what a scale divides by
    written: str = ""  # how that is written: √8


@dataclass(frozen=True, slots=True)
class Step:
    """One view of the board."""

    title: str  # one or two words for its button
    formula: str  # "S = Q · K^T"
    say: str  # one sentence
    shown: tuple[str, ...]  # names of grids, and signs between them
    rule: Rule | None = None
    cell: int = 0  # the most pixels across that a cell takes; below 34 colours stand without numbers; 0: as fits


def grid_payload(
    grids: tuple[Grid, ...], steps: tuple[Step, ...] = (), cell: tuple[int, int] = (0, 0), start: int = 0
) -> bytes:
    """The browser's message; cache it by what made it.

    cell: the row and column chosen at first; start: the step. Without steps all grids are shown side by side.
    """
    count = sum(grid.values.size for grid in grids)
    if count > MOST_CELLS:
        raise Refused(f"{count:,} numbers do not fit on the board, {MOST_CELLS:,} do: choose a smaller model or text.")
    steps = steps or (Step("", "", "", tuple(grid.name for grid in grids)),)
    header = {
        "cell": list(cell),
        "start": start,
        "grids": [
            {name: getattr(grid, name) for name in ("name", "rows", "columns", "note", "shade", "unit", "edit")}
            for grid in grids
        ],
        "steps": [asdict(step) for step in steps],
    }
    return pack(header, {grid.name: grid.values.astype(np.float32) for grid in grids})


def edited_value(message: dict) -> float:
    """The number of an edit, as the browser sent it. Refused: what is no finite number."""
    value = message.get("value")
    if value is None:
        return -math.inf
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > LARGEST:
        raise Refused(f"{str(value)[:20]!r} is no number that a cell can hold: type one such as 0.5.")
    return float(value)
