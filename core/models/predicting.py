"""What a text model says: the pieces that it expects at a place, or the classes of a text, with probabilities."""

from __future__ import annotations

from typing import Any

import torch

from core.store.opening import Opened
from core.tokens import names_of, shown, style_of
from core.types import Choice, Prediction, Token

CHOICES = 10


def predicts_words(opened: Opened) -> bool:
    """Whether a model's outputs stand for pieces of its vocabulary, and not for classes of texts or tokens."""
    last = getattr(opened.model, "get_output_embeddings", lambda: None)()
    classes = type(opened.model).__name__.endswith(("Classification", "QuestionAnswering"))
    return last is not None and not classes


def sorts_texts(model: Any) -> bool:
    """Whether a model names classes of whole texts."""
    return type(model).__name__.endswith("ForSequenceClassification")


def classes(model: Any, logits: torch.Tensor | None) -> tuple[Prediction, ...]:
    """The classes that a classifier of texts finds likely, from its logits [1, class]; none for another model."""
    if not sorts_texts(model) or logits is None or logits.ndim != 2 or logits.shape[-1] < 2:
        return ()
    several = model.config.problem_type == "multi_label_classification"  # each class is judged by itself
    shares = torch.sigmoid(logits[0].float()) if several else torch.softmax(logits[0].float(), dim=-1)
    best = shares.topk(min(CHOICES, len(shares)))
    names = model.config.id2label or {}
    found = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return (Prediction("class", 0, tuple(Choice(str(names.get(i, i)), p, i) for i, p in found)),)


def expected(opened: Opened, tokens: tuple[Token, ...], logits: torch.Tensor | None) -> tuple[Prediction, ...]:
    """What the model puts in place of each mask, or after the last token."""
    if logits is None:
        return ()
    tokenizer = opened.tokenizer
    if "continue" in opened.family:
        return (prediction(tokenizer, logits[0, -1], "next token", len(tokens) - 1),)
    mask = tokenizer.mask_token_id
    places = [i for i, t in enumerate(tokens) if mask is not None and t.id == mask]
    return tuple(prediction(tokenizer, logits[0, i], f"in place of {tokenizer.mask_token}", i) for i in places)


def prediction(tokenizer, logits: torch.Tensor, place: str, position: int) -> Prediction:
    """The best candidates with their probabilities, from the logits [vocabulary] of one place."""
    best = torch.softmax(logits.float(), dim=-1).topk(min(CHOICES, len(logits)))
    choices = tuple(
        Choice(shown_piece(tokenizer, int(i)), float(p)) for i, p in zip(best.indices, best.values, strict=True)
    )
    return Prediction(place, position, choices)


def shown_piece(tokenizer: Any, number: int) -> str:
    """A piece that may come next as people read it: a line break as a sign, bytes that are no letter in hexadecimal."""
    text = tokenizer.decode([number])
    if text.strip() and "\ufffd" not in text:
        return text.strip()
    (piece,) = names_of(tokenizer, [number])
    return shown(piece, style_of(tokenizer))
