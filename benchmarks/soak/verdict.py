"""What a soak is held to: rows with their bars, the growth of memory, and the curve of it all as one picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.report import Row, failed
from benchmarks.soak.ledger import LOSSES, Ledger

GROWTH = 5.0  # per cent that the server's memory may grow in the second half
PAGE, HEARD = 2.5, 1.0  # seconds, p95: of a page as in a lecture at once; of a move in a room with all of this
END = 10.0  # seconds within which a server that is told to end has ended
SAMPLES = 2_400  # of memory, however long it takes
TOLD = ("a page failed", "a route failed", "warm-up failed", "could not be heard")  # what our faults say in the log


@dataclass
class Memory:
    """Resident bytes of the server over time; every other sample goes when there are too many."""

    samples: list[tuple[float, int, int]] = field(default_factory=list)  # (seconds, id of the process, bytes)
    _every: int = 1
    _turn: int = 0

    def note(self, moment: float, process: int, size: int) -> None:
        self._turn += 1
        if self._turn % self._every:
            return
        self.samples.append((moment, process, size))
        if len(self.samples) >= SAMPLES:
            self.samples, self._every = self.samples[::2], 2 * self._every

    def growth(self) -> float:
        """Per cent by which the longest-lived process grows in the second half of its life.

        From the median of the first eighth of that half to the median of its last eighth; NaN: too few samples.
        """
        lives: dict[int, list[int]] = {}
        for _, process, size in self.samples:
            lives.setdefault(process, []).append(size)
        sizes = max(lives.values(), key=len, default=[])
        half = np.array(sizes[len(sizes) // 2 :], float)
        if len(half) < 16:
            return math.nan
        part = len(half) // 8
        first, last = np.median(half[:part]), np.median(half[-part:])
        return float(100 * (last - first) / first)


def rows(
    ledger: Ledger, memory: Memory, caused: Mapping[str, int], wanted: Sequence[str], end: float | None, log: str
) -> list[Row]:
    """All that is measured, beside its bar. caused: faults that had their effect; end: seconds of the server's end."""
    refused = ledger.count("refused")
    note = f"{ledger.asked.total():,} asked, {refused:,} refused with reason, {ledger.again.total():,} asked again"
    found = [
        Row(f"questions {what}", "n", ledger.count(outcome), 0, note=note if outcome == "lost" else "")
        for outcome, what in LOSSES.items()
    ]
    found.append(Row("questions still open", "n", ledger.open, 0))
    growth = memory.growth()
    found.append(
        failed("memory: growth in the second half", "too few samples")
        if math.isnan(growth)
        else Row("memory: growth in the second half", "%", growth, GROWTH, note=range_of(memory))
    )
    for kind, what, bar in (("page", "a page, p95", PAGE), ("move that is heard", "a move is heard, p95", HEARD)):
        note = f"p50 {ledger.quantile(kind, 0.5):.2f} s, p99 {ledger.quantile(kind, 0.99):.2f} s"
        found.append(timed(what, ledger.quantile(kind, 0.95), bar, note))
    found.append(timed("told to end: ended after", math.nan if end is None else end, END, "with everybody connected"))
    lines = [line for line in log.splitlines() if any(word in line for word in TOLD)]
    found.append(Row("faults of ours in the log", "n", len(lines), 0, note="; ".join(lines[:2])[:200]))
    found += [
        Row(f"fault: {name}", "n", caused.get(name, 0), right=caused.get(name, 0) > 0, note="times; bar: at least 1")
        for name in wanted
    ]
    return found


def timed(what: str, seconds: float, bar: float, note: str) -> Row:
    return failed(what, "none was measured") if math.isnan(seconds) else Row(what, "s", seconds, bar, note=note)


def range_of(memory: Memory) -> str:
    sizes = [size for *_, size in memory.samples]
    return f"{min(sizes) / 1e6:,.0f} to {max(sizes) / 1e6:,.0f} MB"


def draw(file: Path, ledger: Ledger, memory: Memory, moments: Sequence[tuple[float, str]], found: list[Row]) -> None:
    """Seconds of answers and bytes of the server over time, with the faults as marks, as one SVG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    middles = (np.arange(ledger.slices) + 0.5) / ledger.slices * ledger.seconds / 60
    for kind, colour in (("page", "#005ab4"), ("exact head", "#1b7f4b"), ("move that is heard", "#b85c00")):
        for share, style in ((0.5, "-"), (0.95, "--"), (0.99, ":")):
            values = ledger.over_time(kind, share)
            above.plot(middles, values, style, color=colour, linewidth=1.4, label=f"{kind}, p{100 * share:.0f}")
    above.axhline(PAGE, color="#005ab4", linewidth=0.6)
    above.set(yscale="log", ylabel="seconds", title="Seconds until an answer; the thin line is the bar of a page's p95")
    above.legend(fontsize=7, ncols=3, loc="upper left")
    times = [moment / 60 for moment, *_ in memory.samples]
    below.plot(times, [size / 1e6 for *_, size in memory.samples], color="#6f42c1", linewidth=1.4)
    below.set(xlabel="minutes", ylabel="MB", title="Resident memory of the server", ylim=(0, None))
    names = sorted({name for _, name in moments})
    for place, name in enumerate(names):
        for axes in (above, below):
            for moment in (when / 60 for when, one in moments if one == name):
                axes.axvline(moment, color=f"C{place}", linewidth=0.8, alpha=0.5)
        below.plot([], [], color=f"C{place}", label=name)
    if names:
        below.legend(fontsize=7, ncols=3, loc="lower right")
    missed = [row.what for row in found if row.met is False]
    figure.suptitle(
        f"Soak of {ledger.seconds / 60:g} minutes: " + (f"missed: {'; '.join(missed)}" if missed else "all bars met"),
        fontsize=10,
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, format="svg")
