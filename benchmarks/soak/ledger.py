"""What was asked and what became of it: counts by kind, and seconds in bins, so that an hour takes no more memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np

#: What may become of a question. All but the first three are losses.
OUTCOMES = ("answered", "refused", "left", "unfounded", "failed", "lost")
LOSSES = {
    "unfounded": "refused though nothing was wrong",
    "failed": "answered with a fault of ours",
    "lost": "neither answered nor refused",
}
SHORTEST, A_DECADE, DECADES = 1e-3, 24, 6  # seconds of the first bin; bins: each is a tenth longer than the one before
NOTES = 40  # things that went wrong of which it is kept what


class Ledger:
    """The book of a run of so many seconds."""

    def __init__(self, seconds: float, slices: int = 60) -> None:
        self.seconds, self.slices = seconds, slices
        self.asked: Counter[str] = Counter()
        self.ended: Counter[tuple[str, str]] = Counter()  # (kind, outcome)
        self.again: Counter[str] = Counter()  # cut off by a restart, and asked once more
        self.notes: list[str] = []
        self._bins: dict[str, np.ndarray] = {}  # kind -> [slice, bin]: how often

    def begin(self, kind: str) -> None:
        """Somebody asks."""
        self.asked[kind] += 1

    def end(self, kind: str, outcome: str, moment: float, seconds: float | None = None, note: str = "") -> None:
        """What became of it, so many seconds after the start; seconds: what who asked has waited."""
        assert outcome in OUTCOMES, outcome
        self.ended[kind, outcome] += 1
        if seconds is not None:
            place = min(self.slices - 1, max(0, int(moment / self.seconds * self.slices)))
            self._of(kind)[place, bin_of(seconds)] += 1
        if outcome in LOSSES and len(self.notes) < NOTES:
            self.notes.append(f"{moment:,.0f} s: {kind} {outcome}: {note or 'no word'}")

    def _of(self, kind: str) -> np.ndarray:
        if kind not in self._bins:
            self._bins[kind] = np.zeros((self.slices, A_DECADE * DECADES), np.int64)
        return self._bins[kind]

    @property
    def open(self) -> int:
        """Questions of which nothing was heard."""
        return self.asked.total() - self.ended.total()

    def count(self, outcome: str) -> int:
        return sum(number for (_, what), number in self.ended.items() if what == outcome)

    def quantile(self, kind: str, share: float) -> float:
        """Seconds within which this share was answered; NaN where nothing was."""
        return quantile(self._of(kind).sum(0), share)

    def over_time(self, kind: str, share: float) -> np.ndarray:
        """The same for each slice of time."""
        return np.array([quantile(bins, share) for bins in self._of(kind)])

    def table(self) -> str:
        """A line a kind: how many were asked, and what became of them."""
        head = ["", "asked", "again", *OUTCOMES, "p50", "p95", "p99"]
        rows = [[kind, *map(str, self._counts(kind)), *self._quantiles(kind)] for kind in sorted(self.asked)]
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        aligned: Callable[[list[str]], str] = lambda row: "  ".join(  # noqa: E731
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "\n".join(aligned(row).rstrip() for row in (head, *rows))

    def _counts(self, kind: str) -> list[int]:
        return [self.asked[kind], self.again[kind], *(self.ended[kind, outcome] for outcome in OUTCOMES)]

    def _quantiles(self, kind: str) -> list[str]:
        found = [self.quantile(kind, share) for share in (0.5, 0.95, 0.99)]
        return ["" if math.isnan(one) else f"{one:.3f} s" for one in found]


def bin_of(seconds: float) -> int:
    """Where a time belongs; what is shorter or longer than all bins is in the first or the last."""
    place = math.log10(max(seconds, SHORTEST) / SHORTEST) * A_DECADE
    return min(A_DECADE * DECADES - 1, int(place))


def quantile(bins: np.ndarray, share: float) -> float:
    """The upper end of the bin in which this share of all is reached: at most a tenth too long."""
    total = bins.sum()
    if not total:
        return math.nan
    place = int(np.searchsorted(np.cumsum(bins), share * total))
    return SHORTEST * 10 ** ((min(place, len(bins) - 1) + 1) / A_DECADE)
