"""One or two runs of small transformers as a message for the browser: curves, maps and answers of every moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.learning.runs import TransformerFrame, TransformerRun
from ui.components.message import pack

MOST_BYTES = 6_000_000
TEXTS = ("poem", "your text")  # whose characters are judged one by one


def pack_runs(sides: Sequence[tuple[str, TransformerRun]], height: int, pattern: str) -> bytes:
    """The browser's message. sides: (title, run); pattern: what the third curve is called.

    Maps are left out of every second moment until they fit; the last moment has its own always.
    """
    texts = all(run.settings.task in TEXTS for _, run in sides)
    score = "characters right" if texts else "right to the last character"
    header = {
        "height": height,
        "pattern": pattern,
        "score": score,
        "sides": [_side(title, run) for title, run in sides],
    }
    arrays: dict[str, np.ndarray] = {}
    for place, (_, run) in enumerate(sides):
        frames = run.frames
        arrays[f"{place} curves"] = np.array([_numbers(frame) for frame in frames], np.float32)
        arrays[f"{place} patterns"] = np.nan_to_num(np.stack([f.pattern for f in frames]), nan=-1).astype(np.float32)
        every = max(1, -(-sum(f.weights.nbytes for f in frames) * len(sides) // MOST_BYTES))
        kept = [i for i in range(len(frames)) if (len(frames) - 1 - i) % every == 0]
        arrays[f"{place} kept"] = np.array(kept, np.uint32)
        arrays[f"{place} weights"] = np.stack([frames[i].weights for i in kept])
    return pack(header, arrays)


def _numbers(frame: TransformerFrame) -> tuple[float, float, float, float]:
    """Step, loss, share that is right, and the pattern of the head that has most of it (-1: nobody can say)."""
    pattern = frame.pattern[np.isfinite(frame.pattern)]
    return frame.step, frame.loss, frame.right, float(pattern.max()) if len(pattern) else -1.0


def _side(title: str, run: TransformerRun) -> dict[str, object]:
    last = run.frames[-1]
    return {
        "title": title,
        "tokens": last.tokens,
        "steps": last.steps,
        "places": [answer.place for answer in last.answers],
        "wanted": [answer.wanted for answer in last.answers],
        "answers": [
            [[[piece, round(share, 3)] for piece, share in answer.choices] for answer in frame.answers]
            for frame in run.frames
        ],
        "causal": run.settings.kind == "causal",
    }
