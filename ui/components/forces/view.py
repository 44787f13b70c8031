"""Points that can be dragged, what a contrastive loss says of them, and where it pulls and pushes each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamlit.components.v2.bidi_component import ComponentResult

from ui.components.message import pack
from ui.components.mounting import mounted

_mount = mounted("forces")


@dataclass(frozen=True, slots=True)
class Point:
    """A vector of two numbers with what it stands for."""

    name: str
    pair: int  # the number of its pair; negatives of skip-gram: -1
    x: float
    y: float
    square: bool = False  # drawn as one: a text, a context


def forces_view(points: Sequence[Point], mode: str, temperature: float, *, key: str, height: int) -> ComponentResult:
    """Show the points. mode: "skip-gram", "simclr" or "clip"; temperature: what the slider begins with."""
    told = [[p.name, p.pair, round(p.x, 4), round(p.y, 4), p.square] for p in points]
    return _mount(key=key, data=pack({"mode": mode, "temperature": temperature, "points": told, "height": height}))
