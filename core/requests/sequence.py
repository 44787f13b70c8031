"""Questions about texts in the making: what comes next, what is written on, what layers expect, which beams live."""

from __future__ import annotations

from dataclasses import dataclass

from core.requests.base import Request
from core.requests.parts import GREEDY, Sampling
from core.requests.text import TextRequest
from core.types import Refused

MOST_STEPS = 200  # tokens that are written on at once
MOST_BEAMS = 8
MOST_BEAM_STEPS = 60


@dataclass(frozen=True, slots=True)
class DistributionsRequest(Request):
    """What a decoder expects after every token of a text and of what was chosen so far: Distributions."""

    text: TextRequest
    sampling: Sampling = GREEDY


@dataclass(frozen=True, slots=True)
class ContinuationRequest(Request):
    """What a decoder writes on, token by token: Continuation."""

    text: TextRequest
    sampling: Sampling = GREEDY
    count: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST_STEPS:
            raise Refused(f"{self.count} tokens to write on: choose from 1 to {MOST_STEPS}.")


@dataclass(frozen=True, slots=True)
class KeptRequest(Request):
    """The keys and values that a decoder keeps of a text to go on writing: Kept."""

    text: TextRequest


@dataclass(frozen=True, slots=True)
class LensRequest(Request):
    """What each layer of a model would say if it were the last (logit lens): Lens."""

    text: TextRequest


@dataclass(frozen=True, slots=True)
class RecurrentStepsRequest(Request):
    """A recurrent translator's attention step by step: RecurrentSteps."""

    text: TextRequest


@dataclass(frozen=True, slots=True)
class BeamRequest(Request):
    """Beam search from a text, every hypothesis that lived: Beams."""

    text: TextRequest
    width: int = 4  # hypotheses that live at the same time
    steps: int = 20  # tokens a hypothesis has at most
    length_penalty: float = 1.0  # the sum of logarithms is divided by the length to this power

    def __post_init__(self) -> None:
        if not 1 <= self.width <= MOST_BEAMS:
            raise Refused(f"{self.width} beams: choose from 1 to {MOST_BEAMS}.")
        if not 1 <= self.steps <= MOST_BEAM_STEPS:
            raise Refused(f"{self.steps} steps of beam search: choose from 1 to {MOST_BEAM_STEPS}.")
        if not 0 <= self.length_penalty <= 5:
            raise Refused(f"A length penalty of {self.length_penalty:g}: choose from 0 to 5.")
