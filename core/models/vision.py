"""How vision models are asked: a picture becomes patches, their attention, and what the model takes it for."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from core.capture.recording import Map, recording
from core.capture.stacking import size_of
from core.data.pictures import picture
from core.models.calling import called
from core.models.text import gathered, keeps
from core.requests import ImageRequest
from core.store.opening import Opened, open_model
from core.types import Choice, ImageEncoding, Patches, Prediction, Refused, Token

CHOICES = 10
LONGEST = 2_048  # tokens
#: Tokens in front of the patches, by the number that a model has.
FIRST, FURTHER = "[CLS]", "[REG{}]"
DISTILLED = "[DIST]"  # DeiT's second


def encode(request: ImageRequest) -> ImageEncoding:
    """All attention between the patches of a picture, and the classes that the model finds likely.

    Refused says what to do about a picture that is gone or a model that reads none.
    """
    opened = open_model(request.model)
    if "see patches" not in opened.family:
        raise Refused(f"{opened.card.title} has no attention patch by patch that Gaze draws. Choose a plain ViT.")
    model = tower(opened)
    tensor, patches = prepared(opened, picture(request.image), request.fit)
    count = patches.rows * patches.columns
    bounded(count)
    # Swin's heads differ from layer to layer; its windows are small.
    keep = not isinstance(getattr(vision_config(opened), "num_attention_heads", 0), int)
    keep = keep or keeps(vision_config(opened), count, count)
    try:
        with torch.inference_mode(), recording(edit=request.edit, keep=keep) as maps, called(model):
            out = forward(model, tensor, request.fit)
    except Refused as error:
        raise misfit(opened, tensor, request.fit, error) from error
    maps = [m for m in maps if m.kind == "vision"] or maps  # some do not say that they read patches
    patches = replace(patches, prefix=all_patches(opened, maps, count) - count)
    tokens = tokens_of(patches, opened.model.config.model_type)
    return ImageEncoding(
        request=request,
        model=opened.card.name,
        tokens=tokens,
        attentions=(gathered(maps, "vision", tokens, tokens),),
        predictions=expected(getattr(out, "logits", None), opened.model.config),
        remarks=opened.remarks,
        patches=patches,
    )


def all_patches(opened: Opened, maps: list[Map], count: int) -> int:
    """How many tokens each map goes between; Refused where maps are smaller, or not square."""
    sizes = [size_of(one) for one in maps]
    length = max((size[1] for size in sizes if len(size) == 3), default=0)
    odd = next((size for size in sizes if size[1:] != (length, length)), sizes[0] if length < count else None)
    if odd is not None:
        raise Refused(
            f"{opened.card.title} attends inside windows or among merged patches: a layer has weights of shape {odd} "
            f"over {count} patches, and there is no map from every patch to every other. Choose a plain ViT."
        )
    return length


def misfit(opened: Opened, tensor: torch.Tensor, fit: str, refusal: Refused) -> Refused:
    """Why a model has not taken a picture, and what to do: its shape where that is another than the model's."""
    title, side = opened.card.title, getattr(vision_config(opened), "image_size", None)
    wanted = (side, side) if isinstance(side, int) else tuple(side or ())
    if refusal.__cause__ is None or not wanted or wanted == tuple(tensor.shape[-2:]):
        return refusal
    if fit == "whole":
        return Refused(f"{title} reads pictures of one shape alone. Choose the shape of the model.")
    made, read = (f"{height} x {width} px" for height, width in (tensor.shape[-2:], wanted))
    return Refused(
        f"{title} reads pictures of {read}, but its preprocessor_config.json makes them {made}. Set size and crop_size "
        "there to what the model reads."
    )


def bounded(count: int) -> None:
    """Refused for a picture of more patches than any page reads."""
    if count > LONGEST:
        raise Refused(
            f"This picture has {count:,} patches; Gaze reads up to {LONGEST:,}. Choose the shape of the model."
        )


