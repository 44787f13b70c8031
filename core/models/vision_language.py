"""How decoders of pictures and words are asked: a picture stands among the tokens of a text, and all attend."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import torch

from core.capture.recording import recording
from core.capture.stacking import size_of
from core.data.pictures import picture
from core.models.calling import called, takes
from core.models.predicting import expected, predicts_words
from core.models.reading import checked_ids, checked_length
from core.models.text import gathered, keeps, of_some_layers, unkept
from core.models.vision import cropped, vision_config
from core.requests import PictureTextRequest
from core.store.hub import first_line
from core.store.opening import Opened, open_model
from core.store.vision_language import CannotSee
from core.tokens import cleaned, left_out, tokens_of
from core.types import AttentionKind, ImageEncoding, Patches, Refused, Token

READS: tuple[AttentionKind, ...] = (
    "decoder",
    "encoder",
)  # the maps of the picture's own tower would be many times more
#: Ways of cutting a picture into several, each read as a grid of its own: they are switched off.
CUTTING = ("do_image_splitting", "crop_to_patches", "do_pan_and_scan")
SUCH = "LLaVA 1.5, SmolVLM, Qwen2.5-VL, Gemma 3, PaliGemma"  # they read a picture as one grid


def encode(request: PictureTextRequest) -> ImageEncoding:
    """All attention of a decoder over a picture and a text, and the piece it expects next; patches.prefix tokens stand
    before the picture's own, which are named by row and column.

    Refused says what to do about a model that reads no pictures, or that reads them in no one grid.
    """
    opened = open_model(request.model)
    if "see while reading" not in opened.family:
        raise Refused(f"{opened.card.title} reads no picture among its words. Choose a decoder that does: {SUCH}.")
    if isinstance(opened.processor, CannotSee):
        raise Refused(opened.processor.why)
    text = cleaned(request.text)
    if not text.strip():
        raise Refused("There is no text. Ask something about the picture.")
    pixels = picture(request.image)
    inputs, whole = prepared(opened, pixels, text)
    ids = inputs["input_ids"][0].tolist()
    checked_length(opened, len(ids))
    checked_ids(opened, ids)
    patches = grid_of(opened, inputs, ids, pixels.shape[:2])
    tokens = named(tokens_of(opened.tokenizer, {"input_ids": ids}, ()), patches)
    last = {"logits_to_keep": 1} if predicts_words(opened) and takes(opened.model, "logits_to_keep") else {}
    keep = keeps(opened.text_config, len(ids), len(ids))
    with torch.inference_mode(), recording(keep=keep, kinds=READS) as maps, called(opened.model):
        output = opened.model(**inputs, **unkept(opened.model), **last)
    own = [one for one in maps if size_of(one)[1:] == (len(ids), len(ids))]
    if not own:
        raise Refused(
            f"{opened.card.title} hands out no map from every token to every other. Choose another model: {SUCH}."
        )
    attention = gathered([one for one in own if one.kind == own[0].kind], own[0].kind, tokens, tokens)
    return ImageEncoding(
        request=request,
        model=opened.card.name,
        tokens=tokens,
        attentions=(attention,),
        predictions=expected(opened, tokens, getattr(output, "logits", None) if predicts_words(opened) else None),
        remarks=(*opened.remarks, *left_out(request.text), *whole, *of_some_layers(opened, attention)),
        patches=patches,
    )


def prepared(opened: Opened, pixels: np.ndarray, text: str) -> tuple[dict[str, torch.Tensor], tuple[str, ...]]:
    """(what the model reads, on its device, a batch of one; a remark where cutting into tiles was switched off)."""
    processor = opened.processor
    off = [name for name in CUTTING if hasattr(processor.image_processor, name)]
    cuts = any(getattr(processor.image_processor, name) for name in off)
    written = in_template(opened, text)
    begun = opened.tokenizer.bos_token
    marked = bool(begun) and written.startswith(begun)
    try:
        made = processor(
            text=[written], images=[pixels], return_tensors="pt", images_kwargs=dict.fromkeys(off, False),
            text_kwargs={"add_special_tokens": False} if marked else {},
        )  # fmt: skip
    except Exception as error:  # a foreign processor can fail in any way
        raise (unprepared(opened, error) if template_of(opened) else placeless(opened)) from error
    place, numbers = opened.model.device, opened.model.dtype
    read = {
        name: one.to(place, numbers) if one.is_floating_point() else one.to(place)
        for name, one in made.items()
        if isinstance(one, torch.Tensor) and takes(opened.model, name) and name != "labels"  # to be trained by
    }
    said = "It is trained to read large pictures in tiles too: here it reads the whole picture once, in one grid."
    return read, (said,) if cuts else ()


def template_of(opened: Opened) -> Any:
    """The chat template of a model's folder, or nothing."""
    return getattr(opened.processor, "chat_template", None) or opened.tokenizer.chat_template


