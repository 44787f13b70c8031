"""A recurrent translator's attention step by step: states, energies, scores, weights and contexts of a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.models.reading import addressed, inputs_of, target_ids, target_tokens, tokenized
from core.models.text import MOST_WRITTEN, readable
from core.requests import RecurrentStepsRequest
from core.store.opening import open_model
from core.types import Refused, Token


@dataclass(frozen=True, slots=True, eq=False)
class RecurrentSteps:
    """All numbers between the states and the contexts; H is the width of a state, n the tokens read."""

    score: str  # one of SCORES
    source: tuple[Token, ...]
    target: tuple[Token, ...]
    queries: np.ndarray  # [target, H]: the decoder's states
    keys: np.ndarray  # [n, H]: the encoder's states, which are the values too
    energy: np.ndarray  # [target, n, H/2] after tanh; of the other scores [target, n, H]: what sums to the score
    scores: np.ndarray  # [target, n]
    weights: np.ndarray  # [target, n], rows sum to 1
    contexts: np.ndarray  # [target, H]: weights times values
    parameters: int  # of the score alone


def steps(request: RecurrentStepsRequest) -> RecurrentSteps:
    """The numbers of one sentence, its own translation or the request's target. Refused: another kind of model."""
    text = request.text
    opened = open_model(text.model)
    if opened.card.family != "recurrent":
        raise Refused(f"{opened.card.title} is no recurrent translator. Choose one of the four.")
    model = opened.model
    encoded, source = tokenized(opened, addressed(readable(text, text.text), text.language, opened), "")
    read = inputs_of(encoded, opened, "")["input_ids"]
    with torch.inference_mode():
        most = min(MOST_WRITTEN, 2 * read.shape[1] + 16)
        own = text.target.strip()
        ids = target_ids(opened, readable(text, text.target)) if own else model.translate(read, most)[0].tolist()
        shifted = torch.tensor([[model.config.decoder_start_token_id, *ids[:-1]]], device=read.device)
        keys, state = model.read(read)
        queries, _ = model.decoder(model.embedding(shifted), state)
        energy, scores = _scored(model.score, queries[0], keys[0])
        weights = torch.softmax(scores.float(), dim=-1)
        found = [queries[0], keys[0], energy, scores, weights, weights @ keys[0]]
    count = sum(one.numel() for one in model.score.parameters())
    names = ("queries", "keys", "energy", "scores", "weights", "contexts")
    arrays = {name: one.float().cpu().numpy() for name, one in zip(names, found, strict=True)}
    return RecurrentSteps(model.score.kind, source, target_tokens(opened, ids), parameters=count, **arrays)


def _scored(score, queries: torch.Tensor, keys: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(energy [target, n, ...], scores [target, n]) as the formula of each score says."""
    if score.kind == "additive":
        energy = torch.tanh(score.query(queries)[:, None] + score.key(keys)[None])
        return energy, energy @ score.vector.weight[0]
    compared = score.key(keys) if score.kind == "general" else keys
    products = queries[:, None] * compared[None]
    return products, products.sum(dim=-1) / (score.width**0.5 if score.kind == "scaled-dot" else 1)
