"""Switching heads off: one of them until its map and numbers are there, and every one of a model in turn."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.models import bert, text_of
from benchmarks.report import Row
from core.engine import ask
from core.requests import Edit, HeadEffectsRequest, TextRequest

BUILT_IN = "mini-bert-wordpiece"
TRANSLATOR = "translator"  # 24 heads each of encoder, decoder and cross attention
SENTENCE = "The animal did not cross the street because it was too tired."
WORDS = 18  # of made-up texts: 20 tokens for BERT-base's shape
RUNS = 5


def measure() -> list[Row]:
    """Every question is asked of the engine with the model open, and is new to it."""
    with tempfile.TemporaryDirectory() as folder:
        base = str(bert(Path(folder) / "base"))
        return [
            Row(f"one head off: {BUILT_IN}", "s", one_off(BUILT_IN, SENTENCE), 0.3),
            Row("one head off: BERT-base's shape", "s", one_off(base, text_of(WORDS, 0)), 0.3),
            every_head(TRANSLATOR, SENTENCE, 4.0),
            every_head(base, text_of(WORDS, 0), 40.0),
        ]


def one_off(model: str, text: str) -> float:
    """Median seconds until the encoding without a head is there, another head each time."""
    kind = ask(TextRequest(model, text)).attentions[0].kind
    found = []
    for head in range(RUNS):
        start = time.perf_counter()
        ask(TextRequest(model, text, edit=Edit(heads_off=((kind, 0, head),))))
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def every_head(model: str, text: str, bar: float) -> Row:
    """Seconds until it is known what becomes of every answer without each of a model's heads."""
    ask(TextRequest(model, text))
    start = time.perf_counter()
    effects = ask(HeadEffectsRequest(TextRequest(model, text)))
    seconds = time.perf_counter() - start
    heads = sum(one.change.shape[0] * one.change.shape[1] for one in effects.heads)
    return Row(f"all {heads} heads off in turn: {Path(model).name}", "s", seconds, bar)
