"""What a run of a recurrent translator tells after every epoch, and such a run as a small file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

RECORDED = Path(__file__).resolve().parents[2] / "assets" / "recordings" / "translation-dot.json"


@dataclass(frozen=True, slots=True, eq=False)
class RecurrentStep:
    """Where the run stands after an epoch; epoch 0: before it began."""

    epoch: int
    epochs: int  # that it will have
    steps: int  # so far
    seconds: float  # of training so far
    loss: float  # nats a target token, smoothing and all: the mean of the epoch; of epoch 0, of the first batch
    tokens_per_second: float  # target tokens
    parameters: int
    source: tuple[str, ...]  # pieces of the sentence, its end mark last
    target: tuple[str, ...]
    weights: np.ndarray  # [target, source], float32, rows sum to 1: its translation is given
    written: str  # what it translates the sentence to by itself, greedily
    pairs: int  # that it learns from
    left_out: int  # pairs that are too long


def write_steps(steps: Sequence[RecurrentStep]) -> str:
    """A run as JSON; weights to four digits."""
    plain = [asdict(step) | {"weights": np.round(step.weights.astype(np.float64), 4).tolist()} for step in steps]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"


def read_steps(raw: bytes) -> tuple[RecurrentStep, ...]:
    """The run that write_steps wrote: one that comes with Gaze."""
    told = []
    for step in json.loads(raw):
        words = {name: tuple(step[name]) for name in ("source", "target")}
        told.append(RecurrentStep(**step | words | {"weights": np.array(step["weights"], np.float32)}))
    return tuple(told)
