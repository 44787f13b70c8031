"""How CLIP and its kin are asked: pictures and texts become vectors in one space."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any

import numpy as np
import torch

from core.cache import ANSWERS, Cancelled, Progress, never, raise_if_cancelled, silent
from core.data.pictures import picture
from core.device import at_once
from core.measures.contrastive import normalised, sigmoid, softmax
from core.models.vision import input_side, pixel_values
from core.store.opening import Opened, open_model
from core.store.revisions import revision_of
from core.tokens import cleaned
from core.types import Refused

TEXTS_AT_ONCE, PICTURES_AT_ONCE = 32, 8  # as many as take about a second in a large model on a CPU
MOST_TEXTS = 20_000
DEFAULT_SCALE = 1 / 0.07  # where CLIP begins; a model's own is used when it has one


def opened_clip(model: str) -> Opened:
    """The model; Refused when it has not two towers."""
    opened = open_model(model)
    if "two towers" not in opened.family:
        raise Refused(f"{opened.card.title} has no towers for pictures and for texts. Choose a CLIP.")
    return opened


def scale_of(model: str) -> float:
    """What the model multiplies cosines by: the exponential of its learned logit scale."""
    scale = getattr(opened_clip(model).model, "logit_scale", None)
    return DEFAULT_SCALE if scale is None else float(scale.exp())


def bias_of(model: str) -> float | None:
    """What a SigLIP adds to every scaled cosine before its sigmoid; None for a CLIP, which takes a softmax."""
    bias = getattr(opened_clip(model).model, "logit_bias", None)
    return None if bias is None else float(bias)


def each_kept(
    kind: str,
    model: str,
    names: Sequence[str],
    size: int,
    prepare: Callable[[list[str]], Any],
    make: Callable[[Any], np.ndarray],
    progress: Progress,
    cancelled: Cancelled,
) -> np.ndarray:
    """Vectors [name, width], each kept by itself; make gives them from what prepare made of `size` names.

    While the model is at work on some, the next ones are prepared in a thread beside it.
    """
    revision = revision_of(model)
    key = lambda name: ("clip", kind, model, revision, name)  # noqa: E731

    def ready(part: list[str]) -> tuple[list[str], Any]:
        missing = [name for name in dict.fromkeys(part) if ANSWERS.find(key(name)) is None]
        return missing, prepare(missing) if missing else None

    found: dict[str, np.ndarray] = {}
    for start, (missing, inputs) in zip(range(0, len(names), size), ahead(ready, names, size), strict=True):
        raise_if_cancelled(cancelled)
        made = dict(zip(missing, make(inputs), strict=True)) if missing else {}
        for name, vector in made.items():
            ANSWERS.put(key(name), vector.copy())  # a row alone, or it would hold the whole batch
        part = names[start : start + size]
        for name in part:
            kept = made[name] if name in made else ANSWERS.find(key(name))
            found[name] = make(prepare([name]))[0] if kept is None else kept  # given up meanwhile
        progress(min(start + size, len(names)), len(names))
    return np.stack([found[name] for name in names])


def ahead(work: Callable[[list[str]], Any], names: Sequence[str], size: int) -> Iterator[Any]:
    """What work makes of each `size` names, one step ahead of who takes it."""
    parts = [list(names[start : start + size]) for start in range(0, len(names), size)]
    with ThreadPoolExecutor(1) as thread:
        coming = [thread.submit(copy_context().run, work, part) for part in parts[:1]]
        for further in [*parts[1:], None]:
            made = coming.pop().result()
            if further is not None:
                coming.append(thread.submit(copy_context().run, work, further))
            yield made


def text_vectors(
    model: str, texts: Sequence[str], progress: Progress = silent, cancelled: Cancelled = never
) -> np.ndarray:
    """Vectors of length 1, float32 [text, width]; texts are cut where the model stops reading.

    progress(texts done, texts in all); Stopped: cancelled() said so.
    """
    if not texts:
        raise Refused("There are no texts. Write at least one line.")
    if len(texts) > MOST_TEXTS:
        raise Refused(f"{len(texts):,} texts; Gaze takes up to {MOST_TEXTS:,} at once.")
    opened = opened_clip(model)
    clean = [cleaned(text) for text in texts]
    prepare, size = partial(text_inputs, opened), at_once(TEXTS_AT_ONCE, opened.device.place)
    return each_kept("text", model, clean, size, prepare, partial(_texts, opened), progress, cancelled)


def _texts(opened: Opened, inputs: dict[str, torch.Tensor]) -> np.ndarray:
    with torch.inference_mode():
        out = opened.model.get_text_features(**inputs)
    return normalised(vectors_in(out)).astype(np.float32)


def text_inputs(opened: Opened, texts: list[str]) -> dict[str, torch.Tensor]:
    """What the text tower reads, on its device: ids [text, token], and which are no padding where it heeds that."""
    length = opened.model.config.text_config.max_position_embeddings
    # SigLIP learned to read texts filled up to one length, padding and all.
    filled = opened.model.config.model_type.startswith("siglip")
    padding = "max_length" if filled else True
    batch = opened.tokenizer(texts, padding=padding, truncation=True, max_length=length, return_tensors="pt")
    names = ("input_ids",) if filled else ("input_ids", "attention_mask")
    return {name: batch[name].to(opened.model.device) for name in names if name in batch}


def vectors_in(out) -> np.ndarray:
    """The projected vectors, whether transformers hands them out bare or inside an output."""
    tensor = out if isinstance(out, torch.Tensor) else out.pooler_output
    return tensor.float().cpu().numpy()


def picture_vectors(
    model: str, names: Sequence[str], progress: Progress = silent, cancelled: Cancelled = never
) -> np.ndarray:
    """Vectors of length 1, float32 [picture, width], of pictures by name.

    progress(pictures done, pictures in all); Stopped: cancelled() said so.
    """
    if not names:
        raise Refused("There are no pictures. Choose at least one.")
    opened = opened_clip(model)
    prepare = lambda some: pixel_values(opened, [picture(name) for name in some])  # noqa: E731
    size = at_once(PICTURES_AT_ONCE, opened.device.place)
    return each_kept("picture", model, names, size, prepare, partial(_vectors, opened), progress, cancelled)


def pixel_vectors(opened: Opened, pixels: Sequence[np.ndarray]) -> np.ndarray:
    """Vectors of length 1, float32 [picture, width], of pictures uint8 [height, width, 3]."""
    return _vectors(opened, pixel_values(opened, list(pixels)))


def _vectors(opened: Opened, tensor: torch.Tensor) -> np.ndarray:
    side = input_side(opened)
    if tuple(tensor.shape[-2:]) != (side, side):
        height, width = tensor.shape[-2:]
        raise Refused(
            f"{opened.card.title} reads pictures of {side} x {side} px, but its preprocessor_config.json makes them "
            f"{height} x {width}. Set size and crop_size there to {side}."
        )
    with torch.inference_mode():
        out = opened.model.get_image_features(pixel_values=tensor)
    return normalised(vectors_in(out)).astype(np.float32)


def class_vectors(model: str, classes: Sequence[str], templates: Sequence[str]) -> np.ndarray:
    """One vector of length 1 a class: the mean over templates, in each of which {} stands for the class's name."""
    for template in templates:
        if template.count("{}") != 1:
            raise Refused(f"The template {template[:60]!r} needs {{}} once, where the name of the class goes.")
    if not templates or not classes:
        raise Refused("Give at least one class and one template, such as: a photo of a {}.")
    if twice := [name for place, name in enumerate(classes) if name in classes[:place]]:
        raise Refused(f"The class {twice[0][:60]!r} is named twice. Each would get a share: leave one out.")
    texts = [template.replace("{}", name) for name in classes for template in templates]
    every = text_vectors(model, texts).reshape(len(classes), len(templates), -1)
    return normalised(every.mean(axis=1)).astype(np.float32)


def zero_shot(model: str, image: str, classes: Sequence[str], templates: Sequence[str] = ("{}",)) -> np.ndarray:
    """Probabilities [class] of a picture among the user's own classes."""
    (vector,) = picture_vectors(model, [image])
    return probabilities(model, class_vectors(model, classes, templates) @ vector)


def probabilities(model: str, cosines: np.ndarray) -> np.ndarray:
    """[text], of one picture's cosines with texts: shares of 1, but a SigLIP judges each text by itself."""
    scores, bias = scale_of(model) * cosines, bias_of(model)
    return softmax(scores, axis=0) if bias is None else sigmoid(scores + bias)
