"""Questions about heads: what goes without one, what one carries from another text, what each does over a corpus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.requests.base import Request
from core.requests.text import TextRequest
from core.types import Refused

HeadWay = Literal["off", "alone", "edge"]


@dataclass(frozen=True, slots=True)
class HeadEffectsRequest(Request):
    """What becomes of a model's answer when something is done to each of its heads in turn: HeadEffects.

    off: it gives nothing. alone: it is the only one of its layer that gives something. edge: it cannot look from one
    token at another.
    """

    text: TextRequest
    way: HeadWay = "off"
    edge: tuple[int, int] = (-1, -1)  # query, key, of the text's last kind of attention

    def __post_init__(self) -> None:
        if self.way not in ("off", "alone", "edge"):
            raise Refused(f"Way {self.way!r} is unknown: choose off, alone or edge.")
        if self.way == "edge" and min(self.edge) < 0:
            raise Refused("An edge leads from one token to another. Choose both.")


@dataclass(frozen=True, slots=True)
class HeadCardsRequest(Request):
    """What each head of a model does over the built-in sentences of a language: HeadCards."""

    model: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class PatchingRequest(Request):
    """What each head, and each layer at each place, carries from a clean text into a corrupted one: Patched."""

    clean: TextRequest
    corrupted: str

    def __post_init__(self) -> None:
        if not self.corrupted.strip():
            raise Refused("Activation patching needs a second text: the first one with a word changed.")


@dataclass(frozen=True, slots=True)
class HeadDifferencesRequest(Request):
    """How differently each head looks in two texts, or in two models: a KindDifference for each kind both have."""

    first: TextRequest
    second: TextRequest


@dataclass(frozen=True, slots=True)
class AttributionRequest(Request):
    """Which tokens an answer rests on, by several methods: Attribution."""

    text: TextRequest
    place: int  # at which the answer is given; of a judge of whole texts 0
    rank: int = 0  # of the answer at that place; 0 the likeliest, of a translator what it wrote
