"""What is drawn of all heads, beside the model's own pass: python -m benchmarks.drawing FOLDER, on the CPU or a GPU.

FOLDER: a checkpoint, as benchmarks.models makes them. Medians after a warm-up; a GPU is waited for. Pass: the model
with torch's own attention, nothing recorded. Asked: what the engine does, without its cache. Drawn: all maps of all
heads, pooled, with their measures, mean and rollout, as bytes on the host.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import torch

from benchmarks import models
from benchmarks.report import Row, table
from core.models import text
from core.requests import TextRequest
from core.store.opening import open_model
from ui.components.heads.message import packed_maps

WORDS, TURNS = 510, 5
SHARE = 0.3  # of the pass that drawing may take on a CPU


def median(call: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds, what it gave last)."""
    seconds = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        found = call()
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:]), found


def measure(folder: str) -> list[Row]:
    """Pass, asked and drawn over 512 tokens, and the share that drawing takes."""
    os.environ["GAZE_ALLOW_ANY"] = "1"
    opened, request = open_model(folder), TextRequest(folder, models.text_of(WORDS, 700))
    ids = torch.tensor([opened.tokenizer(request.text)["input_ids"]], device=opened.model.device)
    with torch.inference_mode():
        passed, _ = median(lambda: opened.model.base_model(input_ids=ids))
    asked, encoding = median(lambda: text.encode(request))
    drawn, _ = median(lambda: packed_maps(encoding))
    gpu = opened.device.kind != "cpu"
    whole = Row("512 tokens: asked and drawn, times the pass", "x", (asked + drawn) / passed, 2.0 if gpu else None)
    share = Row("512 tokens: drawn, times the pass", "x", drawn / passed, None if gpu else SHARE)
    note = opened.device.name
    return [
        Row("512 tokens: the pass alone", "s", passed, note=note),
        Row("512 tokens: drawn", "s", drawn),
        share,
        whole,
    ]


if __name__ == "__main__":
    sys.stdout.write(table(measure(sys.argv[1])) + "\n")
