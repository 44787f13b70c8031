"""What requests are made of besides names and texts: edits, pairs, moves, cuts and settings; each checks itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.types import Refused

Mask = Literal["model", "none", "causal", "local"]
Scope = Literal["layer", "global"]
Link = tuple[int, int]  # source word, target word, from 0

BITS = (8, 6, 4, 3, 2)
FULL_BITS = 32  # of a weight that is as it was
MoveKind = Literal["shift", "patch", "shuffle"]
Choosing = Literal["greedy", "sample"]
MOST_PIXELS = 512  # of a shift
THRESHOLD = 1e-3  # of softmax, as awesome-align uses it


@dataclass(frozen=True, slots=True)
class Edit:
    """A change made while the model runs, so that a class sees what it does to maps and predictions."""

    heads_off: tuple[tuple[str, int, int], ...] = ()  # (kind, layer as the model numbers it, head): output set to 0
    scaled: bool = True  # False leaves out 1/sqrt(d)
    temperature: float = 1.0  # scores are divided by it
    mask: Mask = "model"  # replaces the causal part; padding stays hidden
    window: int = 2  # tokens to each side, for mask "local"

    def __post_init__(self) -> None:
        if not (0.01 <= self.temperature <= 100):
            raise Refused(f"Temperature {self.temperature:g}: choose one between 0.01 and 100.")
        if self.mask not in ("model", "none", "causal", "local"):
            raise Refused(f"Mask {self.mask!r} is unknown: choose model, none, causal or local.")
        if self.window < 0:
            raise Refused(f"A window of {self.window} tokens: choose 0 or more.")


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen from what a model expects; the cuts come in this order, as in transformers."""

    choosing: Choosing = "greedy"  # the likeliest, or one drawn by its share
    penalty: float = 1.0  # of tokens that stand there already (Keskar et al. 2019); 1: none
    temperature: float = 1.0  # logits are divided by it; 0: the likeliest alone
    top_k: int = 0  # so many of the likeliest; 0: all
    top_p: float = 1.0  # the fewest whose shares reach this sum (Holtzman et al. 2020)
    min_p: float = 0.0  # at least this share of the likeliest one's (Nguyen et al. 2025)
    seed: int = 1  # of the draw; a place in the text draws anew

    def __post_init__(self) -> None:
        if self.choosing not in ("greedy", "sample"):
            raise Refused(f"Choosing {self.choosing!r} is unknown: choose greedy or sample.")
        allowed = {"penalty": (0.1, 10), "temperature": (0, 10), "top_k": (0, 1_000_000), "top_p": (0.01, 1)}
        for name, (least, most) in (allowed | {"min_p": (0, 1), "seed": (0, 1_000_000)}).items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise Refused(f"{name.replace('_', '-')} {value:g}: choose from {least:g} to {most:,}.")


GREEDY = Sampling()


@dataclass(frozen=True, slots=True)
class Compression:
    """What is done to the matrices of a copy's linear layers."""

    pruned: float = 0.0  # share of the weights, smallest first, that is set to 0
    scope: Scope = "layer"  # the share holds in every matrix, or over all of them together
    bits: int = FULL_BITS  # a weight; 32: as it is
    per_channel: bool = False  # a scale for each output, not one for the whole matrix
    int8: bool = False  # torch's own 8-bit layers, which also round what flows through them

    def __post_init__(self) -> None:
        if not 0 <= self.pruned < 1:
            raise Refused(f"Pruning {100 * self.pruned:g} % of the weights: choose from 0 to 99 %.")
        if self.bits != FULL_BITS and not 2 <= self.bits <= 8:
            raise Refused(f"{self.bits} bits a weight: choose {', '.join(map(str, BITS))} or {FULL_BITS}.")
        if self.scope not in ("layer", "global"):
            raise Refused(f"Pruning {self.scope!r}: choose layer or global.")


WHOLE = Compression()  # nothing is cut


@dataclass(frozen=True, slots=True)
class Move:
    """What is done to a picture before it is read."""

    kind: MoveKind = "shift"  # by pixels, by one patch, or patches in another order
    pixels: int = 1  # to the right; what leaves there comes in on the left
    seed: int = 1  # of the shuffle

    def __post_init__(self) -> None:
        if self.kind not in ("shift", "patch", "shuffle"):
            raise Refused(f"Move {self.kind!r} is unknown: choose shift, patch or shuffle.")
        if abs(self.pixels) > MOST_PIXELS:
            raise Refused(f"A shift of {self.pixels} px: choose up to {MOST_PIXELS}.")


@dataclass(frozen=True, slots=True)
class LinkMethod:
    """How links are read off a matrix."""

    method: str = "argmax"  # one of METHODS
    threshold: float = THRESHOLD  # of softmax
    kappa: float = 0.0  # distortion; 0: none
    null: float = 0.0  # share of links left out as too uncertain


@dataclass(frozen=True, slots=True)
class Gold:
    """Links made by hand; sure ones are possible, too."""

    sure: frozenset[Link]
    possible: frozenset[Link]


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its translation, in words."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    language: str = ""  # of the target, where known
    gold: Gold | None = None
    source_text: str = ""  # as people write it
    target_text: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence."""

    text: str
    label: str
    language: str
    group: str = ""  # sentences of one group say the same, or differ in the label alone; they are held out together
    same: str = ""  # sentences of one name are translations of each other; empty: of none


@dataclass(frozen=True, slots=True)
class Task:
    """Sentences under a name by which what follows from them is kept."""

    name: str
    sentences: tuple[Labelled, ...]

    def __hash__(self) -> int:
        return hash(self.name)  # tables of the same name are the same: it is made of their contents
