"""Why a picture and a text lie near each other: gradient relevance through both towers of a CLIP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.analyses.relevance import propagated
from core.capture.recording import Map, recording
from core.data.pictures import picture
from core.measures.patches import on_grid
from core.models.clip import opened_clip, text_inputs
from core.models.sharing import with_part
from core.models.vision import prepared
from core.requests import PairRelevanceRequest
from core.store.opening import Opened
from core.tokens import cleaned, tokens_of
from core.types import Patches, Refused, Token

WORD_VECTORS = ("text_model.embeddings.token_embedding", "text_model.transformer.embeddings.token_embedding")


@dataclass(frozen=True, slots=True, eq=False)
class Why:
    """What carries the cosine of a picture and a text."""

    cosine: float
    patches: Patches
    picture: np.ndarray  # [row, column], 0 or more: how much each patch counts
    tokens: tuple[Token, ...]  # as the text tower read them, without padding
    text: np.ndarray  # [token], 0 or more; a special token's own is left out


@dataclass(frozen=True, slots=True, eq=False)
class Tower:
    """One tower after a pass whose graph is kept."""

    vector: Tensor  # [width], of length 1
    states: Tensor  # [1, token, width], the last layer's
    maps: list[Map]


def why(request: PairRelevanceRequest) -> Why:
    """Relevance of patches and tokens to the cosine (Chefer et al. 2021, the rule of equations 5 and 6).

    Each tower is asked for itself, the other one's vector held still.
    """
    opened, text = opened_clip(request.model), cleaned(request.text)
    seen, patches = picture_tower(opened, picture(request.image))
    read, ids = text_tower(opened, text)
    cosine = float((seen.vector * read.vector).sum().detach())
    of_patches = relevance(seen, (seen.vector * read.vector.detach()).sum())
    of_tokens = relevance(read, (read.vector * seen.vector.detach()).sum())
    count = patches.rows * patches.columns
    patches = replace(patches, prefix=len(of_patches) - count)
    tokens = tokens_read(opened, text, ids)
    special = np.array([token.special for token in tokens])
    return Why(
        cosine,
        patches,
        on_grid(of_patches, patches),
        tokens,
        np.where(special, 0, of_tokens[: len(tokens)]).astype(np.float32),
    )


def picture_tower(opened: Opened, pixels: np.ndarray) -> tuple[Tower, Patches]:
    """The picture tower after one picture, and where its patches lie; the graph begins at the pixels."""
    tensor, patches = prepared(opened, pixels, "model")
    tensor = tensor.requires_grad_()  # the weights ask for no gradients
    with torch.enable_grad(), recording() as maps:
        out = opened.model.get_image_features(pixel_values=tensor)
        return Tower(unit(out.pooler_output[0]), out.last_hidden_state, maps), patches


def text_tower(opened: Opened, text: str) -> tuple[Tower, list[int]]:
    """The text tower after one text, and the ids it read; the graph begins at the word vectors."""
    inputs = text_inputs(opened, [text])
    with torch.enable_grad(), recording() as maps:
        out = beginning(opened.model).get_text_features(**inputs)
        return Tower(unit(out.pooler_output[0]), out.last_hidden_state, maps), inputs["input_ids"][0].tolist()


def unit(vector: Tensor) -> Tensor:
    return nn.functional.normalize(vector.float(), dim=-1)


def beginning(model: Any) -> Any:
    """The same model, its weights shared, but one whose word vectors begin a graph; the shared model is not touched."""
    inside = dict(model.named_modules())
    path = next((path for path in WORD_VECTORS if path in inside), None)
    if path is None:
        raise Refused("This model keeps its word vectors elsewhere than CLIP does. Choose another CLIP.")
    return with_part(model, path, nn.Embedding.from_pretrained(inside[path].weight, freeze=False))


def relevance(tower: Tower, score: Tensor) -> np.ndarray:
    """How much each token [token] counts for a score; zeros for a tower that the score does not depend on.

    The layers' relevance is read in the row of the token that was pooled. Where a tower pools by attention (SigLIP),
    rows count as their gradient times their state says, the positive part.
    """
    count = tower.states.shape[1]
    (gradient,) = torch.autograd.grad(score, [tower.states], allow_unused=True, retain_graph=True)
    if gradient is None:
        return np.zeros(count, np.float32)
    rows = np.flatnonzero(gradient[0].float().abs().amax(dim=-1).cpu().numpy() > 0)
    whole = propagated(tower.maps, score)
    if len(rows) == 1:
        return whole[rows[0]]
    start = (gradient[0] * tower.states[0]).sum(dim=-1).clamp(min=0).detach().float().cpu().numpy()
    return (start @ (whole + np.eye(count))).astype(np.float32)


def tokens_read(opened: Opened, text: str, ids: list[int]) -> tuple[Token, ...]:
    """The text's tokens, as many as the tower read; padding is left out."""
    tokenizer = opened.tokenizer
    encoded = tokenizer(text, return_offsets_mapping=tokenizer.is_fast, verbose=False)
    tokens = tokens_of(tokenizer, encoded, [text])
    return tokens[: len(ids)]


def words_of_tokens(tokens: tuple[Token, ...], values: np.ndarray) -> list[tuple[str, float]]:
    """(word, share of what all words have together) of each word, its pieces joined; shares are 0 where all are."""
    total = float(values.sum()) or 1.0
    found: dict[int, tuple[str, float]] = {}
    for token, value in zip(tokens, values, strict=True):
        if token.special:
            continue
        text, share = found.get(token.word, ("", 0.0))
        found[token.word] = (text + token.text, share + float(value) / total)
    return list(found.values())
