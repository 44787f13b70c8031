"""What a GPU must be good for, by one script: python -m benchmarks.on_gpu. It runs on a CPU too, without bars.

BERT-large over 512 tokens, asked and drawn, beside torch's own attention; means of 10,000 sentences by a model of
MiniLM's shape; the 15 nearest of 100,000 points in 384 numbers each. On a CPU a tenth of the sentences and points.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks import drawing, models
from benchmarks.report import Row, table
from core.device import best_device
from core.measures.projection import nearest
from core.models.hidden import means
from core.store.opening import open_model

SENTENCES, POINTS, WIDTH, NEIGHBOURS = 10_000, 100_000, 384, 15
LEAST_A_SECOND, MOST_SECONDS = 6_000, 1.0


def median(call: Callable[[], object], turns: int) -> float:
    """Seconds, after a warm-up; what is given is on the host, so a GPU is done."""
    seconds = []
    for _ in range(turns + 1):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def measure(folder: Path) -> list[Row]:
    """The rows; checkpoints are made in the folder."""
    os.environ["GAZE_ALLOW_ANY"] = "1"
    gpu = best_device().kind != "cpu"
    share, turns = (1, 3) if gpu else (10, 1)
    rows = drawing.measure(str(models.bert(folder / "large", models.LARGE)))
    opened = open_model(str(models.minilm(folder / "mini")))
    draw = random.Random(0)
    texts = [models.text_of(draw.randint(4, 20), seed) for seed in range(SENTENCES // share)]
    seconds = median(lambda: means(opened.model, opened.tokenizer, texts), turns)
    bar = SENTENCES / LEAST_A_SECOND if gpu else None
    rows.append(Row(f"{len(texts):,} sentences", "s", seconds, bar, note=f"{len(texts) / seconds:,.0f} a second"))
    points = np.random.default_rng(0).standard_normal((POINTS // share, WIDTH), dtype=np.float32)
    seconds = median(lambda: nearest(points, NEIGHBOURS), turns)
    rows.append(Row(f"{len(points):,} x {WIDTH} neighbours", "s", seconds, MOST_SECONDS if gpu else None))
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        sys.stdout.write(table(measure(Path(scratch))) + "\n")
    sys.stdout.write(f"{best_device().name}, torch {torch.__version__}\n")


if __name__ == "__main__":
    main()