def tower(opened: Opened) -> Any:
    """The part that reads pictures."""
    takes = inspect.signature(opened.model.forward).parameters.values()
    wants = [one.name for one in takes if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    if "two towers" not in opened.family and set(wants) <= {"pixel_values"}:
        return opened.model
    part = getattr(opened.model, "vision_model", None)
    if part is None:
        raise Refused(f"{opened.card.title} keeps its picture tower elsewhere than CLIP does. Choose another CLIP.")
    return part


def forward(model: torch.nn.Module, tensor: torch.Tensor, fit: str, **more):
    """The model's output for pixel values [picture, 3, height, width]."""
    # Some models ask for leave to stretch their positions, others do it by themselves, and some cannot.
    ask_leave = "interpolate_pos_encoding" in inspect.signature(model.forward).parameters
    if fit == "whole" and ask_leave:
        more["interpolate_pos_encoding"] = True
    return model(pixel_values=tensor, **more)


def prepared(opened: Opened, pixels: np.ndarray, fit: str) -> tuple[torch.Tensor, Patches]:
    """(pixel values [1, 3, height, width] on the model's device, where the patches will lie)."""
    processor, side = opened.processor, patch_side(opened)
    options, box = {}, (0.0, 0.0, 1.0, 1.0)
    if fit == "whole":
        options = {"size": size_in_patches(pixels.shape[:2], input_side(opened), side), "do_center_crop": False}
    elif getattr(processor, "do_center_crop", False):
        box = cropped(pixels.shape[:2], processor)
    tensor = pixel_values(opened, pixels, **options)
    rows, columns = tensor.shape[-2] // side, tensor.shape[-1] // side
    return tensor, Patches(rows, columns, 0, *box)


def pixel_values(opened: Opened, pixels: np.ndarray | list[np.ndarray], **options: Any) -> torch.Tensor:
    """[picture, channel, height, width] on the model's device, as its processor makes it of pictures.

    Refused: the processor makes something else, or other channels than the model reads.
    """
    title, channels = opened.card.title, getattr(vision_config(opened), "num_channels", None)
    tensor = opened.processor(images=pixels, return_tensors="pt", **options).get("pixel_values")
    if tensor is None or tensor.ndim != 4:
        raise Refused(
            f"{title} cuts each picture into a number of patches of its own, not into rows and columns of one size. "
            "Choose a model for pictures of one size."
        )
    if isinstance(channels, int) and channels != tensor.shape[1]:
        raise Refused(
            f"{title} reads pictures of {channels} channels; its preprocessor_config.json makes {tensor.shape[1]}. "
            "Choose a model for colour pictures."
        )
    return tensor.to(opened.model.device, opened.model.dtype)


def vision_config(opened: Opened):
    return getattr(opened.model.config, "vision_config", opened.model.config)


def patch_side(opened: Opened) -> int:
    side = getattr(vision_config(opened), "patch_size", None)
    if side is None:
        raise Refused(
            f"{opened.card.title} does not cut pictures into patches of one size: there is no map from every patch to "
            "every other. Choose a plain ViT."
        )
    return side if isinstance(side, int) else side[-1]


def trained_grid(opened: Opened, count: int) -> tuple[int, int, int]:
    """(rows, columns, what stands before them) of a table of `count` positions; a square where sizes do not tell."""
    size, patch = (getattr(vision_config(opened), name, None) for name in ("image_size", "patch_size"))
    if size and patch:
        height, width = (size, size) if isinstance(size, int) else size[-2:]
        down, across = (patch, patch) if isinstance(patch, int) else patch[-2:]
        rows, columns = height // down, width // across
        if 0 < rows * columns <= count:
            return rows, columns, count - rows * columns
    side = int(count**0.5)
    return side, side, count - side * side


def input_side(opened: Opened) -> int:
    config = vision_config(opened)
    side = getattr(config, "image_size", None)
    if side is None:
        raise Refused(f"{opened.card.title} names no size for its pictures. Choose a model of one size.")
    return side if isinstance(side, int) else min(side)


def size_in_patches(shape: tuple[int, int], short: int, patch: int) -> dict[str, int]:
    """Height and width of whole patches, the shorter side as long as the model's own, the picture's shape kept."""
    scale = short / min(shape)
    height, width = (max(1, round(side * scale / patch)) * patch for side in shape)
    return {"height": height, "width": width}


def cropped(shape: tuple[int, int], processor) -> tuple[float, float, float, float]:
    """(left, top, width, height) of what is left after the processor's resize and centre crop, in shares."""
    height, width = shape
    size, crop = processor.size, processor.crop_size
    if "shortest_edge" in size:
        scale = size["shortest_edge"] / min(shape)
        resized = height * scale, width * scale
    else:
        resized = size["height"], size["width"]
    down, across = (min(1.0, crop[name] / side) for name, side in zip(("height", "width"), resized, strict=True))
    return (1 - across) / 2, (1 - down) / 2, across, down


def tokens_of(patches: Patches, kind: str) -> tuple[Token, ...]:
    """Special tokens first, then the patches, named by row and column, counted from 1."""
    names = [FIRST, *(FURTHER.format(i) for i in range(1, patches.prefix))][: patches.prefix]
    if kind == "deit" and patches.prefix == 2:
        names[1] = DISTILLED
    special = [Token(name, -1, -1, special=True) for name in names]
    places = (divmod(i, patches.columns) for i in range(patches.rows * patches.columns))
    inside = [Token(f"{row + 1},{column + 1}", i, i) for i, (row, column) in enumerate(places)]
    return (*special, *inside)


def expected(logits: torch.Tensor | None, config) -> tuple[Prediction, ...]:
    """The likeliest classes; none for a model without a classifier."""
    if logits is None or logits.ndim != 2:
        return ()
    best = torch.softmax(logits[0].float(), dim=-1).topk(min(CHOICES, logits.shape[-1]))
    names = config.id2label or {}
    choices = tuple(
        Choice(str(names.get(int(i), int(i))), float(p), int(i)) for i, p in zip(best.indices, best.values, strict=True)
    )
    return (Prediction("picture", 0, choices),)
