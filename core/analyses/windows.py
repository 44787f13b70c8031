"""The windows of a Swin transformer on one picture: what each block's heads looked at, kept window by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.analyses.patch_positions import opened_reader
from core.capture.recording import recorded, recording
from core.data.pictures import picture
from core.models.vision import prepared
from core.requests import WindowsRequest
from core.types import Refused


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One attention layer of Swin."""

    stage: int  # counted from 0
    rows: int  # of its grid: patches were merged two by two after every earlier stage
    columns: int
    window: int
    shift: int
    weights: np.ndarray  # [window, head, query, key]


def blocks(request: WindowsRequest) -> tuple[Block, ...]:
    """All attention of a Swin model over a picture; Refused for a model without windows."""
    opened = opened_reader(request.model)
    if opened.model.config.model_type != "swin":
        raise Refused(f"{opened.card.title} has no windows as Swin has them. Choose a Swin model for its windows.")
    tensor, patches = prepared(opened, picture(request.image), "model")
    with torch.inference_mode(), recording() as maps:
        opened.model(pixel_values=tensor)
    base = opened.model.base_model if hasattr(opened.model, "base_model") else opened.model
    rows, columns, found, seen = patches.rows, patches.columns, [], iter(maps)
    for number, stage in enumerate(base.encoder.layers):
        for block in stage.blocks:
            weights = recorded(next(seen).weights).float().cpu().numpy()
            weights.flags.writeable = False
            found.append(Block(number, rows, columns, int(block.window_size), int(block.shift_size), weights))
        rows, columns = (rows + 1) // 2, (columns + 1) // 2
    return tuple(found)
