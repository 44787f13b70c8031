"""The small example that students edit: a sentence, X and W of one decimal, and the whole layer worked through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.measures.inside import Layer, Projection, allowed, as_added, embedded, layer, made_up
from core.types import Refused

WIDTH = 8  # numbers a word
MOST_WORDS = 8
EDITABLE = ("X", "W_Q", "W_K", "W_V", "W_O", "M")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")  # Japanese and Chinese put no spaces between words
Edits = tuple[tuple[str, int, int, float], ...]


@dataclass(frozen=True, slots=True)
class Hand:
    """A worked example, by name: the cache key."""

    words: tuple[str, ...]
    heads: int = 1
    mask: str = "none"
    positions: bool = False
    edits: Edits = ()  # (matrix, row, column, value), the later one wins


@dataclass(frozen=True, slots=True, eq=False)
class Worked:
    """The example with all its numbers."""

    hand: Hand
    x: np.ndarray  # [word, WIDTH]
    projections: tuple[Projection, Projection, Projection, Projection]  # W_Q, W_K, W_V, W_O
    added: np.ndarray  # [word, word] the mask, 0 or -inf
    layer: Layer


def words_of(text: str) -> tuple[str, ...]:
    """The words of a short sentence, without marks around them. Refused: none, or more than there is room for."""
    words = [word.strip(".,;:!?\"'()«»„“”…。、！？") for word in text.split()]
    if len(words) == 1 and _UNSPACED.search(words[0]):
        words = list(words[0])
    words = [word[:24] for word in words if word]
    if not words:
        raise Refused("There is no word in this sentence. Type one, such as: The cat sat on the mat.")
    if len(words) > MOST_WORDS:
        raise Refused(
            f"Your sentence has {len(words):,} words; by hand there is room for {MOST_WORDS}. "
            "Shorten it, or look inside a model."
        )
    return tuple(words)


@lru_cache(maxsize=256)
def worked(hand: Hand) -> Worked:
    """Every step of the example. Refused: a row that may look at nothing, heads that do not divide WIDTH."""
    n = len(hand.words)
    padding = min(2, n - 1)
    matrices = {
        "X": embedded(hand.words, WIDTH, positions=hand.positions),
        "M": as_added(allowed(hand.mask, n, window=1, stride=2, padding=padding)),
    } | {name: made_up(WIDTH, seed).weight for seed, name in enumerate(("W_Q", "W_K", "W_V", "W_O"), start=1)}
    for name, row, column, value in hand.edits:
        change(matrices, name, row, column, value)
    q, k, v, o = (Projection(matrices[name]) for name in ("W_Q", "W_K", "W_V", "W_O"))
    projections = (q, k, v, o)
    found = layer(matrices["X"], projections, hand.heads, added=matrices["M"])
    return Worked(hand, matrices["X"], projections, matrices["M"], found)


def change(matrices: dict[str, np.ndarray], name: str, row: int, column: int, value: float) -> None:
    """Put a number into a matrix; an edit of a cell that is not there any more changes nothing."""
    if name not in matrices or not (0 <= row < len(matrices[name]) and 0 <= column < matrices[name].shape[1]):
        return
    if np.isnan(value) or (np.isinf(value) and name != "M"):
        raise Refused(f"{name} cannot hold {value:g}: type a number such as 0.5.")
    matrices[name][row, column] = value


def with_edit(edits: Edits, name: str, row: int, column: int, value: float) -> Edits:
    """The edits with one more, in place of an earlier one of the same cell."""
    return (*(one for one in edits if one[:3] != (name, row, column)), (name, row, column, value))
