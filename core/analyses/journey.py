"""A text on its way through a whole transformer: tokens, vectors and positions, every layer's sums, and the guess."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.analyses.noted_pass import Lookup, Pass, Stack, numbers, passed, stacks_of
from core.engine import ask
from core.measures.attention import layer_numbers
from core.requests import JourneyRequest, LensRequest
from core.store.opening import open_model
from core.types import Attention, Refused, Token

SEGMENTS = 4  # a table of at most so many rows tells texts of a pair apart, not places
CLOSE = 1e-4  # of the largest number, for a sum to be the sum of its parts


@dataclass(frozen=True, slots=True, eq=False)
class Sublayer:
    """What attention or a feed-forward network adds to the stream, and the stream behind it (and its norm, if any)."""

    name: str
    adds: np.ndarray  # [place, width]
    after: np.ndarray  # [place, width]


@dataclass(frozen=True, slots=True, eq=False)
class SideOfJourney:
    """The way through an encoder or a decoder."""

    side: str  # "encoder" or "decoder"
    tokens: tuple[Token, ...]
    vectors: np.ndarray  # [place, width of the table]: the row of each token
    positions: np.ndarray | None  # the same of each place and, in pairs, of each text; None: nothing is added
    enters: np.ndarray  # [place, width] what the first layer reads
    normed: bool  # it is a norm of vectors and positions, not their sum
    factor: float  # the vectors are multiplied by it before positions are added
    layers: tuple[tuple[Sublayer, ...], ...]
    pre_norm: bool
    numbers: tuple[int, ...]  # the model's own numbers of the layers, from 0
    attention: Attention
    cross: Attention | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Journey:
    """The whole way: of a translator the encoder's and the decoder's."""

    sides: tuple[SideOfJourney, ...]
    says: str  # what is guessed at each place of the last side: "next token", "this token", "target token"; "" nothing
    guesses: tuple[
        tuple[tuple[str, float], ...], ...
    ]  # [layer, 0 the vectors][place] (piece, share), if it ended there
    asked: int  # the place of the last side that the question is about


def journey(request: JourneyRequest) -> Journey:
    """The way of a text. Refused: more than MOST_TOKENS tokens, a model whose sums cannot be read."""
    found = passed(request.text)
    stacks = stacks_of(found)
    sides = tuple(side_of(found, stack) for stack in stacks)
    says, guesses = guessed(request)
    if guesses and len(guesses[0]) != len(sides[-1].tokens):
        raise Refused("What this model guesses is for other places than it reads. Choose another model.")
    asked = [one.position for one in found.encoding.predictions if one.place.startswith(("in place", "next"))]
    words = [i for i, token in enumerate(sides[-1].tokens) if not token.special]
    return Journey(sides, says, guesses, asked[0] if asked else (words or [0])[len(words) // 2])


def guessed(request: JourneyRequest) -> tuple[str, tuple[tuple[tuple[str, float], ...], ...]]:
    """What each layer would say at each place; nothing where the model guesses no pieces."""
    try:
        lens = ask(LensRequest(request.text))
    except Refused:
        return "", ()
    rows = zip(lens.words, lens.shares.tolist(), strict=True)
    return lens.says, tuple(tuple(zip(words, shares, strict=True)) for words, shares in rows)


def side_of(found: Pass, stack: Stack) -> SideOfJourney:
    """One stack, from its tokens on."""
    attentions = {a.kind: a for a in found.encoding.attentions}
    own = attentions[stack.side]
    step, sums = len(stack.names), stack.sums
    streams = [numbers(after_sum(found, stack, place)[0]) for place in range(len(sums))]
    layers = tuple(
        tuple(Sublayer(name, numbers(sums[at + i].right[0]), streams[at + i]) for i, name in enumerate(stack.names))
        for at in range(0, len(sums), step)
    )
    enters = numbers(sums[0].left[0])
    vectors, positions = looked_up(found, own.queries)
    normed, factor = how_joined(vectors, positions, enters)
    return SideOfJourney(
        stack.side, own.queries, vectors, positions, enters, normed, factor, layers, stack.pre_norm,
        layer_numbers(own), own, attentions.get("cross") if stack.side == "decoder" else None,
    )  # fmt: skip


def after_sum(found: Pass, stack: Stack, place: int) -> Tensor:
    """What a sublayer hands on: its sum, or the norm of it where norms stand behind."""
    out = stack.sums[place].out
    if stack.pre_norm:
        return out
    normed = next((one.out for one in found.norms if one.x.data_ptr() == out.data_ptr()), None)
    if normed is not None:
        return normed
    return stack.sums[place + 1].left if place + 1 < len(stack.sums) else out


def looked_up(found: Pass, tokens: tuple[Token, ...]) -> tuple[np.ndarray, np.ndarray | None]:
    """(the vector of each token, what else is looked up for its place and added; None if nothing is)."""
    table = open_model(found.encoding.request.model).model.get_input_embeddings().weight
    fitting = [one for one in found.lookups if one.out.shape[-2] == len(tokens)]
    own = [i for i, one in enumerate(fitting) if is_table(one, table)]
    ids = [token.id for token in tokens]
    expected = numbers(table[ids])
    exact = [i for i in own if np.array_equal(numbers(rows_of(fitting[i])), expected)]
    if not exact:
        return expected, None
    end = next((i for i in own if i > exact[-1]), len(fitting))
    beside = [one for one in fitting[exact[-1] + 1 : end] if one.out.shape[-1] == expected.shape[1]]
    placed = [one for one in beside if one.table.shape[0] > SEGMENTS]
    if not placed:
        return expected, None
    return expected, sum((numbers(rows_of(one)) for one in beside), np.zeros_like(expected))


def is_table(one: Lookup, table: Tensor) -> bool:
    """Whether rows come from the table of tokens."""
    return one.table.data_ptr() == table.data_ptr()


def rows_of(one: Lookup) -> Tensor:
    """[place, width] of a text on its own."""
    return one.out.reshape(-1, *one.out.shape[-2:])[0]


def how_joined(vectors: np.ndarray, positions: np.ndarray | None, enters: np.ndarray) -> tuple[bool, float]:
    """(whether what the first layer reads is no plain sum, the factor of the vectors in it)."""
    if vectors.shape != enters.shape:
        return True, 1.0
    rest = enters if positions is None else enters - positions
    factor = float((rest * vectors).sum() / max((vectors * vectors).sum(), 1e-12))
    left = np.abs(rest - factor * vectors).max()
    return bool(left > CLOSE * max(np.abs(enters).max(), 1e-12)), factor
