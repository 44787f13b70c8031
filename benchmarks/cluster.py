"""A cluster on this machine: calls a second on 1, 2 and 4 replicas of a model that sleeps, and what the way costs.

Python -m benchmarks.cluster. The model takes a tenth of a second for a call, one at a time in each replica, and no
processor: so the numbers tell of the way to the replicas, not of the cores. The way there: the same short question to
the same model, asked of the cluster and of this process, both with the model open, median of 40.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import models
from benchmarks.report import Row, described, machine, table
from core.cache import ANSWERS, never, silent
from core.cluster import joining
from core.engine import ask, made_here
from core.requests import TextRequest
from tests.core.cluster.machines import Machines, until

SECONDS = 0.1  # of a call to the model that sleeps
ROUNDS = 20  # calls for each replica
ASKED = 40
WORDS = 30  # of a text: 32 tokens
MODEL = "mini-gpt"
_TURN = threading.Lock()


def sleeping(request: Any, progress: Any = silent, cancelled: Any = never) -> Any:
    """An engine whose model sleeps; all other questions are answered as ever."""
    if not isinstance(request, TextRequest) or not request.text.startswith("sleep"):
        return ask(request, progress, cancelled)
    with _TURN:
        time.sleep(SECONDS)
    return 0


def rate(questions: list[TextRequest], at_once: int) -> float:
    """Questions answered a second, so many asked at once."""
    ANSWERS.clear()
    with ThreadPoolExecutor(at_once) as pool:
        began = time.perf_counter()
        list(pool.map(ask, questions))
        return len(questions) / (time.perf_counter() - began)


def steady(replicas: int) -> float:
    """Calls a second to the model that sleeps, once all replicas take part."""
    asked = [TextRequest(MODEL, f"sleep {replicas} {at}") for at in range(ROUNDS * replicas)]
    rate([TextRequest(MODEL, f"sleep first {replicas} {at}") for at in range(4 * replicas)], 4 * replicas)
    return rate(asked, 4 * replicas)


def median(ask_one: Any, first: int) -> float:
    """Seconds of a short question, in the middle of many."""
    seconds = []
    for at in range(ASKED):
        began = time.perf_counter()
        ask_one(TextRequest(MODEL, models.text_of(WORDS, first + at)))
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def with_replicas(count: int, folder: Path, model: str) -> tuple[float, float, float]:
    """With so many replicas: (calls a second to the sleeper, texts a second to a real model, seconds of the way)."""
    machines = Machines(folder, replicas=str(count), answers="benchmarks.cluster:sleeping")
    try:
        machines.start(others=1, cpus=count)
        cluster = joining.join(machines.address)
        assert cluster is not None
        until(lambda: cluster.up, 60, "the cluster")
        found = steady(count)
        texts = [TextRequest(model, models.text_of(WORDS, 60_000 + at)) for at in range(12 + 60)]
        rate(texts[:12], 12)
        real = rate(texts[12:], 30)
        ask(TextRequest(MODEL, "Once"))
        there = median(ask, 70_000)
        joining.leave()
        ANSWERS.clear()
        here = median(lambda one: made_here(one, silent, never), 80_000)
        return found, real, there - here
    finally:
        joining.leave()
        machines.stop()


def measure() -> list[Row]:
    """What a cluster gains, and what it costs."""
    with tempfile.TemporaryDirectory(prefix="gaze-bench-") as scratch:
        folder = Path(scratch)
        models.bert(folder / "bert")
        found = {count: with_replicas(count, folder, str(folder / "bert")) for count in (1, 2, 4)}
    one, rows = found[1], []
    for count, least in ((2, 1.8), (4, 3.4)):
        gain = found[count][0] / one[0]
        note = f"{found[count][0]:.1f} calls a second, {one[0]:.1f} with one; bar: at least {least}"
        rows.append(Row(f"{count} replicas of a model that sleeps", "x", gain, right=gain >= least, note=note))
    for count, (_, real, way) in found.items():
        note = f"{real:.1f} texts of {WORDS} words a second from a model of BERT-base's shape"
        rows.append(Row(f"the way to {count} replicas and back", "s", way, note=note))
    return rows


def main() -> int:
    print(described(machine()), flush=True)
    rows = measure()
    print(table(rows))
    return int(not all(row.right for row in rows))


if __name__ == "__main__":
    sys.exit(main())
