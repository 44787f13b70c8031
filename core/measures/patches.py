"""From attention between patches to maps on the picture: which patch lies where, what is summed up and how."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.measures.arrays import Values, double, host, library
from core.measures.attention import heads_of, in_parts, rolled, total_of_heads
from core.types import Attention, Patches, Refused, Weights

Fusion = Literal["mean", "max", "min"]
FUSIONS: tuple[Fusion, ...] = ("mean", "max", "min")


def on_grid(values: np.ndarray, patches: Patches) -> np.ndarray:
    """[..., token] -> [..., row, column]: the tokens before the patches left out."""
    inside = values[..., patches.prefix :]
    return inside.reshape(*values.shape[:-1], patches.rows, patches.columns)


def on_picture(grid: np.ndarray, patches: Patches, height: int, width: int) -> np.ndarray:
    """Every pixel with the value of the patch that covers it, float32 [height, width]; 0 where the model saw nothing.

    grid [row, column]. A pixel belongs to the patch that its centre lies in.
    """
    rows = ((np.arange(height) + 0.5) / height - patches.top) / patches.height * patches.rows
    columns = ((np.arange(width) + 0.5) / width - patches.left) / patches.width * patches.columns
    seen = np.outer((rows >= 0) & (rows < patches.rows), (columns >= 0) & (columns < patches.columns))
    down = np.clip(rows.astype(int), 0, patches.rows - 1)
    across = np.clip(columns.astype(int), 0, patches.columns - 1)
    return np.where(seen, grid[np.ix_(down, across)], 0).astype(np.float32)


def share_of_patches(mask: np.ndarray, patches: Patches) -> np.ndarray:
    """How much of each patch a mask fills, [row, column]; mask [height, width] over the whole picture, 0 to 1."""
    height, width = mask.shape
    down = _shares(height, patches.top, patches.height, patches.rows)
    across = _shares(width, patches.left, patches.width, patches.columns)
    return down @ mask.astype(np.float64) @ across.T


def _shares(pixels: int, start: float, length: float, patches: int) -> np.ndarray:
    """[patch, pixel]: what share of a patch each pixel is; a row sums to 1 where the patch lies inside the picture."""
    edges = (start + length * np.arange(patches + 1) / patches) * pixels
    low = np.maximum(edges[:-1, None], np.arange(pixels))
    high = np.minimum(edges[1:, None], np.arange(pixels) + 1)
    return np.clip(high - low, 0, None) / (edges[1:] - edges[:-1])[:, None]


def rollout(attention: Attention, fusion: Fusion = "mean", discard: float = 0.0, residual: float = 0.5) -> np.ndarray:
    """Rollout through all layers, [query, key] in float64, rows sum to 1 (Abnar & Zuidema 2020).

    fusion: how the heads of a layer become one. discard: this share of each layer's smallest weights is set to 0
    before; the first token's row and column are kept, since it gathers what the classifier reads.
    """
    if not 0 <= discard < 1:
        raise Refused(f"Discard {discard:g}: choose from 0 up to less than 1.")
    if fusion not in FUSIONS:
        raise Refused(f"Fusion {fusion!r} is unknown: choose {', '.join(FUSIONS)}.")
    product: Values | None = None
    for layer in range(attention.weights.shape[0]):
        fused = fused_heads(attention.weights, layer, fusion)
        if discard:
            inside = fused[1:, 1:]
            least = lowest(inside, int(discard * inside.shape[0] * inside.shape[1]))
            inside[least] = 0
        product = rolled(product, fused, residual)
    assert product is not None  # attention without a layer is refused when it is made
    return host(product)


def lowest(values: Values, count: int) -> Values:
    """True for the `count` smallest values, and for those equal to the largest of them."""
    if not count:
        return values < -np.inf
    if isinstance(values, np.ndarray):
        limit = np.partition(values.ravel(), count - 1)[count - 1]
    else:
        limit = values.flatten().kthvalue(count).values
    return values <= limit


def fused_heads(weights: Weights, layer: int, fusion: Fusion) -> Values:
    """[query, key] in float64, where the weights lie; a copy."""
    if fusion == "mean":
        return total_of_heads(weights, layer) / weights.shape[1]
    maps = heads_of(weights, layer, slice(None))
    take = library(maps).amax if fusion == "max" else library(maps).amin
    return double(take(maps, 0))


def distances(attention: Attention, patches: Patches) -> np.ndarray:
    """Mean distance in patches that each head looks across, [layer, head]: patches to patches, others left out."""
    places = np.stack(np.divmod(np.arange(patches.rows * patches.columns), patches.columns), axis=1)
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    found = []
    for layer in range(attention.weights.shape[0]):
        parts = [far(maps, apart, patches.prefix) for maps in in_parts(attention.weights, layer)]
        found.append(np.concatenate(parts))
    return np.stack(found)


def far(maps: Values, apart: np.ndarray, prefix: int) -> np.ndarray:
    """Mean distance of each head, [head]: of maps [head, query, key] from the patches to the patches."""
    weights = double(maps[:, prefix:, prefix:])
    sums = weights.sum(-1)
    weights *= library(weights).asarray(apart, device=weights.device)
    return host((weights.sum(-1) / (sums + (sums <= 0))).mean(-1))


def share_on(grid: np.ndarray, filled: np.ndarray) -> float:
    """Share of a map's weight that lies on an object, both [row, column]; filled: how much of each patch it fills."""
    total = float(grid.sum(dtype=np.float64))
    return float((grid * filled).sum(dtype=np.float64)) / total if total > 0 else 0.0
