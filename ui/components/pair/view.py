"""One sentence pair in two models: a similarity matrix of each, and the lines of both between the same words."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from streamlit.components.v2.bidi_component import ComponentResult

from core.measures.alignment import LinkScores
from core.types import Link
from ui.components.mounting import mounted

# Joined in this order into one module; only the last file exports.
PARTS = (
    "shared/ink",
    "heads/colour",
    "shared/life",
    "pair/read",
    "pair/marks",
    "pair/matrix",
    "pair/lines",
    "pair/say",
    "pair/bar",
    "pair/view",
)


@dataclass(frozen=True, slots=True)
class Label:
    """A row or a column of a matrix."""

    text: str
    word: int
    hidden: bool = False  # the model did not see it


@dataclass(frozen=True, slots=True, eq=False)
class PairSide:
    """What one model finds."""

    name: str  # as it stands above its matrix
    measure: str  # what a number is: cosine, share of attention
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]
    layers: tuple[int, ...]  # as people count them
    start: int  # place of the layer to begin with
    values: np.ndarray  # [layer, row, column]
    links: tuple[frozenset[Link], ...]  # of rows and columns, for every layer
    words: tuple[frozenset[Link], ...]  # the same of words
    scores: tuple[LinkScores, ...] | None  # against gold, for every layer

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.layers), len(self.rows), len(self.columns)):
            raise ValueError(f"{self.name}: values {self.values.shape} do not meet layers, rows and columns")


def pair_payload(
    source: tuple[str, ...],
    target: tuple[str, ...],
    sides: tuple[PairSide, ...],
    gold: tuple[frozenset[Link], frozenset[Link]] | None = None,
    names: tuple[str, str] = ("source", "translation"),
) -> bytes:
    """The browser's message: [uint32 length][JSON][padding to 4][float32 of every side].

    gold: sure and possible links of words. names: what stands above the words of each side.
    """
    header = {
        "source": source,
        "target": target,
        "names": names,
        "gold": gold and {"sure": sorted(gold[0]), "possible": sorted(gold[1] - gold[0])},
        "sides": [_described(side) for side in sides],
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    numbers = b"".join(np.ascontiguousarray(side.values, dtype="<f4").tobytes() for side in sides)
    return len(text).to_bytes(4, "little") + text + bytes(-(4 + len(text)) % 4) + numbers


def _described(side: PairSide) -> dict[str, object]:
    labels = {
        name: [[label.text, label.word, int(label.hidden)] for label in some]
        for name, some in (("rows", side.rows), ("columns", side.columns))
    }
    scores = side.scores and [[s.precision, s.recall, s.f1, s.error_rate] for s in side.scores]
    return labels | {
        "name": side.name,
        "measure": side.measure,
        "layers": side.layers,
        "start": side.start,
        "links": [sorted(some) for some in side.links],
        "words": [sorted(some) for some in side.words],
        "scores": scores,
    }


_mount = mounted("pair", PARTS, "pair/pair.css")


def pair_view(payload: bytes, *, key: str, height: int = 500) -> ComponentResult:
    """Show a pair. height: pixels of the whole on a wide screen; it travels as the last four bytes."""
    return _mount(key=key, data=payload + height.to_bytes(4, "little"))
