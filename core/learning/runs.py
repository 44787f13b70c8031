"""What a run of a small transformer tells on its way; without torch, so that pages open at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.requests.learning import TransformerTraining


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model expects for one character of the example's answer."""

    place: int  # index of the token whose output was read
    wanted: str
    choices: tuple[tuple[str, float], ...]  # (character, probability), best first

    @property
    def right(self) -> bool:
        return self.choices[0][0] == self.wanted


@dataclass(frozen=True, slots=True, eq=False)
class TransformerFrame:
    """The model at a moment of its run."""

    step: int
    steps: int  # that the run will have
    seconds: float  # of learning
    loss: float  # nats a character, the mean since the frame before
    right: float  # share of the held-out rows that are right to the last character; of a text, of its characters
    tokens: tuple[str, ...]  # of the example
    answers: tuple[Answer, ...]  # to it
    weights: np.ndarray  # [layer, head, query, key] of the example, uint8: 255 is 1
    pattern: np.ndarray  # [layer, head]: what each head takes from where the answer stands; NaN: nobody can say


@dataclass(frozen=True, slots=True, eq=False)
class TransformerResult:
    """What a run leaves, its last value."""

    files: dict[str, bytes]  # of the checkpoint
    step: int
    seconds: float
    parameters: int
    remark: str  # what the held-out score means


@dataclass(frozen=True, slots=True, eq=False)
class TransformerRun:
    """A run as far as it came."""

    settings: TransformerTraining
    frames: tuple[TransformerFrame, ...]
    result: TransformerResult | None  # None: it runs still
    name: str = ""  # of a recording


def transformer_run(settings: TransformerTraining, steps: tuple[Any, ...]) -> TransformerRun | None:
    """What a trainer has told so far; None before there is anything to draw."""
    frames = tuple(step for step in steps if isinstance(step, TransformerFrame))
    if not frames:
        return None
    return TransformerRun(settings, frames, steps[-1] if isinstance(steps[-1], TransformerResult) else None)


def appears(run: TransformerRun, share: float = 0.5) -> int | None:
    """The first step at which some head takes at least this share from where the answer stands; None: none has yet."""
    return next((f.step for f in run.frames if np.nanmax(f.pattern, initial=0) >= share), None)
