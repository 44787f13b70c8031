"""How far two people who linked the same sentences agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.measures.alignment import corpus_error_rate
from core.requests import Gold, Link

Size = tuple[int, int]  # words of the source, of the target


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two annotators over the same pairs. A cell is a source word and a target word that may be linked, or not."""

    pairs: int
    both: int  # cells that both linked
    only_first: int
    only_second: int
    neither: int
    kappa: float | None  # None: chance alone would have them agree everywhere
    first_error: float  # AER of all links of the first against the second's sure and possible ones
    second_error: float


def agreement(first: Sequence[Gold], second: Sequence[Gold], sizes: Sequence[Size]) -> Agreement:
    """Cohen's kappa (1960) over all cells of all pairs, possible links counted as links, and AER both ways.

    ValueError: no pair, or unlike many.
    """
    if not sizes or not len(first) == len(second) == len(sizes):
        raise ValueError(f"{len(first)}, {len(second)} and {len(sizes)} pairs cannot be compared")
    links = [[all_links(one) for one in side] for side in (first, second)]
    both = sum(len(one & other) for one, other in zip(*links, strict=True))
    counts = [sum(map(len, side)) for side in links]
    cells = sum(rows * columns for rows, columns in sizes)
    neither = cells - sum(counts) + both
    errors = [
        corpus_error_rate(found, [gold.sure for gold in golds], [gold.possible for gold in golds])
        for found, golds in ((links[0], second), (links[1], first))
    ]
    return Agreement(
        len(sizes), both, counts[0] - both, counts[1] - both, neither,
        kappa(both, counts[0] - both, counts[1] - both, neither), errors[0], errors[1],
    )  # fmt: skip


def kappa(both: int, only_first: int, only_second: int, neither: int) -> float | None:
    """Cohen's kappa of two who said yes or no: agreement beyond chance, 1 at most; None where chance is certain."""
    cells = both + only_first + only_second + neither
    first, second = (both + only_first) / cells, (both + only_second) / cells
    chance = first * second + (1 - first) * (1 - second)
    return None if chance >= 1 else ((both + neither) / cells - chance) / (1 - chance)


def all_links(gold: Gold) -> frozenset[Link]:
    return gold.sure | gold.possible
