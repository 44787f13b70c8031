"""Arrays where they lie, numpy's or a model's tensors on its device: one code for both, and only results come back."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

#: What numpy and torch are both told apart by: a numpy array, or a torch tensor of any device.
Values = Any


def library(values: Values) -> Any:
    """Whose functions take these values: numpy, or torch, which is loaded where there is a tensor of its own."""
    return np if isinstance(values, np.ndarray) else sys.modules["torch"]


def host(values: Values) -> np.ndarray:
    """The values as a numpy array."""
    return values if isinstance(values, np.ndarray) else values.detach().cpu().numpy()


def double(values: Values) -> Values:
    """The values in float64; on the CPU where they come from Apple's GPU, which has no such numbers."""
    if isinstance(values, np.ndarray):
        return values.astype(np.float64)
    return (values.cpu() if values.device.type == "mps" else values).double()


def pool(maps: Values, block: int) -> Values:
    """The greatest weight of every block x block cell: [..., rows, columns] -> [..., rows/block, columns/block], up."""
    if block > 1 and library(maps) is not np and maps.device.type == "cuda":  # one piece of work for a GPU, not dozens
        pooled = library(maps).nn.functional.max_pool2d(maps.reshape(-1, *maps.shape[-2:]), block, ceil_mode=True)
        return pooled.reshape(*maps.shape[:-2], *pooled.shape[-2:])
    return _greatest(_greatest(maps, block, -2), block, -1)  # rows first: they lie one behind the other in memory


def _greatest(maps: Values, block: int, axis: int) -> Values:
    """The greatest of every `block` entries along an axis, the last block what is left."""
    if block == 1:
        return maps
    there = library(maps)

    def every(array: Values, where: slice) -> Values:
        return array[..., where, :] if axis == -2 else array[..., where]

    # Whole slices against each other: many times faster than reducing over each block.
    found = there.asarray(every(maps, slice(0, None, block)), copy=True)
    for first in range(1, block):
        part = every(maps, slice(first, None, block))
        here = every(found, slice(0, part.shape[axis]))
        there.maximum(here, part, out=here)
    return found


def quantised(weights: Values, bits: int, *, root: bool) -> np.ndarray:
    """Weights 0..1 in 8 or 16 bits, on the host: code = weight * most, or the root's, which keeps small weights apart.

    most is 255 or 65,535. A weight is back as (code / most), or its square.
    """
    there, most = library(weights), (1 << bits) - 1
    share = there.clip(weights, 0, 1)
    share = there.sqrt(share) if root else share
    codes = there.round(share * most)
    if there is np:
        return codes.astype(np.uint16 if bits == 16 else np.uint8)
    return host(codes.to(there.uint16 if bits == 16 else there.uint8))


def added(total: Values | None, maps: Values) -> Values:
    """The sum over maps [head, row, column], in the total's numbers, written over it; in their own without a total."""
    if not isinstance(maps, np.ndarray) and maps.device.type == "cuda":  # in one piece of work
        part = maps.sum(0, dtype=None if total is None else total.dtype)
        return part if total is None else total.add_(part)
    for one in maps:  # one by one: no copy of a long text's map in between
        if total is None:
            total = library(one).asarray(one, copy=True)
        else:
            total += one if isinstance(one, np.ndarray) else one.to(total.device)
    return total


def segment_sums(maps: Values, starts: np.ndarray, sizes: np.ndarray, axis: int) -> Values:
    """Sums over neighbours along axis -1 or -2: `sizes` of them from `starts` on, a segment each."""
    found = _taken(maps, starts, axis)
    for further in range(1, int(sizes.max(initial=1))):
        some = np.flatnonzero(sizes > further)
        part = _taken(maps, starts[some] + further, axis)
        if axis == -1:
            found[..., some] += part
        else:
            found[..., some, :] += part
    return found


def _taken(maps: Values, places: np.ndarray, axis: int) -> Values:
    """A copy of some places along axis -1 or -2."""
    return maps[..., places] if axis == -1 else maps[..., places, :]
