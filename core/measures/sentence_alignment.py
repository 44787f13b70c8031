"""Sentences of a text and of its translation put side by side: by likeness and length, in order, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.measures.projection import units

#: Sentences of each side that may go together, and what that costs beside their unlikeness.
KINDS = {(1, 1): 0.0, (1, 2): 0.1, (2, 1): 0.1, (2, 2): 0.2, (1, 0): 0.35, (0, 1): 0.35}
SPREAD = 0.5  # of the logarithm of lengths, at which a pair costs LENGTH more
LENGTH = 0.1
LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Bead:
    """Sentences that go together: [first, end) of each side; one side may be empty."""

    source: tuple[int, int]
    target: tuple[int, int]
    cost: float
    cosine: float | None  # of the vectors of both sides; None where one is empty


def aligned(
    source: np.ndarray, target: np.ndarray, source_lengths: Sequence[int], target_lengths: Sequence[int]
) -> list[Bead]:
    """The cheapest way to put all sentences of both sides together in order, found by dynamic programming.

    source, target: vectors [sentence, width]; lengths in letters. A bead costs its unlikeness (1 - cosine, as a share
    of the mean over all pairs: vectors that are all alike tell as much; after vecalign, Thompson & Koehn 2019)
    and how far its lengths are from the ratio of the whole texts (after Gale & Church 1993), both times the sentences
    of a side that it holds on average, and what its kind costs (KINDS). Several sentences of a side have the mean of
    their vectors, weighted by length.
    """
    cost = _Cost(source, target, np.array(source_lengths, float), np.array(target_lengths, float))
    rows, columns = len(source), len(target)
    best = np.full((rows + 1, columns + 1), np.inf)
    best[0, 0] = 0
    back: dict[tuple[int, int], Bead] = {}
    for i in range(rows + 1):
        for j in range(columns + 1):
            for wide, high in KINDS:
                a, b = i - wide, j - high
                if a < 0 or b < 0 or not np.isfinite(best[a, b]):
                    continue
                bead = cost.bead((a, i), (b, j))
                if best[a, b] + bead.cost < best[i, j] - LEAST:
                    best[i, j] = best[a, b] + bead.cost
                    back[i, j] = bead
    found: list[Bead] = []
    place = (rows, columns)
    while place != (0, 0):
        bead = back[place]
        found.append(bead)
        place = (bead.source[0], bead.target[0])
    return found[::-1]


class _Cost:
    """What sentences cost when they go together."""

    def __init__(self, source: np.ndarray, target: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> None:
        self._sides = ((units(source), rows), (units(target), columns))
        self._ratio = np.log(max(columns.sum(), 1) / max(rows.sum(), 1))
        cosines = self._sides[0][0] @ self._sides[1][0].T
        self._mean = float(cosines.mean()) if cosines.size else 0.0

    def bead(self, source: tuple[int, int], target: tuple[int, int]) -> Bead:
        kind = KINDS[source[1] - source[0], target[1] - target[0]]
        if source[0] == source[1] or target[0] == target[1]:
            return Bead(source, target, kind, None)
        (one, long), (other, wide) = (
            self._of(side, span) for side, span in zip(self._sides, (source, target), strict=True)
        )
        cosine = float(one @ other)
        apart = (np.log(wide / long) - self._ratio) / SPREAD
        unlike = (1 - cosine) / max(1 - self._mean, LEAST)
        size = (source[1] - source[0] + target[1] - target[0]) / 2
        return Bead(source, target, size * (unlike + LENGTH * float(apart**2)) + kind, cosine)

    @staticmethod
    def _of(side: tuple[np.ndarray, np.ndarray], span: tuple[int, int]) -> tuple[np.ndarray, float]:
        vectors, lengths = (part[span[0] : span[1]] for part in side)
        return units((vectors * lengths[:, None]).sum(axis=0)), float(max(lengths.sum(), 1))
