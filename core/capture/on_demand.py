"""Attention weights from queries and keys: a few heads at a time while a model runs, one head again when asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class ScoreInputs:
    """All that the weights of one layer follow from; grows with the length, what grows with its square is shared."""

    query: Tensor  # [batch, head, query, width]
    key: Tensor  # [batch, key head, key, width]; grouped models have fewer key heads
    scaling: float
    added: tuple[Tensor, ...] = ()  # position bias and mask, each broadcast to [batch, head, query, key]
    temperature: float = 1.0
    hidden: Tensor | None = None  # True where a key is hidden from a query, broadcast likewise

    def detached(self) -> ScoreInputs:
        """The same without a graph."""
        added = tuple(part.detach() for part in self.added)
        return dataclasses.replace(self, query=self.query.detach(), key=self.key.detach(), added=added)


def scores(recipe: ScoreInputs, heads: slice, batch: slice = slice(None), rows: Any = slice(None)) -> Tensor:
    """Scores before the softmax [batch, head, query, key] of some heads, batch entries and query rows; a new tensor."""

    def part(shared: Tensor) -> Tensor:
        at = (batch, heads, rows)
        for axis in range(3):
            if shared.shape[axis] > 1:
                shared = shared[(slice(None),) * axis + (at[axis],)]
        return shared

    query = recipe.query[batch, heads][:, :, rows]
    key = grouped(recipe.key[batch], heads, recipe.query.shape[1])
    found = torch.matmul(query * recipe.scaling, key.transpose(-1, -2))
    for bias in recipe.added:
        found.add_(part(bias))
    if recipe.temperature != 1:
        found.div_(recipe.temperature)
    if recipe.hidden is not None:
        found.masked_fill_(part(recipe.hidden), torch.finfo(found.dtype).min)
    return found


def softmax(found: Tensor, *, in_place: bool = True) -> Tensor:
    """Weights in float32; written over the scores where nobody needs those any more."""
    if in_place and not found.requires_grad and found.dtype == torch.float32 and found.device.type == "cpu":
        return torch.softmax(found, dim=-1, out=found)
    return torch.softmax(found, dim=-1, dtype=torch.float32)


def grouped(states: Tensor, heads: slice, count: int) -> Tensor:
    """Keys or values [batch, head, token, width] that the given ones of count query heads use."""
    if states.shape[1] == count:
        return states[:, heads]
    group = count // states.shape[1]
    return states[:, [head // group for head in range(count)[heads]]]


class LazyWeights:
    """Weights [layer, head, query, key] computed when indexed, as numpy float32; safe in many threads.

    weights[layer] is [head, query, key], weights[layer, head] is [query, key], weights[layer, head, rows] some rows.
    """

    def __init__(self, recipes: Sequence[ScoreInputs], batch: int, queries: slice, keys: slice) -> None:
        sizes = {(*recipe.query.shape[1:3], recipe.key.shape[2]) for recipe in recipes}
        if len(sizes) != 1:
            raise ValueError(f"layers of one size are wanted, not {sorted(sizes)}")
        self._recipes = tuple(recipes)
        self._batch = slice(batch, batch + 1)
        self._heads, rows, columns = sizes.pop()
        self._rows, self._keys = np.arange(rows)[queries], keys
        self.shape = (len(recipes), self._heads, len(self._rows), len(range(columns)[keys]))

    def __len__(self) -> int:
        return len(self._recipes)

    @property
    def nbytes(self) -> int:
        """Bytes kept to compute the weights from; what layers share is counted once."""
        parts = [
            part
            for recipe in self._recipes
            for part in (recipe.query, recipe.key, recipe.hidden, *recipe.added)
            if part is not None
        ]
        storages = {part.untyped_storage().data_ptr(): part.untyped_storage().nbytes() for part in parts}
        return sum(storages.values())

    def __getitem__(self, index: Any) -> np.ndarray:
        layer, head, rows = (*(index if isinstance(index, tuple) else (index,)), slice(None), slice(None))[:3]
        heads = range(self._heads)[head]  # IndexError for a head that does not exist
        chosen = slice(heads, heads + 1) if isinstance(heads, int) else slice(heads.start, heads.stop, heads.step)
        asked = self._rows[rows]
        whole = np.atleast_1d(asked)
        first, last = (int(whole[0]), int(whole[-1]) + 1) if whole.size else (0, 0)
        consecutive = whole.size == last - first and bool(np.all(np.diff(whole) == 1))
        at = slice(first, last) if consecutive else torch.from_numpy(whole)  # slices spare a copy of mask and bias
        with torch.no_grad():
            weights = softmax(scores(self._recipes[layer], chosen, self._batch, at))
        found = weights[0, :, :, self._keys].cpu().numpy()
        if isinstance(heads, int):
            found = found[0]
        return found[..., 0, :] if np.ndim(asked) == 0 else found


def lazy_weights(
    maps: Sequence[Any], batch: int = 0, queries: slice = slice(None), keys: slice = slice(None)
) -> LazyWeights:
    """Weights on demand from the maps of one kind in one pass, recorded with keep=False; slices leave out tokens.

    Rows still sum to 1 only where the keys left out are padding.
    """
    kinds = {one.kind for one in maps}
    if len(kinds) != 1 or len({one.layer for one in maps}) != len(maps):
        raise ValueError(f"maps of one kind and one pass are wanted, not {[(one.kind, one.layer) for one in maps]}")
    if any(one.recipe is None for one in maps):
        raise ValueError("these maps hold their weights: record with keep=False, or use them")
    return LazyWeights([one.recipe for one in maps], batch, queries, keys)


def pool(weights: Tensor, most: int = 128) -> Tensor:
    """Maximum over blocks, square root, 0 to 255: [..., query, key] -> [..., at most most, at most most] uint8.

    Blocks have ceil(n / most) tokens, the last one what is left.
    """
    for axis in (-2, -1):
        weights = _maximum(weights, axis, -(-weights.shape[axis] // most))
    return weights.sqrt().mul_(255).round_().to(torch.uint8)


def _maximum(values: Tensor, axis: int, size: int) -> Tensor:
    """Maximum over blocks of size along one axis, counted from the end."""
    if size <= 1:
        return values
    whole = values.shape[axis] // size * size
    found = values.narrow(axis, 0, whole).unflatten(axis, (-1, size)).amax(axis)
    rest = values.shape[axis] - whole
    if not rest:
        return found
    return torch.cat([found, values.narrow(axis, whole, rest).amax(axis, keepdim=True)], axis)
