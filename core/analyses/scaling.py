"""Cost over the length, measured on this machine: once a process, with progress, and bounded in time and memory."""

from __future__ import annotations

import json
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity, profile

from core.cache import ANSWERS, Cancelled, Progress, raise_if_cancelled
from core.measures.costs import FLOAT, LENGTHS, TITLES, WAYS, WIDTH, counted
from core.measures.efficient import MethodSettings

#: A point that would hold more than this at once is counted, not measured: one full map of 8,192 tokens is 268 MB.
MOST_BYTES = 200_000_000
MOST_SECONDS = 1.5  # for one point; what the point before took foretells it
REPEATS = 5
#: A recurrent layer takes a step a token; a profile of each step costs far more than the steps.
MOST_PROFILED_STEPS = 1_024

#: How many times the counted numbers an implementation holds at its peak, above 1: sorting keeps order and sums.
COPIES = {"sparsemax": 5, "local": 4, "local_global": 5, "strided": 3}
#: The settings that the curves over the length are made with: as in a class of models for long texts.
BOUNDS = MethodSettings(window=16, stride=16, globals=2, rank=64)
#: What grows -> how it is said on an axis.
UNITS = {
    "seconds": "seconds for one head",
    "bytes": "bytes held at once",
    "multiplications": "multiplications, counted",
}
Line = tuple[Sequence[float | None], Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Measured:
    """One point of the curve; None where it was not measured."""

    method: str
    tokens: int
    seconds: float | None
    bytes: int | None


def scaling(progress: Progress | None = None, cancelled: Cancelled | None = None) -> tuple[Measured, ...]:
    """All points, measured once a process; progress(done, of, points so far); who leaves while it measures stops it."""

    def make(progress: Progress, cancelled: Cancelled) -> tuple[Measured, ...]:
        points = sweep(BOUNDS, progress, cancelled)
        raise_if_cancelled(cancelled)
        return points

    found: tuple[Measured, ...] = ANSWERS.get(("scaling",), make, progress, cancelled)
    return found


def fits(method: str, n: int, d: int, setting: MethodSettings) -> bool:
    """Whether a point may be measured within MOST_BYTES."""
    return counted(method, n, d, setting).numbers * FLOAT * COPIES.get(method, 1) <= MOST_BYTES


def sweep(
    setting: MethodSettings,
    progress: Progress,
    cancelled: Cancelled,
    lengths: tuple[int, ...] = LENGTHS,
    width: int = WIDTH,
) -> tuple[Measured, ...]:
    """Every method at every length, shortest first; progress(done, of, points so far) after each point.

    Stops between two points when cancelled() says so, and gives what there is.
    """
    found: list[Measured] = []
    before: dict[str, float] = {}
    for n in lengths:
        for method in WAYS:
            if cancelled():
                return tuple(found)
            point = measure(method, n, width, setting, before.get(method, 0.0))
            if point.seconds is not None:
                before[method] = point.seconds
            elif method in before:
                before[method] = math.inf  # a longer text takes longer still
            found.append(point)
            progress(len(found), len(lengths) * len(WAYS), tuple(found))
    return tuple(found)


def measure(method: str, n: int, d: int, setting: MethodSettings, before: float = 0.0) -> Measured:
    """Seconds (the best of some runs) and greatest bytes held of one pass; before: seconds at half the length."""
    if not fits(method, n, d, setting) or 4 * before > MOST_SECONDS:
        return Measured(method, n, None, None)
    draw = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(n, d, generator=draw) for _ in range(3))
    way = WAYS[method]
    with torch.inference_mode():
        profiled = method != "recurrent" or n <= MOST_PROFILED_STEPS
        held = peak(lambda: way(q, k, v, setting)) if profiled else None
        best = math.inf
        for _ in range(REPEATS):
            began = time.perf_counter()
            way(q, k, v, setting)
            took = time.perf_counter() - began
            best = min(best, took)
            if took > MOST_SECONDS / REPEATS:
                break
    return Measured(method, n, best, held)


def peak(run: Callable[[], Tensor]) -> int:
    """The most bytes that torch held at once for this call, inputs not counted."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        run()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trace.json"
        seen.export_chrome_trace(str(file))
        events = json.loads(file.read_text(encoding="utf-8"))["traceEvents"]
    changes = sorted((e["ts"], e["args"]["Bytes"]) for e in events if e["name"] == "[memory]")
    held = most = 0
    for _, change in changes:
        held += change
        most = max(most, held)
    return most


def lines(points: tuple[Measured, ...], unit: str, setting: MethodSettings) -> dict[str, Line]:
    """{method: (measured, counted)} over LENGTHS, in one of UNITS.

    Seconds that were not measured follow the multiplications from the last point that was.
    """
    found: dict[str, Line] = {}
    at = {(point.method, point.tokens): point for point in points}
    for method, title in TITLES.items():
        cost = [counted(method, n, WIDTH, setting) for n in LENGTHS]
        products = [one.multiplications for one in cost]
        if unit == "multiplications":
            found[title] = ([None] * len(LENGTHS), products)
            continue
        measured = [getattr(at.get((method, n)), unit, None) for n in LENGTHS]
        if unit == "bytes":
            found[title] = (measured, onwards(measured, [one.numbers * FLOAT for one in cost]))
        elif any(measured):
            found[title] = (measured, onwards(measured, products))
    return found


def onwards(measured: list[float | None], counted_: list[float]) -> list[float]:
    """The counted line, moved so that it goes on from the last measured point; as it is where nothing was measured."""
    last = next((i for i in reversed(range(len(measured))) if measured[i]), None)
    ratio = 1.0 if last is None else (measured[last] or 0.0) / counted_[last]
    return [ratio * one for one in counted_]
