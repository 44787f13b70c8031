"""A picture read before and after it was moved, by a vision transformer or a convolutional network, layer by layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.analyses.patch_positions import tables, without_positions
from core.data.pictures import picture
from core.measures import shifts
from core.models.calling import called
from core.models.vision import expected, patch_side, prepared, tower
from core.requests import MovedPictureRequest
from core.store.opening import Opened, open_model
from core.types import Prediction, Refused


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """How well what a layer makes moved along with the picture."""

    name: str
    step: int  # px from cell to cell
    cosines: np.ndarray  # [row, column] of matching cells
    chance: float  # of any two cells
    whole: bool  # the move is one of whole cells


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """One picture before and after it was moved; pictures uint8 [height, width, 3] as the model reads them."""

    model: str
    before: np.ndarray
    after: np.ndarray
    patch: int  # px
    layers: tuple[Layer, ...]
    said: tuple[tuple[Prediction, ...], tuple[Prediction, ...]]  # predictions before and after
    positions: bool


def followed(request: MovedPictureRequest) -> Followed:
    """Read a picture twice and compare what every layer makes of it, matching cells with each other.

    move.pixels counts the model's own pixels. positions: False sets the table of positions to zero for both readings.
    Refused: the model reads no pictures, or has no table to set to zero.
    """
    move, positions = request.move, request.positions
    opened = open_model(request.model)
    if "move pictures" not in opened.family:
        raise Refused(f"{opened.card.title} does not read pictures patch by patch. Choose a vision transformer.")
    model = tower(opened)
    tensor = pixels_of(opened, request.image)
    patch = step_of(opened)
    origin = shifts.origins(tensor.shape[-2], tensor.shape[-1], patch, move)
    moved = tensor[..., torch.from_numpy(origin[0]), torch.from_numpy(origin[1])]
    if not positions:
        model = without_positions(model)
    cell = patch if "see patches" in opened.family else opened.model.config.patch_size
    sides = [read(model, one, opened.model.config, cell) for one in (tensor, moved)]
    names = layer_names(model, len(sides[0][0]), positions=positions)
    layers = [
        _compared(name, before, after, origin, tensor.shape[-2])
        for name, before, after in zip(names, sides[0][0], sides[1][0], strict=True)
    ]
    if positions and tables(model):
        content = [content_of(model, one, patch) for one in (tensor, moved)]
        layers.insert(0, _compared("patches", content[0], content[1], origin, tensor.shape[-2]))
    before, after = (shown_as(one, opened.processor) for one in (tensor, moved))
    return Followed(opened.card.name, before, after, patch, tuple(layers), (sides[0][1], sides[1][1]), positions)


def pixels_of(opened: Opened, image: str) -> torch.Tensor:
    """Pixel values [1, 3, height, width], cut or squeezed as the model learned it."""
    if "see patches" in opened.family:
        return prepared(opened, picture(image), "model")[0]
    tensor = opened.processor(images=picture(image), return_tensors="pt")["pixel_values"]
    return tensor.to(opened.model.device, opened.model.dtype)


def step_of(opened: Opened) -> int:
    """Pixels from one cell to the next: of the patches, or of a convolutional network's last stage."""
    config = opened.model.config
    if "see patches" in opened.family:
        return patch_side(opened)
    if not (hasattr(config, "patch_size") and hasattr(config, "hidden_sizes")):
        raise Refused(f"{opened.card.title} does not say how wide its cells are. Choose ConvNeXt or a plain ViT.")
    return config.patch_size * 2 ** (len(config.hidden_sizes) - 1)


def read(model: Any, tensor: torch.Tensor, config: Any, cell: int) -> tuple[list[np.ndarray], tuple[Prediction, ...]]:
    """(features [width, row, column] of every layer, first what the layers are given; predictions)."""
    with torch.inference_mode(), called(model):
        out = model(pixel_values=tensor, output_hidden_states=True)
    states = getattr(out, "reshaped_hidden_states", None) or out.hidden_states  # the first are Swin's
    rows, columns = (side // cell for side in tensor.shape[-2:])
    return [_as_grid(one, rows, columns) for one in states], expected(getattr(out, "logits", None), config)


def content_of(model: torch.nn.Module, tensor: torch.Tensor, patch: int) -> np.ndarray:
    """What is made of the patches before positions are added, [width, row, column]."""
    bare = without_positions(model)
    embeddings = next(one for name, one in bare.named_modules() if name.rsplit(".", 1)[-1] == "embeddings")
    with torch.inference_mode():
        return _as_grid(embeddings(tensor), *(side // patch for side in tensor.shape[-2:]))


def _as_grid(state: torch.Tensor, rows: int, columns: int) -> np.ndarray:
    """[width, row, column] of tokens [1, prefix + patch, width] or features [1, width, row, column]."""
    one = state[0].float().cpu()
    wrong = one.ndim not in (2, 3) or (one.ndim == 2 and len(one) < rows * columns)
    if wrong or (one.ndim == 3 and one.shape[1] * columns != one.shape[2] * rows):
        raise Refused(
            f"A layer of this model hands out features of shape {tuple(one.shape)} over {rows} x {columns} patches: "
            "they lie on no grid of the picture. Choose a plain ViT."
        )
    if one.ndim == 2:
        one = one[len(one) - rows * columns :].T.reshape(-1, rows, columns)
    return one.numpy()


def layer_names(model: torch.nn.Module, count: int, *, positions: bool) -> list[str]:
    if not any(hasattr(model.config, name) for name in ("num_attention_heads", "num_heads", "vision_config")):
        return ["stem", *(f"stage {i}" for i in range(1, count))]
    if isinstance(getattr(model.config, "num_attention_heads", None), list):
        return ["patches", *(f"stage {i}" for i in range(1, count))]
    return ["+ positions" if positions else "patches", *(f"layer {i}" for i in range(1, count))]


def _compared(name: str, before: np.ndarray, after: np.ndarray, origin: np.ndarray, height: int) -> Layer:
    step = height // before.shape[1]
    came, whole = shifts.cells(origin, step)
    cosines = shifts.agreement(before, after, came)
    cosines.flags.writeable = False
    return Layer(name, step, cosines, shifts.chance(before, after), whole)


def shown_as(tensor: torch.Tensor, processor) -> np.ndarray:
    """Pixel values as a picture again, uint8 [height, width, 3]."""
    one = tensor[0].float().cpu().numpy().transpose(1, 2, 0)
    if getattr(processor, "do_normalize", True):
        one = one * np.asarray(processor.image_std) + np.asarray(processor.image_mean)
    shown = (one.clip(0, 1) * 255).round().astype(np.uint8)
    shown.flags.writeable = False
    return shown
