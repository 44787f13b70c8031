"""The shapes of what goes through the two towers of a CLIP, in numbers of this model and these texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.models.clip import opened_clip, text_inputs
from core.models.vision import input_side, patch_side
from core.tokens import cleaned

LARGEST = "the token with the largest number, not at END"


@dataclass(frozen=True, slots=True)
class Shapes:
    """What a model reads and gives."""

    height: int  # px of a picture as the model reads it
    width: int
    patches: int
    prefix: int  # tokens before the patches
    tokens: int  # of the longest text, start and end marks and padding counted
    vision_layers: int
    text_layers: int
    embedding: int  # numbers of a vector in the shared space
    pooled: str  # which token stands for a text


def shapes(model: str, texts: Sequence[str]) -> Shapes:
    """Shapes for these texts; Refused as text_vectors."""
    opened = opened_clip(model)
    config = opened.model.config
    side, patch = input_side(opened), patch_side(opened)
    siglip = config.model_type.startswith("siglip")
    ids = text_inputs(opened, [cleaned(text) for text in texts])["input_ids"]
    width = getattr(config, "projection_dim", None) or config.text_config.hidden_size
    return Shapes(
        height=side,
        width=side,
        patches=(side // patch) ** 2,
        prefix=0 if siglip else 1,
        tokens=ids.shape[1],
        vision_layers=config.vision_config.num_hidden_layers,
        text_layers=config.text_config.num_hidden_layers,
        embedding=config.text_config.hidden_size if siglip else width,
        pooled="the last token" if siglip else pooled_at(config.text_config, opened.tokenizer, ids),
    )


def pooled_at(config, tokenizer, ids: torch.Tensor) -> str:
    """Which token of texts [text, token] transformers takes for the whole text.

    Where the configuration calls 2 the end, as the first CLIP's did by mistake, it is the one with the largest number:
    the END token only if no other has a larger one.
    """
    if config.eos_token_id == 2 and bool((ids.amax(dim=1) != tokenizer.eos_token_id).any()):
        return LARGEST
    return f"the END token {tokenizer.eos_token or ''}".strip()
