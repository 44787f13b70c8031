"""Attention weights from queries and keys: a few heads at a time while a model runs, one head again when asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.capture.libraries import sdpa_attention_forward
from core.capture.on_gpu import HELD
from core.device import at_once
from core.types import Refused

#: Scores alive at a time when weights are not kept: six heads of 512 tokens; one head where it has more than that.
LIVE = 6 * 512 * 512


@dataclass(frozen=True, slots=True, eq=False)
class ScoreInputs:
    """All that the weights of one layer follow from; grows with the length, what grows with its square is shared."""

    query: Tensor  # [batch, head, query, width]
    key: Tensor  # [batch, key head, key, width]; grouped models have fewer key heads
    scaling: float
    added: tuple[Tensor, ...] = ()  # position bias and mask, each broadcast to [batch, head, query, key]
    temperature: float = 1.0
    hidden: Tensor | None = None  # True where a key is hidden from a query, broadcast likewise
    cap: float | None = None  # scores are pressed between -cap and cap before anything is added (Gemma 2)
    sink: Tensor | None = None  # [batch, head, query, 1], broadcast: score of a column that no value answers (GPT-OSS)

    @property
    def columns(self) -> int:
        """Columns of the weights: the keys, and the sink where there is one."""
        return self.key.shape[2] + (self.sink is not None)

    @property
    def explicit(self) -> bool:
        """Whether torch's own attention cannot compute this: it knows neither caps nor sinks."""
        return self.cap is not None or self.sink is not None

    def detached(self) -> ScoreInputs:
        """The same without a graph."""
        added = tuple(part.detach() for part in self.added)
        sink = None if self.sink is None else self.sink.detach()
        return dataclasses.replace(self, query=self.query.detach(), key=self.key.detach(), added=added, sink=sink)

    def on_host(self, moved: dict[int, Tensor]) -> ScoreInputs:
        """The same in the host's memory; moved: parts that were, by the id of what they were copied from."""

        def host(part: Tensor | None) -> Tensor | None:
            return part if part is None else moved.setdefault(id(part), part.cpu())

        added = tuple(moved.setdefault(id(part), part.cpu()) for part in self.added)
        query, key = self.query.cpu(), self.key.cpu()
        return dataclasses.replace(
            self, query=query, key=key, added=added, hidden=host(self.hidden), sink=host(self.sink)
        )


def scores(
    recipe: ScoreInputs, heads: slice, batch: slice = slice(None), rows: Any = slice(None), place: Any = None
) -> Tensor:
    """Scores before the softmax [batch, head, query, column] of some heads, batch entries and query rows; a new tensor.

    The columns are the keys, behind the sink where there is one. place: the device to compute on, where the recipe lies
    without it; no more of the recipe than is needed goes there.
    """

    def part(shared: Tensor) -> Tensor:
        at = (batch, heads, rows)
        for axis in range(3):
            if shared.shape[axis] > 1:
                shared = shared[(slice(None),) * axis + (at[axis],)]
        return shared if place is None else shared.to(place)

    query = recipe.query[batch, heads][:, :, rows]
    key = grouped(recipe.key[batch], heads, recipe.query.shape[1])
    if place is not None:
        query, key = query.to(place), key.to(place)
    found = torch.matmul(query * recipe.scaling, key.transpose(-1, -2))
    if recipe.cap is not None:
        found = torch.tanh(found / recipe.cap) * recipe.cap
    for bias in recipe.added:
        found.add_(part(bias))
    if recipe.temperature != 1:
        found.div_(recipe.temperature)
    if recipe.hidden is not None:
        found.masked_fill_(part(recipe.hidden), torch.finfo(found.dtype).min)
    if recipe.sink is not None:
        column = part(recipe.sink / recipe.temperature).to(found.dtype)
        found = torch.cat([column.expand(*found.shape[:3], 1), found], dim=-1)
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


