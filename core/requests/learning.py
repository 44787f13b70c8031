"""What a visitor may have trained here: the settings of each kind of run, frozen, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.types import Refused

RecurrentScore = Literal["additive", "dot", "general", "scaled-dot"]
MOST_PAIRS = 2_000


@dataclass(frozen=True, slots=True)
class RecurrentTraining:
    """A recurrent translator with attention, from nothing, on sentence pairs."""

    pairs: tuple[tuple[str, str], ...]  # (source, target)
    score: RecurrentScore
    sentence: tuple[str, str]  # whose map is shown after every epoch, its translation given
    epochs: int = 60
    width: int = 192  # of the states
    embedding: int = 96
    seed: int = 0

    def __post_init__(self) -> None:
        if not 2 <= len(self.pairs) <= MOST_PAIRS:
            raise Refused(
                f"{len(self.pairs):,} pairs: training here takes 2 to {MOST_PAIRS:,}. "
                + ("Add some." if len(self.pairs) < 2 else "Leave some out.")
            )
        empty = next((i for i, pair in enumerate((*self.pairs, self.sentence)) if not all(t.strip() for t in pair)), -1)
        if empty >= 0:
            which = f"Pair {empty + 1}" if empty < len(self.pairs) else "The sentence whose map is shown"
            raise Refused(f"{which} has an empty side. Write both sides, or leave the pair out.")
        if len(set(self.pairs)) < 2:
            raise Refused("All pairs are the same one: there is nothing to learn. Add other pairs.")


WordMethod = Literal["skip-gram", "CBOW"]
MOST_TEXT = 2_000_000  # bytes
MOST_SIZE = 300
MOST_WINDOW = 10


@dataclass(frozen=True, slots=True)
class WordVectorTraining:
    """Word vectors learned from a text, with negative sampling."""

    text: str  # a sentence, or a paragraph, a line
    method: WordMethod = "skip-gram"
    size: int = 50
    window: int = 4  # words on both sides
    negatives: int = 5  # a positive
    threshold: float = 1e-3  # of the frequency from which on words are left out by chance; 0: none is
    epochs: int = 5
    fewest: int = 2  # times that a word must occur
    rate: float = 0.05  # of learning, at the beginning; falls to a hundredth
    seed: int = 0
    shown: tuple[str, ...] = ()  # words on the map, those that occur; too few of them: the most frequent ones

    def __post_init__(self) -> None:
        size = len(self.text.encode())
        if size > MOST_TEXT:
            raise Refused(
                f"This text has {size / 1e6:.1f} MB; training here takes up to {MOST_TEXT / 1e6:.0f} MB. Cut it."
            )
        bounds = (("size", 2, MOST_SIZE), ("window", 1, MOST_WINDOW), ("negatives", 1, 20), ("epochs", 1, 100))
        for name, least, most in bounds:
            if not least <= getattr(self, name) <= most:
                raise Refused(f"The {name} is {getattr(self, name)}: choose {least} to {most}.")
