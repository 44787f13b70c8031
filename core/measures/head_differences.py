"""How differently two attention maps look: the weight that goes elsewhere, over the tokens that both have."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

Places = tuple[np.ndarray, np.ndarray]  # in the first sequence, in the second; the same number of each


def matched(first: Sequence[str], second: Sequence[str]) -> Places:
    """The places of tokens that stand for each other, in order: equal ones, and as many changed as were there before.

    Ratcliff and Obershelp's longest common runs, as Python's difflib finds them.
    """
    places: list[tuple[int, int]] = []
    for what, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and b - a == d - c):
            places += zip(range(a, b), range(c, d), strict=True)
    found = np.array(places, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def elsewhere(first: np.ndarray, second: np.ndarray, rows: Places, columns: Places) -> np.ndarray:
    """The share of each row's weight that goes elsewhere in the second map: [..., row that both have], 0 to 1.

    Total variation: half the sum of the differences, over the keys that both have; what a row gives to keys that the
    other has not counts as given elsewhere. first, second: [..., query, key].
    """
    one, other = first[..., rows[0], :].astype(np.float64), second[..., rows[1], :].astype(np.float64)
    here, there = one[..., columns[0]], other[..., columns[1]]
    alone = one.sum(-1) - here.sum(-1) + other.sum(-1) - there.sum(-1)
    return np.asarray((np.abs(here - there).sum(-1) + np.maximum(alone, 0)) / 2)


def difference(first: np.ndarray, second: np.ndarray, rows: Places, columns: Places) -> np.ndarray:
    """The second map less the first, over the tokens that both have: [row, column]."""
    return second[np.ix_(rows[1], columns[1])] - first[np.ix_(rows[0], columns[0])]
