"""Which tokens a picture's classifier reads: [CLS], the patches on average, or both; asked of its gradient."""

from __future__ import annotations

import numpy as np
import torch

from core.capture.recording import Map, recorded, recording
from core.models.calling import called
from core.models.vision import all_patches, forward, prepared, tower
from core.store.opening import open_model
from core.store.revisions import kept
from core.types import ImageEncoding

SEED, SIDE = 0, 64  # of a picture of noise: what is read does not depend on what it shows


def read_out(square: np.ndarray, encoding: ImageEncoding) -> np.ndarray:
    """What the classifier sees of a map [query, key]: the rows of the tokens that it reads, as it weighs them."""
    return readout_of(encoding) @ square


def readout_of(encoding: ImageEncoding) -> np.ndarray:
    """How much of what is read each token is, [token] in float64, sums to 1."""
    prefix, patches = encoding.patches.prefix, encoding.patches.rows * encoding.patches.columns
    special, of_patches = parts_read(encoding.request.model)
    if len(special) != prefix:  # a picture read whole by a model that adds tokens of its own
        special, of_patches = ((1.0, *(0.0,) * (prefix - 1)), 0.0) if prefix else ((), 1.0)
    return np.concatenate([special, np.full(patches, of_patches / patches)])


@kept
def parts_read(model: str) -> tuple[tuple[float, ...], float]:
    """(share of each token before the patches, share of the patches' mean) in what a model's classifier reads.

    A token is read when the output changes with its row of the last layer's attention. What is read counts alike,
    the mean of the patches as one: BERT's and ViT's [CLS] alone, BEiT's mean alone, half and half where DINOv2's
    classifier joins both. Without a gradient, [CLS] where there is one.
    """
    opened = open_model(model)
    noise = np.random.default_rng(SEED).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    tensor, patches = prepared(opened, noise, "model")
    tensor = tensor.requires_grad_()  # weights ask for no gradients: the graph begins here
    with torch.enable_grad(), recording() as maps, called(opened.model):
        out = forward(tower(opened), tensor, "model")
        maps = [m for m in maps if m.kind == "vision"] or maps
        count = patches.rows * patches.columns
        prefix = all_patches(opened, maps, count) - count
        read = rows_read(maps[-1], pooled(out))
    parts = [*read[:prefix].astype(float), float(read[prefix:].any())]
    if not sum(parts):
        parts = [1.0, *(0.0,) * (len(parts) - 1)]
    return tuple(one / sum(parts) for one in parts[:-1]), parts[-1] / sum(parts)


def pooled(out: object) -> torch.Tensor | None:
    """The one vector of a picture that a model gives: its logits, else what it pools."""
    for name in ("logits", "pooler_output"):
        found = getattr(out, name, None)
        if found is not None:
            return found
    return None


def rows_read(last: Map, vector: torch.Tensor | None) -> np.ndarray:
    """True for each query whose row of the last layer the vector depends on, [query]."""
    weights = recorded(last.weights)
    nothing = np.zeros(weights.shape[-2], dtype=bool)
    if vector is None or not vector.requires_grad or not weights.requires_grad:
        return nothing
    gradient = torch.autograd.grad(vector.float().square().sum(), weights, allow_unused=True)[0]
    return nothing if gradient is None else (gradient[0] != 0).any(dim=-1).any(dim=0).cpu().numpy()
