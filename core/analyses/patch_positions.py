"""What a vision model adds to its patches to say where they are: a table, stretched to a picture's grid, or none."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from torch import nn

from core.analyses.positions import NAMES
from core.data.pictures import picture
from core.models.vision import bounded, prepared, tower, trained_grid
from core.requests import PatchPositionsRequest
from core.store.opening import Opened, open_model
from core.store.revisions import kept
from core.types import Refused

RELATIVE = "relative_position_bias_table"


def opened_reader(name: str) -> Opened:
    """A model that reads pictures in patches; Refused for another."""
    opened = open_model(name)
    if "see patches" not in opened.family:
        raise Refused(f"{opened.card.title} has no attention patch by patch that Gaze draws. Choose a plain ViT.")
    return opened


def tables(model: nn.Module) -> dict[str, nn.Parameter]:
    """The parameters that say where a patch is, by name; none in Swin, whose biases know distances alone."""
    return {name: one for name, one in model.named_parameters() if set(name.split(".")[-2:]) & set(NAMES)}


def learned(model: nn.Module) -> torch.Tensor:
    """The table [prefix + patch, width] as trained; Refused where there is none."""
    found = next(iter(tables(model).values()), None)
    if found is None:
        how = "It keeps biases by distance inside its windows instead." if biases(model) else ""
        raise Refused(f"This model has no table of positions. {how}".strip())
    return found.detach().reshape(-1, found.shape[-1]).float()


def biases(model: nn.Module) -> list[nn.Parameter]:
    """Swin's tables [(2M - 1)^2, head], a block each."""
    return [one for name, one in model.named_parameters() if name.endswith(RELATIVE)]


def has_table(name: str) -> bool:
    return bool(tables(tower(opened_reader(name))))


def relative_blocks(name: str) -> int:
    """How many blocks of a model keep biases by distance."""
    return len(biases(tower(opened_reader(name))))


def without_positions(model: nn.Module) -> nn.Module:
    """A model of the same weights whose positions are zero; the shared one stays as it is.

    Refused where nothing says where a patch is.
    """
    gone = tables(model)
    if not gone:
        learned(model)
    shared: dict[int, object] = {id(one): one for one in [*model.parameters(), *model.buffers()]}
    # Modules are copied, weights are not: a deep copy takes what its memo holds for copied already.
    shared |= {id(one): nn.Parameter(torch.zeros_like(one), requires_grad=False) for one in gone.values()}
    return copy.deepcopy(model, shared)


def on_grid(request: PatchPositionsRequest) -> np.ndarray:
    """The positions as a picture gets them, [row, column, width]; without a picture, as trained.

    A grid that the model was not trained on has them interpolated by the model's own code. Refused: there are none.
    """
    image, fit = request.image, request.fit
    opened = opened_reader(request.model)
    model = tower(opened)
    table = learned(model)
    rows, columns, prefix = trained_grid(opened, len(table))
    if not image or fit == "model":
        grid = table[prefix:].reshape(rows, columns, -1)
    else:
        tensor, patches = prepared(opened, picture(image), fit)
        bounded(patches.rows * patches.columns)
        grid = _stretched(model, prefix, (tensor.shape[-2], tensor.shape[-1])).reshape(
            patches.rows, patches.columns, -1
        )
    values = grid.cpu().numpy().copy()
    values.flags.writeable = False
    return values


def _stretched(model: nn.Module, prefix: int, size: tuple[int, int]) -> torch.Tensor:
    """The table of the patches for a picture of this size, [patch, width], by the model's own interpolation."""
    embeddings: Any = next((one for one in model.modules() if hasattr(one, "interpolate_pos_encoding")), None)
    if embeddings is None:
        raise Refused("This model reads pictures of one shape alone. Choose the shape of the model.")
    width = next(iter(tables(model).values())).shape[-1]
    patch = _patch(embeddings)
    patches = (size[0] // patch) * (size[1] // patch)
    with torch.inference_mode():
        # Only its shape and number type are read: how many patches there are and how wide they are.
        blank = torch.zeros(1, prefix + patches, width, dtype=next(model.parameters()).dtype)
        return embeddings.interpolate_pos_encoding(blank.to(next(model.parameters()).device), *size)[0, prefix:].float()


def _patch(embeddings: Any) -> int:
    side = embeddings.patch_size
    return side if isinstance(side, int) else side[0]


@kept
def relative(name: str, block: int = 0) -> np.ndarray:
    """Swin's bias of a block by how far a key lies down and right of its query, [head, 2M - 1, 2M - 1].

    Refused: the model has no such biases, or not this block.
    """
    found = biases(tower(opened_reader(name)))
    if not 0 <= block < len(found):
        raise Refused(f"There is no block {block + 1} with relative positions: {len(found)} have them.")
    side = int(len(found[block]) ** 0.5)
    # The table is by query minus key; turned round it reads like every other map: where does this patch look?
    values = found[block].detach().float().cpu().numpy().T.reshape(-1, side, side)[:, ::-1, ::-1].copy()
    values.flags.writeable = False
    return values
