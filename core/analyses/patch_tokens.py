"""The tokens that a vision model makes of a picture, and what it sees when its patches were flattened wrongly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.analyses.patch_positions import opened_reader
from core.analyses.shifts import shown_as
from core.data.pictures import picture
from core.measures import patching
from core.models.vision import bounded, expected, forward, input_side, patch_side, prepared, tower, vision_config
from core.requests import PatchTokensRequest
from core.types import Prediction


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """A picture as a model reads it, and the tokens it begins with; arrays are read-only."""

    pixels: np.ndarray  # uint8 [height, width, 3]
    side: int  # px of a patch
    prefix: int  # tokens before the patches
    values: np.ndarray  # [token, width], positions added
    said: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a vision model is made for."""

    side: int  # px of the pictures it learned from
    patch: int  # px
    width: int
    layers: int
    heads: int


def shape_of(name: str) -> Shape:
    """Of a model that reads patches; Refused for another."""
    opened = opened_reader(name)
    config = vision_config(opened)
    layers, heads = (getattr(config, one, 0) for one in ("num_hidden_layers", "num_attention_heads"))
    if isinstance(heads, list):  # Swin: so many in each stage
        layers, heads = sum(config.depths), heads[0]
    width = getattr(config, "embed_dim", 0) or config.hidden_size
    return Shape(input_side(opened), patch_side(opened), width, layers, heads)


def tokens(request: PatchTokensRequest) -> Tokens:
    """What a model reads; permuted: False flattens its patches without permute, the mistake of much teaching code."""
    opened = opened_reader(request.model)
    tensor, patches = prepared(opened, picture(request.image), request.fit)
    bounded(patches.rows * patches.columns)
    side = tensor.shape[-1] // patches.columns
    if not request.permuted:
        pixels = tensor[0].float().cpu().numpy().transpose(1, 2, 0)
        wrong = patching.flattened_without_permute(pixels, side)
        seen = patching.joined(patching.laid_out(wrong, patches.rows, patches.columns))
        tensor = torch.from_numpy(seen.transpose(2, 0, 1).copy())[None].to(tensor.device, tensor.dtype)
    model = tower(opened)
    with torch.inference_mode():
        out = forward(model, tensor, request.fit, output_hidden_states=True)
    values = out.hidden_states[0][0].float().cpu().numpy().copy()
    values.flags.writeable = False
    said = expected(getattr(out, "logits", None), opened.model.config)
    return Tokens(shown_as(tensor, opened.processor), side, len(values) - patches.rows * patches.columns, values, said)