def attended(
    recipe: ScoreInputs,
    value: Tensor,
    dropout: float = 0.0,
    *,
    keep: bool = False,
    keep_scores: bool = False,
    reduce: Callable[[Tensor], dict[str, Tensor]] | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """Output [batch, query, head, width] through explicit weights, and what is kept of them, by field of Map."""
    batch, heads, queries, _ = recipe.query.shape
    # Kept weights must be those that the output comes from, or no gradient reaches them: all heads at once then.
    live = at_once(LIVE, recipe.query.device.type)
    step = heads if keep else max(1, live // (batch * queries * recipe.columns))
    outputs, kept, kept_scores, reduced = [], [], [], []
    for first in range(0, heads, step):
        some = slice(first, min(first + step, heads))
        raw = scores(recipe, some)
        weights = softmax(raw, in_place=not keep_scores)
        if keep_scores:
            kept_scores.append(raw.float())
        if keep:
            kept.append(weights)
        if reduce:
            reduced.append(reduce(weights.detach()))
        used = weights if recipe.sink is None else weights[..., 1:]
        used = nn.functional.dropout(used, dropout) if dropout else used
        outputs.append(torch.matmul(used.to(value.dtype), grouped(value, some, heads)))
        del raw, weights, used  # before the next ones are made
    found: dict[str, Any] = {}
    if kept:
        found["weights"] = kept[0]
    if kept_scores:
        found["scores"] = torch.cat(kept_scores, 1)
    if reduced:
        found["reduced"] = {name: torch.cat([one[name] for one in reduced], 1) for name in reduced[0]}
    return torch.cat(outputs, 1).transpose(1, 2).contiguous(), found


def needs_no_more(recipe: ScoreInputs) -> None:
    """Refused where weights do not follow from queries, keys, mask and bias alone."""
    if recipe.explicit:
        what = "puts a sink beside its keys" if recipe.sink is not None else "caps its scores"
        raise Refused(f"This model {what}, and the steps shown here know nothing of that. Choose another model.")


def plain(module: Any, recipe: ScoreInputs, value: Tensor, dropout: float) -> Tensor:
    """Attention [batch, query, head, width] by torch alone; all masking is in the mask, so is_causal stays False."""
    bias = recipe.added[0] if len(recipe.added) == 2 else None
    mask = recipe.added[-1] if recipe.added else None
    return sdpa_attention_forward(
        module, recipe.query, recipe.key, value, mask, dropout, recipe.scaling, is_causal=False, position_bias=bias
    )[0]


class LazyWeights:
    """Weights [layer, head, query, key] computed when indexed, as numpy float32; safe in many threads.

    weights[layer] is [head, query, key], weights[layer, head] is [query, key], weights[layer, head, rows] some rows.
    What they are computed from stays on the GPU of the model for the latest answers, within a bound; then it lies in
    the host's memory, and the GPU computes them still.
    """

    def __init__(self, recipes: Sequence[ScoreInputs], batch: int, queries: slice, keys: slice) -> None:
        self.place = str(recipes[0].query.device)
        sizes = {(*recipe.query.shape[1:3], recipe.key.shape[2]) for recipe in recipes}
        if len(sizes) != 1:
            raise ValueError(f"layers of one size are wanted, not {sorted(sizes)}")
        self._recipes = tuple(recipes)
        self._batch = slice(batch, batch + 1)
        self._heads, rows, columns = sizes.pop()
        self._rows, self._keys = np.arange(rows)[queries], keys
        self._sinks = int(any(recipe.sink is not None for recipe in recipes))
        self.shape = (len(recipes), self._heads, len(self._rows), self._sinks + len(range(columns)[keys]))
        if self.place != "cpu":
            HELD.hold(self)

    def to_host(self) -> None:
        """Move what the weights are computed from to the host's memory."""
        moved: dict[int, Tensor] = {}
        self._recipes = tuple(recipe.on_host(moved) for recipe in self._recipes)

    def __getstate__(self) -> dict[str, Any]:
        """What another process is given: all on the host, computed there."""
        self.to_host()
        return vars(self) | {"place": "cpu"}

    def __len__(self) -> int:
        return len(self._recipes)

    @property
    def nbytes(self) -> int:
        """Bytes kept to compute the weights from; what layers share is counted once."""
        parts = [
            part
            for recipe in self._recipes
            for part in (recipe.query, recipe.key, recipe.hidden, recipe.sink, *recipe.added)
            if part is not None
        ]
        storages = {part.untyped_storage().data_ptr(): part.untyped_storage().nbytes() for part in parts}
        return sum(storages.values())

    def heads(self, layer: int, some: slice) -> Tensor:
        """Weights [head, query, key] of some heads of a layer, a new tensor on the device of the model."""
        made = self._made(layer, slice(*some.indices(self._heads)), self._rows)
        return made

    def __getitem__(self, index: Any) -> np.ndarray:
        layer, head, rows = (*(index if isinstance(index, tuple) else (index,)), slice(None), slice(None))[:3]
        heads = range(self._heads)[head]  # IndexError for a head that does not exist
        chosen = slice(heads, heads + 1) if isinstance(heads, int) else slice(heads.start, heads.stop, heads.step)
        asked = self._rows[rows]
        found = self._made(layer, chosen, np.atleast_1d(asked)).cpu().numpy()
        if isinstance(heads, int):
            found = found[0]
        return found[..., 0, :] if np.ndim(asked) == 0 else found

    def _made(self, layer: int, heads: slice, rows: np.ndarray) -> Tensor:
        """Weights [head, query, key] of some heads and query rows."""
        first, last = (int(rows[0]), int(rows[-1]) + 1) if rows.size else (0, 0)
        consecutive = rows.size == last - first and bool(np.all(np.diff(rows) == 1))
        at = slice(first, last) if consecutive else torch.from_numpy(rows)  # slices spare a copy of mask and bias
        recipe = self._recipes[layer]
        with torch.no_grad():
            found = self._weights(recipe, heads, at)[0]
        own = found.shape[-1] - recipe.key.shape[2]
        return with_sink(found[..., :own], found[..., own:][..., self._keys], self._sinks)

    def _weights(self, recipe: ScoreInputs, heads: slice, at: Any) -> Tensor:
        """On the model's device; on the host when that is full."""
        try:
            return softmax(scores(recipe, heads, self._batch, at, self.place))
        except torch.OutOfMemoryError:
            if self.place == "cpu":
                raise
        return softmax(scores(recipe, heads, self._batch, at, "cpu"))


def with_sink(sink: Tensor, keys: Tensor, count: int) -> Tensor:
    """Columns of the sink, where the model has one, in front of the keys; 0 in a layer that has none of its own."""
    if not count:
        return keys
    return torch.cat([sink if sink.shape[-1] else keys.new_zeros(*keys.shape[:-1], count), keys], dim=-1)


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
