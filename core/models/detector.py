"""How detectors of DETR's kind are asked: a picture becomes boxes with classes, and where each object query looked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from transformers import DetrConfig, DetrForObjectDetection, DetrImageProcessorPil, ResNetConfig

from core.capture.recording import ATTENTION, recording
from core.capture.stacking import stacked
from core.data.pictures import picture
from core.requests import DetectionRequest
from core.store.loading import silence_transformers
from core.store.opening import open_model
from core.types import Choice, Refused

UNTRAINED = "an untrained DETR"
KINDS = ("detr", "table-transformer")  # whose queries look at a whole grid, and whose last class is 'no object'
CHOICES = 5


@dataclass(frozen=True, slots=True)
class Box:
    """A place in a picture; all are shares of its width and height."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Query:
    """What one object query found."""

    number: int  # counted from 0
    box: Box
    choices: tuple[Choice, ...]  # classes, likeliest first, without 'no object'
    nothing: float  # probability of 'no object'

    @property
    def score(self) -> float:
        """Probability of its likeliest class."""
        return self.choices[0].probability


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """All queries of a model over one picture."""

    model: str
    queries: tuple[Query, ...]  # by their number
    cross: np.ndarray  # [layer, head, query, row, column] over the picture's feature grid, float32, sums to 1


def detected(request: DetectionRequest) -> Detection:
    """Boxes and cross-attention for a picture; UNTRAINED asks a little model with random weights.

    Refused: the model is no detector, or one whose attention is not dense.
    """
    name, image = request.model, request.image
    if name == UNTRAINED:
        model, processor = untrained()
        title = "An untrained DETR"
    else:
        opened = open_model(name)
        model, processor, title = opened.model, opened.processor, opened.card.title
        if "draw boxes" not in opened.family:
            raise Refused(f"{title} draws no boxes. Choose a detector such as facebook/detr-resnet-50.")
    if getattr(model.config, "model_type", "") not in KINDS:
        raise Refused(f"{title} is a detector of another kind than DETR, and Gaze cannot draw its maps. Choose a DETR.")
    read = processor(images=picture(image), return_tensors="pt")
    tensor = read["pixel_values"].to(model.device, model.dtype)
    with torch.inference_mode(), recording() as maps:
        given = {"pixel_mask": read["pixel_mask"].to(model.device)} if "pixel_mask" in read else {}
        out = model(pixel_values=tensor, **given)
    rows, columns = grid_of(model, tensor)
    cross = stacked([m for m in maps if m.kind == "cross"], out.logits.shape[1], rows * columns)
    cross.flags.writeable = False
    return Detection(
        name,
        queries_of(out.logits[0].float().cpu(), out.pred_boxes[0].float().cpu(), model.config.id2label),
        cross.reshape(*cross.shape[:3], rows, columns),
    )


def cells_of(height: int, width: int, short: int = 800, most: int = 1_333, step: int = 32) -> tuple[int, int, int, int]:
    """(height, width in px, rows, columns of features) of a picture as the published DETR reads it."""
    scale = min(short / min(height, width), most / max(height, width))
    high, wide = (round(side * scale) for side in (height, width))
    return high, wide, -(-high // step), -(-wide // step)


def grid_of(model: Any, tensor: torch.Tensor) -> tuple[int, int]:
    """(rows, columns) of the last feature map of the backbone; a forward pass of it alone."""
    mask = torch.ones(tensor.shape[0], *tensor.shape[-2:], device=tensor.device)
    with torch.inference_mode():
        found = model.model.backbone(tensor, mask)
    features, _ = (found[0] if isinstance(found[0], list) else found)[-1]  # Table Transformer adds positions
    return features.shape[-2], features.shape[-1]


def queries_of(logits: torch.Tensor, boxes: torch.Tensor, names: dict[int, str]) -> tuple[Query, ...]:
    """Queries from logits [query, class + 1], the last of them 'no object', and boxes [query, 4].

    A box comes as (middle across, middle down, width, height) in shares of the picture.
    """
    shares = torch.softmax(logits, dim=-1)
    best = shares[:, :-1].topk(min(CHOICES, shares.shape[1] - 1))
    found = []
    for number, (x, y, width, height) in enumerate(boxes.tolist()):
        choices = tuple(
            Choice(str(names.get(int(i), int(i))), float(p))
            for i, p in zip(best.indices[number], best.values[number], strict=True)
        )
        box = Box(x - width / 2, y - height / 2, width, height)
        found.append(Query(number, box, choices, float(shares[number, -1])))
    return tuple(found)


def query_at(queries: tuple[Query, ...], x: float, y: float) -> Query | None:
    """The query of the smallest box around a point, in shares of the picture; None where there is none."""
    around = [
        q
        for q in queries
        if 0 <= x - q.box.left <= q.box.width and 0 <= y - q.box.top <= q.box.height
    ]  # fmt: skip
    return min(around, key=lambda q: q.box.width * q.box.height, default=None)


@lru_cache(maxsize=1)
def untrained() -> tuple[Any, Any]:
    """A little DETR with random weights and what prepares its pictures: right in form, and it means nothing."""
    silence_transformers()
    shape: dict[str, Any] = dict(
        embedding_size=16,
        hidden_sizes=[16, 24, 32, 64],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage1", "stage2", "stage3", "stage4"],
    )
    backbone = ResNetConfig(**shape)
    sizes: dict[str, Any] = {
        f"{side}_{what}": n for side in ("encoder", "decoder") for what, n in (("layers", 2), ("ffn_dim", 128))
    }
    heads = {f"{side}_attention_heads": 4 for side in ("encoder", "decoder")}
    names = {i: f"class {i + 1}" for i in range(5)}
    sizes |= heads | {"use_timm_backbone": False, "d_model": 64, "num_queries": 12, "id2label": names}
    config = DetrConfig(backbone_config=backbone, **sizes)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DetrForObjectDetection(config)
        for name, one in model.named_parameters():
            # Weights as small as training begins with would put all boxes in one place.
            if one.ndim == 2 and "backbone" not in name:
                one.data.normal_(std=0.2)
    model.set_attn_implementation(ATTENTION)
    processor = DetrImageProcessorPil(size={"shortest_edge": 320, "longest_edge": 640})
    return model.requires_grad_(requires_grad=False).eval(), processor
