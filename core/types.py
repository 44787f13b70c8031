"""The values that travel between the floors: frozen, checked when built, read-only, without drawing methods.

Axis order is layer, head, query, key, everywhere; layers and heads count from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

AttentionKind = Literal["encoder", "decoder", "cross", "vision"]

#: How far rows may be from 1: float32 sums over 2,048 keys.
ROW_TOLERANCE = 1e-3


class Weights(Protocol):
    """Attention weights [layer, head, query, key]: a numpy array, or what is indexed like one and computes on demand.

    weights[layer] is [head, query, key]; weights[layer, head] is [query, key]; both numpy float32.
    """

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, index: Any) -> np.ndarray: ...


class Refused(ValueError):
    """The only error that is shown to a user as advice: what came, what is wanted, what to do."""


class Stopped(Refused):
    """Somebody cancelled the work."""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece as the model sees it."""

    text: str  # as shown: no word-boundary marks
    id: int
    word: int  # index of the word it belongs to, counted along the sequence; -1 for a special token
    special: bool = False
    segment: int = 0  # 0, or 1 for the second text of a pair


@dataclass(frozen=True, slots=True, eq=False)
class Attention:
    """What each query token takes from each key token, for all layers and heads of one kind."""

    kind: AttentionKind
    queries: tuple[Token, ...]
    keys: tuple[Token, ...]
    weights: Weights  # [layer, head, query, key], rows sum to 1
    layers: tuple[int, ...] = ()  # the model's own numbers of its layers, from 0; empty: 0, 1, ...

    def __post_init__(self) -> None:
        layers_heads, rest = self.weights.shape[:2], self.weights.shape[2:]
        if len(self.weights.shape) != 4 or rest != (len(self.queries), len(self.keys)):
            raise ValueError(
                f"weights of shape {tuple(self.weights.shape)} do not meet "
                f"{len(self.queries)} queries and {len(self.keys)} keys"
            )
        if self.layers and len(self.layers) != layers_heads[0]:
            raise ValueError(f"{len(self.layers)} numbers for {layers_heads[0]} layers")
        if 0 in layers_heads:
            raise ValueError("attention without a layer or a head")
        if isinstance(self.weights, np.ndarray):
            sums = self.weights.sum(axis=-1, dtype=np.float64)
            if not np.all(np.abs(sums - 1) < ROW_TOLERANCE):
                raise ValueError(f"rows sum to {sums.min():.3g} ... {sums.max():.3g}, not 1")
            self.weights.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Patches:
    """Where the patches of a model lie on a picture; left, top, width and height are shares of the picture."""

    rows: int
    columns: int
    prefix: int = 0  # tokens before the first patch: class, distillation, registers
    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0


@dataclass(frozen=True, slots=True)
class Display:
    """How attention is summed up for a picture: pieces or words, with or without special tokens."""

    units: Literal["pieces", "words"] = "pieces"
    special: Literal["show", "hide", "renormalise"] = "show"


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate of a prediction."""

    text: str
    probability: float
    label: int = -1  # its number among a classifier's classes; -1: it is none


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model expects at one place, best first."""

    place: str  # in words: 'next token', 'in place of [MASK]', 'target token 3'
    position: int  # index of the token whose output was read
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """What a model made of a request: what texts and pictures have in common."""

    request: Any  # the TextRequest or ImageRequest that it answers: questions stand above values
    model: str
    tokens: tuple[Token, ...]
    attentions: tuple[Attention, ...]
    predictions: tuple[Prediction, ...] = ()
    remarks: tuple[str, ...] = ()  # sentences for the user: what was cut, what is missing


@dataclass(frozen=True, slots=True, eq=False)
class TextEncoding(Encoding):
    """What a model made of a text."""

    output: str = ""  # the text that an encoder-decoder wrote or was given


@dataclass(frozen=True, slots=True, eq=False)
class ImageEncoding(Encoding):
    """What a model made of a picture."""

    patches: Patches = field(kw_only=True)


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A table of numbers with named rows and columns."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: np.ndarray  # [row, column]

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.rows), len(self.columns)):
            raise ValueError(
                f"values {self.values.shape} do not meet {len(self.rows)} rows, {len(self.columns)} columns"
            )
        self.values.flags.writeable = False
