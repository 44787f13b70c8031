"""How CLIP and its kin are asked: pictures and texts become vectors in one space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch

from core.contrast import normalised, softmax
from core.models.pieces import cleaned
from core.pictures import picture
from core.shelf import Opened, Stopped, open_model
from core.types import Refused

BATCH = 32
MOST_TEXTS = 20_000
DEFAULT_SCALE = 1 / 0.07  # where CLIP begins; a model's own is used when it has one


def opened_clip(model: str) -> Opened:
    """The model; Refused when it has not two towers."""
    opened = open_model(model)
    if opened.card.family != "clip":
        raise Refused(f"{opened.card.title} has no towers for pictures and for texts. Choose a CLIP.")
    return opened


def scale_of(model: str) -> float:
    """What the model multiplies cosines by: the exponential of its learned logit scale."""
    scale = getattr(opened_clip(model).model, "logit_scale", None)
    return DEFAULT_SCALE if scale is None else float(scale.exp())


def text_vectors(model: str, texts: Sequence[str]) -> np.ndarray:
    """Vectors of length 1, float32 [text, width]; texts are cut where the model stops reading."""
    if not texts:
        raise Refused("There are no texts. Write at least one line.")
    if len(texts) > MOST_TEXTS:
        raise Refused(f"{len(texts):,} texts; Gaze takes up to {MOST_TEXTS:,} at once.")
    clean = [cleaned(text)[0] for text in texts]
    different = list(dict.fromkeys(clean))
    found = dict(zip(different, _texts(opened_clip(model), different), strict=True))
    return np.stack([found[text] for text in clean])


def _texts(opened: Opened, texts: list[str]) -> np.ndarray:
    length = opened.model.config.text_config.max_position_embeddings
    rows = []
    for start in range(0, len(texts), BATCH):
        batch = opened.tokenizer(
            texts[start : start + BATCH], padding=True, truncation=True, max_length=length, return_tensors="pt"
        )
        names = ("input_ids", "attention_mask")
        with torch.inference_mode():
            out = opened.model.get_text_features(**{n: batch[n].to(opened.model.device) for n in names if n in batch})
        rows.append(vectors_in(out))
    return normalised(np.concatenate(rows)).astype(np.float32)


def vectors_in(out) -> np.ndarray:
    """The projected vectors, whether transformers hands them out bare or inside an output."""
    tensor = out if isinstance(out, torch.Tensor) else out.pooler_output
    return tensor.float().cpu().numpy()


def picture_vectors(
    model: str,
    names: Sequence[str],
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> np.ndarray:
    """Vectors of length 1, float32 [picture, width], of pictures by name; Stopped: cancelled() said so."""
    opened = opened_clip(model)
    rows = []
    for start in range(0, len(names), BATCH):
        if cancelled is not None and cancelled():
            raise Stopped("Stopped. The pictures are not all there.")
        rows.append(np.stack([_picture(model, opened.revision, name) for name in names[start : start + BATCH]]))
        if progress is not None:
            progress(min(start + BATCH, len(names)), len(names))
    if not rows:
        raise Refused("There are no pictures. Choose at least one.")
    return np.concatenate(rows)


@lru_cache(maxsize=4_096)
def _picture(model: str, _revision: str, name: str) -> np.ndarray:
    return _pictures(opened_clip(model), [picture(name)])[0]


def _pictures(opened: Opened, pixels: list[np.ndarray]) -> np.ndarray:
    tensor = opened.processor(images=pixels, return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        out = opened.model.get_image_features(pixel_values=tensor.to(opened.model.device, opened.model.dtype))
    return normalised(vectors_in(out)).astype(np.float32)


def class_vectors(model: str, classes: Sequence[str], templates: Sequence[str]) -> np.ndarray:
    """One vector of length 1 a class: the mean over templates, in each of which {} stands for the class's name."""
    for template in templates:
        if template.count("{}") != 1:
            raise Refused(f"The template {template[:60]!r} needs {{}} once, where the name of the class goes.")
    if not templates or not classes:
        raise Refused("Give at least one class and one template, such as: a photo of a {}.")
    texts = [template.replace("{}", name) for name in classes for template in templates]
    every = text_vectors(model, texts).reshape(len(classes), len(templates), -1)
    return normalised(every.mean(axis=1)).astype(np.float32)


def zero_shot(model: str, image: str, classes: Sequence[str], templates: Sequence[str] = ("{}",)) -> np.ndarray:
    """Probabilities [class] of a picture among the user's own classes."""
    (vector,) = picture_vectors(model, [image])
    return softmax(scale_of(model) * (class_vectors(model, classes, templates) @ vector), axis=0)
