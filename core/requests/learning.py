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