def placeless(opened: Opened) -> Refused:
    return Refused(
        f"{opened.card.title} is told of no picture: its folder has no chat template that gives a picture a place. "
        "Save the whole processor beside the model: processor.save_pretrained(folder)."
    )


def unprepared(opened: Opened, error: Exception) -> Refused:
    return Refused(
        f"{opened.card.title} cannot prepare this picture and text: {first_line(error).rstrip('.')}. Leave marks for "
        f"pictures out of your text, or choose another model: {SUCH}."
    )


def in_template(opened: Opened, text: str) -> str:
    """The text as a person's question about a picture, as the folder's chat template writes it; bare without one."""
    template = template_of(opened)
    if not template:
        return text
    asked = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}]
    try:
        return str(
            opened.processor.apply_chat_template(
                asked, chat_template=template, add_generation_prompt=True, tokenize=False
            )
        )
    except Exception as error:  # a template is a program that somebody else wrote
        raise Refused(f"The chat template of {opened.card.title} cannot be filled: {first_line(error)}") from error


def grid_of(opened: Opened, inputs: dict[str, Any], ids: list[int], shape: tuple[int, int]) -> Patches:
    """Where the picture's tokens lie on it. shape: (height, width) of the picture. Refused: they make no one grid."""
    title, config = opened.card.title, opened.model.config
    marker = getattr(config, "image_token_id", None)
    marker = getattr(config, "image_token_index", None) if marker is None else marker
    places = [place for place, one in enumerate(ids) if one == marker]
    if not places:
        raise placeless(opened)
    runs = 1 + sum(after - before > 1 for before, after in pairwise(places))
    rows, columns = grid_made(opened, inputs, len(places)) if runs == 1 else (0, 0)
    if rows * columns != len(places):
        several = f"{runs} runs of tokens" if runs > 1 else f"{len(places):,} tokens"
        raise Refused(
            f"{title} makes {several} of this picture, which are no one grid of rows and columns: there is no place on "
            f"the picture for each. Choose a model that reads it as one grid: {SUCH}."
        )
    box = (0.0, 0.0, 1.0, 1.0)
    if getattr(opened.processor.image_processor, "do_center_crop", False):
        box = cropped(shape, opened.processor.image_processor)
    return Patches(rows, columns, places[0], *box)


def grid_made(opened: Opened, inputs: dict[str, Any], count: int) -> tuple[int, int]:
    """(rows, columns) of the tokens that stand for a picture; (0, 0) where so many make no grid of its patches.

    A model merges neighbouring patches into one token, as many down as across.
    """
    told = inputs.get("image_grid_thw")
    if told is not None:
        merged = int(getattr(opened.processor.image_processor, "merge_size", 1))
        films, down, across = (int(one) for one in told[0])
        return (down // merged, across // merged) if len(told) == 1 and films == 1 else (0, 0)
    values, side = inputs.get("pixel_values"), getattr(vision_config(opened), "patch_size", None)
    if values is None or not isinstance(side, int) or prod(values.shape[:-3]) != 1:  # several pictures: tiles
        return 0, 0
    down, across = values.shape[-2] // side, values.shape[-1] // side
    for merged in range(1, min(down, across) + 1):
        if down % merged == across % merged == 0 and (down // merged) * (across // merged) == count:
            return down // merged, across // merged
    return 0, 0


def named(tokens: tuple[Token, ...], patches: Patches) -> tuple[Token, ...]:
    """The same, the picture's own called by row and column, counted from 1."""
    first, count = patches.prefix, patches.rows * patches.columns
    places = (divmod(at, patches.columns) for at in range(count))
    own = [
        replace(token, text=f"{row + 1},{column + 1}", special=False)
        for token, (row, column) in zip(tokens[first : first + count], places, strict=True)
    ]
    return (*tokens[:first], *own, *tokens[first + count :])
