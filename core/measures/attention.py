"""What is read off attention: words from pieces, special tokens away, measures of every head, averages, rollout.

Everything goes layer by layer and where the weights lie (core/measures/arrays.py), so that weights which are made on
demand never stand in memory at once, and only what is read off them leaves a GPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from core.device import at_once
from core.measures.arrays import Values, added, double, host, library, segment_sums
from core.tokens.pieces import BYTES, bytes_in
from core.types import Attention, Display, Matrix, Token, Weights

#: name -> (title, what it says); the order in which they are offered.
MEASURES = {
    "entropy": ("Entropy", "bits; 0 is one token, high is spread out"),
    "peak": ("Greatest weight", "mean over the rows of the largest weight"),
    "distance": ("Distance", "tokens between query and key, weighted"),
    "diagonal": ("Itself", "weight on the token itself"),
    "previous": ("Previous token", "weight on the token before"),
    "next": ("Next token", "weight on the token after"),
    "first": ("First token", "weight on the first token"),
    "separator": ("Separators", "weight on special tokens after the first"),
}
#: Weights looked at together, unless one head has more: few enough for a processor's cache.
AT_ONCE = 1_000_000
SMALLEST = np.finfo(np.float32).tiny  # what stands for 0 in a logarithm: multiplied by 0 it adds nothing
PIECES = Display()  # as the model sees them


class Summed:
    """Weights over units (pieces or words), some of them hidden: indexed like the weights it is made from."""

    def __init__(self, weights: Weights, rows: _Units, columns: _Units, *, renormalise: bool) -> None:
        self._weights, self._rows, self._columns, self._renormalise = weights, rows, columns, renormalise
        self.shape = (*weights.shape[:2], len(rows.tokens), len(columns.tokens))
        self.whole = weights.shape[2:]  # of the maps that it is made from

    def __getitem__(self, index: Any) -> np.ndarray:
        return self._sums(self._weights[index])

    def heads(self, layer: int, some: slice) -> Values:
        """Maps [head, row, column] of some heads of a layer, where the weights lie."""
        return self._sums(heads_of(self._weights, layer, some))

    def _sums(self, maps: Values) -> Values:
        return summed(maps, self._rows, self._columns, renormalise=self._renormalise)


def summed(maps: Values, rows: _Units, columns: _Units, *, renormalise: bool) -> Values:
    """Maps [..., row piece, column piece] -> [..., row unit, column unit]; rows still sum to 1 where none is hidden.

    Summed over the key pieces of a word and averaged over its query pieces.
    """
    if rows.joins:
        maps = segment_sums(maps, rows.starts, rows.sizes, -2)
        maps /= library(maps).asarray(rows.sizes, device=maps.device)[:, None]
    if columns.joins:
        maps = segment_sums(maps, columns.starts, columns.sizes, -1)
    if rows.hides or columns.hides:
        maps = maps[..., rows.kept, :][..., columns.kept]
    if renormalise:
        sums = maps.sum(-1)[..., None]
        maps = maps / (sums + (sums <= 0))  # a row of zeros stays one
    return maps


class _Units:
    """One axis: which pieces make a unit, and which units are kept."""

    def __init__(self, tokens: tuple[Token, ...], shown: Display) -> None:
        words = shown.units == "words"
        opens = [
            i == 0 or not words or token.special or tokens[i - 1].special or token.word != tokens[i - 1].word
            for i, token in enumerate(tokens)
        ]
        self.starts = np.flatnonzero(opens)
        self.sizes = np.diff([*self.starts, len(tokens)]).astype(np.float32)
        units = [joined(tokens[a : a + int(n)]) for a, n in zip(self.starts, self.sizes, strict=True)]
        hide = shown.special != "show" and not all(u.special for u in units)
        self.kept = np.array([i for i, u in enumerate(units) if not (hide and u.special)])
        self.tokens = tuple(units[i] for i in self.kept)
        self.joins = len(units) < len(tokens)
        self.hides = len(self.kept) < len(units)


def joined(pieces: tuple[Token, ...]) -> Token:
    """One word made of its pieces; bytes that together are letters become those letters."""
    if len(pieces) == 1:
        return pieces[0]
    text = "".join(p.text for p in pieces if p.text != "␣")
    text = BYTES.sub(lambda run: bytes_in(run.group()).decode("utf-8", "replace"), text)
    return Token(text=text, id=-1, word=pieces[0].word, special=False, segment=pieces[0].segment)


def shown_as(attention: Attention, shown: Display) -> tuple[tuple[Token, ...], tuple[Token, ...], Weights]:
    """(row units, column units, weights over them).

    With special tokens hidden and not renormalised, rows sum to less than 1.
    """
    if shown == PIECES:
        return attention.queries, attention.keys, attention.weights
    rows, columns = _Units(attention.queries, shown), _Units(attention.keys, shown)
    return (
        rows.tokens,
        columns.tokens,
        Summed(attention.weights, rows, columns, renormalise=shown.special == "renormalise"),
    )


def over_units(attention: Attention, shown: Display, maps: Values) -> Values:
    """Maps [..., query, key] over the units that are shown: what shown_as does to weights, done to another map."""
    if shown == PIECES:
        return maps
    rows, columns = _Units(attention.queries, shown), _Units(attention.keys, shown)
    return summed(maps, rows, columns, renormalise=shown.special == "renormalise")


def layer_measures(
    maps: Values, rows: tuple[Token, ...], columns: tuple[Token, ...], *, self_attention: bool
) -> dict[str, Values]:
    """Measures of the heads of one layer: maps[head, row, column] -> {name: [head]}, each the mean over the rows.

    Those that compare places (distance, itself, previous, next) need rows and columns to be the same tokens. Sums over
    keys are of neighbours in pairs, as numpy and torch add up along the last axis: exact to seven digits at any length.
    """
    there, place = library(maps), str(maps.device)
    separators = _places(there, tuple(j for j, t in enumerate(columns) if t.special and j > 0), place)
    logs = there.clip(maps, SMALLEST, None)
    there.log2(logs, out=logs)
    logs *= maps
    found = {
        "entropy": -logs.sum(-1),
        "peak": there.amax(maps, -1),
        "first": maps[:, :, 0],
        "separator": maps[:, :, separators].sum(-1),
    }
    beside = {}
    if self_attention and maps.shape[1] == maps.shape[2]:
        there.multiply(maps, _apart(there, maps.shape[1], place), out=logs)
        found["distance"] = logs.sum(-1)
        found["diagonal"] = there.diagonal(maps, 0, 1, 2)
        for name, offset in (("previous", -1), ("next", 1)):
            along = there.diagonal(maps, offset, 1, 2)
            beside[name] = along if along.shape[-1] else maps[:, :, 0] * 0
    return _means(there, found) | (_means(there, beside) if beside else {})


@lru_cache(maxsize=2)
def _apart(there: Any, size: int, device: str) -> Values:
    """How many tokens lie between a row and a column."""
    places = np.arange(size, dtype=np.float32)
    return there.asarray(np.abs(places[:, None] - places), device=device)


@lru_cache(maxsize=64)
def _places(there: Any, places: tuple[int, ...], device: str) -> Values:
    """Places as an index, where maps are indexed by them."""
    return there.asarray(np.array(places, np.int64), device=device)


def _means(there: Any, rows: dict[str, Values]) -> dict[str, Values]:
    """{name: [head, row]} -> {name: [head]} in float64, all in one piece of work."""
    return dict(zip(rows, double(there.stack(list(rows.values()))).mean(-1), strict=True))


def measures(attention: Attention, shown: Display = PIECES) -> dict[str, np.ndarray]:
    """All measures of all heads: {name: [layer, head]}."""
    rows, columns, weights = shown_as(attention, shown)
    layers = [
        together(
            [
                layer_measures(maps, rows, columns, self_attention=attention.kind != "cross")
                for maps in in_parts(weights, layer)
            ]
        )
        for layer in range(weights.shape[0])
    ]
    return {name: np.stack([layer[name] for layer in layers]) for name in MEASURES if name in layers[0]}


def layer_numbers(attention: Attention) -> tuple[int, ...]:
    """The model's own numbers, from 0, of the layers of an attention, [layer]: some models attend in some layers."""
    return attention.layers or tuple(range(attention.weights.shape[0]))


