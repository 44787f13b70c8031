"""One sentence pair in two models as a message for the browser: similarities, links and scores of every layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.measures.alignment import LinkScores
from core.requests import Link
from ui.components.message import pack


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
    """The browser's message.

    gold: sure and possible links of words. names: what stands above the words of each side.
    """
    header = {
        "source": source,
        "target": target,
        "names": names,
        "gold": gold and {"sure": sorted(gold[0]), "possible": sorted(gold[1] - gold[0])},
        "sides": [_described(side) for side in sides],
    }
    return pack(header, {f"side {place}": side.values.astype(np.float32) for place, side in enumerate(sides)})


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
