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


TransformerKind = Literal["causal", "masked"]
TaskName = Literal["copy", "reverse", "sort", "addition", "poem", "your text", "your task"]
MOST_CHARACTERS_OF_TEXT = 200_000
LONGEST_ROW = 64  # characters that a model here reads at once


@dataclass(frozen=True, slots=True)
class TransformerTraining:
    """A small transformer, from nothing, on a task or a text, a character a token."""

    task: TaskName = "copy"
    kind: TransformerKind = "causal"
    layers: int = 2
    heads: int = 4
    width: int = 64
    positions: bool = True  # whether tokens are told their places
    rate: float = 2e-3  # of learning, at its peak
    steps: int = 1_500
    longest: int = 8  # letters of a question of copy, reverse and sort
    text: str = ""  # of "your text"; of "your task" a line each: question = answer
    seed: int = 0

    def __post_init__(self) -> None:
        bounds = (
            ("number of layers", self.layers, 1, 4),
            ("number of heads", self.heads, 1, 8),
            ("width", self.width, 8, 128),
            ("number of steps", self.steps, 10, 20_000),
            ("longest question", self.longest, 2, 20),
        )
        for name, value, least, most in bounds:
            if not least <= value <= most:
                raise Refused(f"The {name} is {value:,}: choose {least} to {most:,}.")
        if self.width % self.heads:
            raise Refused(f"{self.heads} heads cannot share a width of {self.width} evenly: choose 1, 2, 4 or 8 heads.")
        if not 0 < self.rate <= 0.1:
            raise Refused(f"A learning rate of {self.rate:g} leads nowhere: choose one above 0, up to 0.1.")
        if len(self.text) > MOST_CHARACTERS_OF_TEXT:
            raise Refused(
                f"This text has {len(self.text):,} characters; training here takes up to "
                f"{MOST_CHARACTERS_OF_TEXT:,}. Cut it."
            )
