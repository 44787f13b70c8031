"""What is read off attention: words from pieces, special tokens away, measures of every head, averages, rollout.

Everything goes layer by layer, so that weights which are made on demand never stand in memory at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

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
_BYTES = re.compile(r"(?:‹[0-9A-F]{2}›)+")


class Summed:
    """Weights over units (pieces or words), some of them hidden: indexed like the weights it is made from.

    Summed over the key pieces of a word and averaged over its query pieces, so rows still sum to 1.
    """

    def __init__(self, weights: Weights, rows: _Units, columns: _Units, *, renormalise: bool) -> None:
        self._weights, self._rows, self._columns, self._renormalise = weights, rows, columns, renormalise
        self.shape = (*weights.shape[:2], len(rows.tokens), len(columns.tokens))

    def __getitem__(self, index: Any) -> np.ndarray:
        maps = self._weights[index]
        if self._columns.joins:
            maps = np.add.reduceat(maps, self._columns.starts, axis=-1)
        if self._rows.joins:
            maps = np.add.reduceat(maps, self._rows.starts, axis=-2) / self._rows.sizes[:, None]
        if self._rows.hides or self._columns.hides:
            maps = maps[..., self._rows.kept, :][..., self._columns.kept]
        if self._renormalise:
            sums = maps.sum(axis=-1, keepdims=True)
            maps = np.divide(maps, sums, out=np.zeros_like(maps), where=sums > 0)
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
    text = _BYTES.sub(
        lambda run: bytes.fromhex(run.group().replace("‹", "").replace("›", "")).decode("utf-8", "replace"), text
    )
    return Token(text=text, id=-1, word=pieces[0].word, special=False, segment=pieces[0].segment)


def shown_as(attention: Attention, shown: Display) -> tuple[tuple[Token, ...], tuple[Token, ...], Weights]:
    """(row units, column units, weights over them).

    With special tokens hidden and not renormalised, rows sum to less than 1.
    """
    if shown == Display():
        return attention.queries, attention.keys, attention.weights
    rows, columns = _Units(attention.queries, shown), _Units(attention.keys, shown)
    return (
        rows.tokens,
        columns.tokens,
        Summed(attention.weights, rows, columns, renormalise=shown.special == "renormalise"),
    )


def layer_measures(
    maps: np.ndarray, rows: tuple[Token, ...], columns: tuple[Token, ...], *, self_attention: bool
) -> dict[str, np.ndarray]:
    """Measures of the heads of one layer: maps[head, row, column] -> {name: [head]}, each the mean over the rows.

    Those that compare places (distance, itself, previous, next) need rows and columns to be the same tokens.
    """
    logs = np.maximum(maps, SMALLEST)
    np.log2(logs, out=logs)
    found = {
        "entropy": -np.einsum("hqk,hqk->h", maps, logs) / maps.shape[1],
        "peak": maps.max(axis=-1).mean(axis=-1),
        "first": maps[:, :, 0].mean(axis=-1),
        "separator": _on(maps, [j for j, t in enumerate(columns) if t.special and j > 0]),
    }
    if self_attention and maps.shape[1] == maps.shape[2]:
        size = maps.shape[1]
        found["distance"] = np.einsum("hqk,qk->h", maps, _apart(size)) / size
        for name, offset in (("diagonal", 0), ("previous", -1), ("next", 1)):
            along = np.diagonal(maps, offset=offset, axis1=1, axis2=2)
            found[name] = along.mean(axis=-1) if along.shape[-1] else np.zeros(len(maps))
    return found


@lru_cache(maxsize=1)
def _apart(size: int) -> np.ndarray:
    """How many tokens lie between a row and a column, read-only."""
    apart = np.abs(np.arange(size)[:, None] - np.arange(size)).astype(np.float32)
    apart.flags.writeable = False
    return apart


def _on(maps: np.ndarray, columns: list[int]) -> np.ndarray:
    return maps[:, :, columns].sum(axis=-1).mean(axis=-1)


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


def in_parts(weights: Weights, layer: int) -> Iterator[np.ndarray]:
    """The heads of a layer in turn, as many at once as stay in the processor's cache: [head, row, column] each."""
    _, heads, rows, columns = weights.shape
    step = max(1, AT_ONCE // (rows * columns))
    for first in range(0, heads, step):
        yield weights[layer, first : first + step]


def together(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The measures of a layer from those of its parts."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


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
        product = rolled(product, mean_of_heads(weights, layer), residual)
        yield product[sinks:]


def rolled(product: np.ndarray | None, mean: np.ndarray, residual: float = 0.5) -> np.ndarray:
    """Rollout up to a layer, from that up to the layer below (None: there is none) and the mean of this one's heads.

    Where the mean has a column more than rows, that is the sink's, and the product has a row for it in front.
    """
    sinks = mean.shape[1] - len(mean)
    step = (1 - residual) * np.vstack([np.eye(sinks, mean.shape[1]), mean]).astype(np.float64)
    step.flat[:: len(step) + 1] += residual  # the diagonal
    step /= step.sum(axis=-1, keepdims=True)
    return step if product is None else step @ product


def mean_of_heads(weights: Weights, layer: int) -> np.ndarray:
    """[query, key] in float64."""
    total = np.zeros(weights.shape[2:])
    for maps in in_parts(weights, layer):
        for one in maps:  # no copy of a long text's map in between
            total += one
    return total / weights.shape[1]


def rollout(attention: Attention, residual: float = 0.5) -> Matrix:
    """How much of each input token reaches each output token through all layers; rows sum to 1."""
    *_, product = rollouts(attention, residual)
    rows, columns = (tuple(t.text for t in tokens) for tokens in (attention.queries, attention.keys))
    return Matrix("Attention rollout", rows, columns, product)


def one_map(
    attention: Attention, shown: Display, layer: int, head: int | str
) -> tuple[tuple[Token, ...], tuple[Token, ...], np.ndarray]:
    """(row units, column units, exact weights[row, column]) of one head, or of 'mean' or 'rollout' at a layer."""
    if head == "rollout":
        product = next(m for i, m in enumerate(rollouts(attention)) if i == layer).astype(np.float32)
        whole = Attention(attention.kind, attention.queries, attention.keys, product[None, None])
        rows, columns, weights = shown_as(whole, shown)
        return rows, columns, weights[0, 0]
    rows, columns, weights = shown_as(attention, shown)
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


def pool(maps: np.ndarray, block: int) -> np.ndarray:
    """The greatest weight of every block x block cell: [..., rows, columns] -> [..., rows/block, columns/block], up."""
    return _greatest(_greatest(maps, block, -2), block, -1)  # rows first: they lie one behind the other in memory


def _greatest(maps: np.ndarray, block: int, axis: int) -> np.ndarray:
    """The greatest of every `block` entries along an axis, the last block what is left."""
    if block == 1:
        return maps

    def every(array: np.ndarray, where: slice) -> np.ndarray:
        return array[..., where, :] if axis == -2 else array[..., where]

    # Whole slices against each other: many times faster than numpy's reduceat.
    found = every(maps, slice(0, None, block)).copy()
    for first in range(1, block):
        part = every(maps, slice(first, None, block))
        here = every(found, slice(0, part.shape[axis]))
        np.maximum(here, part, out=here)
    return found
