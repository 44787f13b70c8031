"""Several small maps and pictures as a message for the browser, those that are compared on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ui.components.message import pack

MOST_BYTES = 2_500_000
DESCRIBED = ("title", "rows", "columns", "axes", "scale", "group", "note", "square", "pick")  # of a panel

Scale = Literal["difference", "gain", "weight", "picture"]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One map [row, column], or one picture [row, column, 3] with colours from 0 to 1; a fourth says how opaque."""

    title: str
    values: np.ndarray
    rows: tuple[str, ...] = ()  # names along the edge; none: numbers
    columns: tuple[str, ...] = ()
    axes: tuple[str, str] = ("query", "key")  # what a row and a column are
    scale: Scale = "difference"  # difference: blue, neutral at 0, orange; gain: the other way; weight: one hue
    group: str = "score"  # what is measured: panels of a group share a scale, and the cell pointed at
    note: str = ""
    square: bool = True  # cells are square; else the map fills its room
    pick: bool = False  # a click on a cell is told to the page


def pack_panels(panels: list[Panel], height: int = 400, across: int = 0) -> bytes:
    """The browser's message. height: pixels that the pictures fill on a desktop; across: panels a row, 0: all."""
    header = {
        "height": height,
        "across": across or len(panels),
        "panels": [{name: getattr(panel, name) for name in DESCRIBED} for panel in panels],
        "scales": scales_of(panels),
    }
    arrays = {f"panel {place}": _numbers(panel) for place, panel in enumerate(panels)}
    size = sum(values.nbytes for values in arrays.values())
    if size > MOST_BYTES:
        raise ValueError(f"{size:,} bytes of panels: at most {MOST_BYTES:,} are drawn at once")
    return pack(header, arrays)


def _numbers(panel: Panel) -> np.ndarray:
    if panel.scale == "picture":
        return (np.clip(panel.values, 0, 1) * 255).round().astype(np.uint8)
    return panel.values.astype(np.float32)


def scales_of(panels: list[Panel]) -> dict[str, dict[str, float | str]]:
    """Least and greatest of each group, so that panels which are compared share one scale; 0 is neutral."""
    found: dict[str, tuple[Scale, float, float]] = {}
    for panel in panels:
        if panel.scale == "picture":
            continue
        low, high = float(np.min(panel.values)), float(np.max(panel.values))
        kind, least, greatest = found.get(panel.group, (panel.scale, low, high))
        found[panel.group] = (kind, min(least, low), max(greatest, high))
    return {group: _limits(*some) for group, some in found.items()}


def _limits(kind: Scale, low: float, high: float) -> dict[str, float | str]:
    """The ends of a colour scale over values from low to high."""
    if kind in ("difference", "gain"):
        most = max(abs(low), abs(high)) or 1.0
        return {"kind": kind, "low": -most, "high": most}
    return {"kind": kind, "low": min(0.0, low), "high": high or 1.0}
