"""Logit lens: what a model would say at every place if it ended after a layer, in every family that guesses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.measures.contrastive import softmax
from core.measures.inside import entropy
from core.models.layers import ending_after
from core.models.one_pass import pass_over
from core.models.predicting import predicts_words, shown_piece
from core.models.writing import edited
from core.requests import LensRequest
from core.store.opening import Opened, open_model
from core.types import Refused, Token

MOST_PLACES = 256


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """What each layer expects at each place; layer 0 is the input embedding, the last is the model's own output."""

    tokens: tuple[Token, ...]  # what stands at each place, as the layers read it
    says: str  # what is guessed there: "next token", "this token" or "target token"
    words: tuple[tuple[str, ...], ...]  # [layer][place]: the likeliest piece
    shares: np.ndarray  # [layer, place] of that piece
    final: np.ndarray  # [layer, place]: share of the piece that the last layer finds likeliest
    ranks: np.ndarray  # [layer, place]: rank of that piece, from 1
    entropy: np.ndarray  # [layer, place], bits


def lens(request: LensRequest, progress: Progress = silent, cancelled: Cancelled = never) -> Lens:
    """The lens over a text. Refused: a model that guesses no pieces, or whose layers cannot be told apart."""
    opened = open_model(request.text.model)
    if "language model" not in opened.family or not predicts_words(opened):
        raise Refused(f"{opened.card.title} guesses no pieces of text, so no layer of it does. Choose another model.")
    one = pass_over(request.text)
    opened, tokens = one.opened, one.tokens
    if len(tokens) > MOST_PLACES:
        raise Refused(f"Your text has {len(tokens):,} tokens; the lens reads up to {MOST_PLACES}. Shorten it.")
    rows = []
    with edited(request.text):
        for layer, logits in ending_after(opened, lambda model: one.run(model=model), len(tokens)):
            raise_if_cancelled(cancelled)
            rows.append(logits.cpu().numpy())
            progress(layer, layer + 1)
    return _read(opened, tokens, one.says, rows)


def _read(opened: Opened, tokens: tuple[Token, ...], says: str, rows: list[np.ndarray]) -> Lens:
    best = rows[-1].argmax(axis=-1)
    words, shares, final, ranks, spread = [], [], [], [], []
    for logits in rows:
        found = softmax(logits, -1)
        own = found.argmax(axis=-1)
        last = np.take_along_axis(found, best[:, None], axis=-1)
        words.append(tuple(shown_piece(opened.tokenizer, int(i)) for i in own))
        shares.append(found.max(axis=-1))
        final.append(last[:, 0])
        ranks.append((found > last).sum(axis=-1) + 1)
        spread.append(entropy(found))
    arrays = [np.stack(some).astype(np.float32) for some in (shares, final, ranks, spread)]
    return Lens(tokens, says, tuple(words), *arrays)