def heads_of(weights: Weights, layer: int, some: slice) -> Values:
    """Maps [head, row, column] of some heads of a layer, where they lie: numpy's, or a tensor on the model's device."""
    made = getattr(weights, "heads", None)
    return weights[layer, some] if made is None else made(layer, some)


def in_parts(weights: Weights, layer: int) -> Iterator[Values]:
    """The heads of a layer in turn, as many at once as stay in the processor's cache: [head, row, column] each."""
    _, heads, rows, columns = weights.shape
    rows, columns = getattr(weights, "whole", (rows, columns))
    step = max(1, at_once(AT_ONCE, getattr(weights, "place", "cpu")) // (rows * columns))
    for first in range(0, heads, step):
        yield heads_of(weights, layer, slice(first, first + step))


def together(parts: list[dict[str, Values]]) -> dict[str, np.ndarray]:
    """The measures of a layer from those of its parts, on the host."""
    names, there = list(parts[0]), library(parts[0]["entropy"])
    every = host(there.concatenate([there.stack([part[name] for name in names]) for part in parts], -1))
    return dict(zip(names, every, strict=True))


def rollouts(attention: Attention, residual: float = 0.5) -> Iterator[np.ndarray]:
    """Rollout up to each layer in turn, [query, key] in float64 (Abnar & Zuidema 2020).

    Each layer counts as residual * I + (1 - residual) * mean over heads, rows normalised, multiplied from the first up.
    A sink, the one key more than there are queries, keeps what it is given.
    """
    weights = attention.weights
    sinks = int(attention.keys[1:] == attention.queries)
    if weights.shape[2] + sinks != weights.shape[3]:
        raise ValueError("rollout needs self-attention: as many queries as keys")
    product = None
    for layer in range(weights.shape[0]):
        product = rolled(product, total_of_heads(weights, layer) / weights.shape[1], residual)
        yield host(product)[sinks:]


def rolled(product: Values | None, mean: Values, residual: float = 0.5) -> Values:
    """Rollout up to a layer, from that up to the layer below (None: there is none) and the mean of this one's heads.

    In float64, where the mean lies. Where it has a column more than rows, that is the sink's, and the product has a
    row for it in front.
    """
    there, sinks = library(mean), mean.shape[1] - len(mean)
    step = (1 - residual) * double(mean)
    if sinks:
        step = there.concatenate([step[:1] * 0, step], 0)
        step[0, 0] = 1 - residual
    step.reshape(-1)[:: len(step) + 1] += residual  # the diagonal, in place
    step /= step.sum(-1)[:, None]
    return step if product is None else step @ product


def mean_of_heads(weights: Weights, layer: int) -> np.ndarray:
    """[query, key] in float64."""
    return host(total_of_heads(weights, layer) / weights.shape[1])


def total_of_heads(weights: Weights, layer: int) -> Values:
    """The sum over the heads of a layer, [query, key] in float64, where they lie."""
    total = None
    for maps in in_parts(weights, layer):
        total = added(double(maps[:1])[0] if total is None else total, maps[total is None :])
    return total


def rollout(attention: Attention, residual: float = 0.5) -> Matrix:
    """How much of each input token reaches each output token through all layers; rows sum to 1."""
    *_, product = rollouts(attention, residual)
    rows, columns = (tuple(t.text for t in tokens) for tokens in (attention.queries, attention.keys))
    return Matrix("Attention rollout", rows, columns, product)


def one_map(
    attention: Attention, shown: Display, layer: int, head: int | str
) -> tuple[tuple[Token, ...], tuple[Token, ...], np.ndarray]:
    """(row units, column units, exact weights[row, column]) of one head, or of 'mean' or 'rollout' at a layer."""
    rows, columns, weights = shown_as(attention, shown)
    if head == "rollout":
        product = next(m for i, m in enumerate(rollouts(attention)) if i == layer)
        return rows, columns, over_units(attention, shown, product).astype(np.float32)
    if head == "mean":
        return rows, columns, mean_of_heads(weights, layer).astype(np.float32)
    return rows, columns, weights[layer, head]


TITLES = {
    "encoder": "Encoder self-attention",
    "decoder": "Decoder self-attention",
    "cross": "Cross-attention",
    "vision": "Patch attention",
}


def cells(tokens: int, block: int) -> int:
    """Cells along an axis when each covers `block` tokens."""
    return -(-tokens // block)
