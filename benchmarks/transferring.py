"""What the pages about tokenizers, blanks and transfer take with their model open: seconds on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from benchmarks.report import Row
from core.requests import BlankRequest

MODEL = "mini-bert-wordpiece"
RUNS = 3


def seconds(work: Callable[[], object]) -> float:
    """Median time of a few runs after one that warms up."""
    work()
    found = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def measure() -> list[Row]:
    """A row for each of the three pages' questions."""
    from core.analyses import blank, transfer
    from core.data.labelled import shipped
    from core.models import tokenizer
    from core.requests import SentenceVectorsRequest, TransferRequest

    task = transfer.shipped_task("topics")
    texts = [one.text for one in shipped("topics")]
    request, blanked = TransferRequest(MODEL, task, 3), BlankRequest(MODEL, texts[0], (2,))
    every = SentenceVectorsRequest(MODEL, task, tuple(range(transfer.layers(MODEL) + 1)))
    transfer.vectors(MODEL, task, 3)  # the model's own time is told apart

    return [
        Row(
            f"tokenizer: {len(texts)} sentences cut",
            "s",
            seconds(lambda: [tokenizer.tokenize.__wrapped__(MODEL, text) for text in texts]),
        ),
        Row("blank: candidates and attention", "s", seconds(lambda: blank.fill(blanked))),
        Row(
            f"transfer: {len(texts)} sentences encoded, every layer",
            "s",
            seconds(lambda: transfer.sentence_vectors(every)),
        ),
        Row("transfer: probes of 8 languages, 5 folds", "s", seconds(lambda: transfer.rows(request)), 1.0),
    ]
