"""The maps of one kind as one array: checked to be maps from every token to every other, whoever computed them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.capture.on_demand import lazy_weights, with_sink
from core.capture.recording import Map, recorded
from core.types import ROW_TOLERANCE, Refused, Weights


def weights_of(maps: Sequence[Map], queries: int, keys: int) -> Weights:
    """Weights [layer, head, query, key] of the first input; on demand where the recording kept none.

    Where there is a sink, it is one more key in front. Refused: the maps have other sizes, or hold no numbers.
    """
    if maps and all(one.weights is None for one in maps):
        _check(maps, queries, keys)
        return lazy_weights(maps)
    return stacked(maps, queries, keys)


def stacked(maps: Sequence[Map], queries: int, keys: int) -> np.ndarray:
    """The same from maps that hold their weights, in float32."""
    _check(maps, queries, keys)
    sinks = int(has_sink(maps))
    layers = [recorded(one.weights)[0].detach().float() for one in maps]
    pairs = zip(layers, maps, strict=True)
    every = torch.stack([with_sink(one[..., : of.sink], one[..., of.sink :], sinks) for one, of in pairs])
    weights: np.ndarray = every.cpu().numpy()
    if not np.isfinite(weights).all():
        raise Refused("This model computes numbers that are not finite: its weights are broken. Choose another.")
    sums = weights.sum(axis=-1, dtype=np.float64)
    if np.abs(sums - 1).max() > ROW_TOLERANCE or weights.min() < 0:
        raise Refused(
            f"What this model hands out as attention has rows that sum to {sums.min():.3g} ... {sums.max():.3g}, not "
            "to 1: these are no shares. Choose another model."
        )
    return weights


def has_sink(maps: Sequence[Map]) -> bool:
    """Whether a layer has a column for no token."""
    return any(one.sink for one in maps)


def _check(maps: Sequence[Map], queries: int, keys: int) -> None:
    """Refused unless these are maps of one size, from each query to each key."""
    if not maps:
        raise Refused("This model has no attention of the kind that is shown here. Choose another model.")
    sizes = {size_of(one) for one in maps}
    wrong = next((size for size in sizes if size[1:] != (queries, keys)), None)
    if wrong is not None:
        raise Refused(
            f"A layer of this model has weights of shape {wrong}, not (heads, {queries}, {keys}): that is no map from "
            "every token to every other. Choose another model."
        )
    if len(sizes) > 1:
        fewest, most = min(sizes)[0], max(sizes)[0]
        raise Refused(
            f"The layers of this model have from {fewest} to {most} heads, and Gaze shows as many in each. Choose "
            "another model."
        )


def size_of(one: Map) -> tuple[int, ...]:
    """(heads, queries, keys) of a map, or what else its model hands out."""
    if one.weights is not None:
        return (*one.weights.shape[1:-1], one.weights.shape[-1] - one.sink)
    recipe = recorded(one.recipe)
    return (*recipe.query.shape[1:3], recipe.key.shape[2])


def numbers(maps: Sequence[Map]) -> tuple[int, ...]:
    """The model's own numbers of the layers, from 0; none where they are counted one by one."""
    found = tuple(one.number for one in maps)
    return () if found == tuple(range(len(maps))) else found
