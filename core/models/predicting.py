"""What a text model says: the pieces that it expects at a place, or the classes of a text, with probabilities."""

from __future__ import annotations

from typing import Any

import torch

from core.store.opening import Opened
from core.tokens import names_of, shown, style_of
from core.types import Choice, Prediction, Token

CHOICES = 10
LONGEST_ANSWER = 30  # tokens
JUDGING = ("ForSequenceClassification", "ForTokenClassification", "QuestionAnswering", "NextSentencePrediction")
FOLLOWS = ("follows the first", "is of another text")


def predicts_words(opened: Opened) -> bool:
    """Whether a model's outputs stand for pieces of its vocabulary, and not for classes of texts or tokens."""
    last = getattr(opened.model, "get_output_embeddings", lambda: None)()
    classes = type(opened.model).__name__.endswith(("Classification", "QuestionAnswering", "Prediction"))
    return last is not None and not classes


def judges(model: Any) -> bool:
    """Whether a model's last layer names classes of texts, of tokens or of pairs, or the place of an answer."""
    return type(model).__name__.endswith(JUDGING)


def judged(opened: Opened, tokens: tuple[Token, ...], output: Any) -> tuple[Prediction, ...]:
    """What a model that judges finds likely, from its output for one text; none for another model.

    Classes of the text; or classes of each token that is no special one; or whether the second text follows the first;
    or which part of the text answers the question before it.
    """
    model = opened.model
    if not judges(model):
        return ()
    start, end = (getattr(output, name, None) for name in ("start_logits", "end_logits"))
    if start is not None and end is not None:
        return answer(opened.tokenizer, tokens, start[0].float(), end[0].float())
    logits = getattr(output, "logits", None)
    if logits is None or logits.shape[-1] < 2:
        return ()
    names = model.config.id2label or {}
    if type(model).__name__.endswith("NextSentencePrediction"):  # 0: it follows, 1: it is of another text
        return (ranked("second text", 0, torch.softmax(logits[0].float(), dim=-1), dict(enumerate(FOLLOWS))),)
    if logits.ndim == 3:
        shares = torch.softmax(logits[0].float(), dim=-1)
        each = [(i, t) for i, t in enumerate(tokens) if not t.special and i < len(shares)]
        return tuple(ranked("classes of tokens", i, shares[i], names) for i, _ in each)
    several = model.config.problem_type == "multi_label_classification"  # each class is judged by itself
    shares = torch.sigmoid(logits[0].float()) if several else torch.softmax(logits[0].float(), dim=-1)
    return (ranked("class", 0, shares, names),)


def ranked(place: str, position: int, shares: torch.Tensor, names: dict[int, str]) -> Prediction:
    """The likeliest classes, from the probability of each, [class]."""
    best = shares.topk(min(CHOICES, len(shares)))
    found = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return Prediction(place, position, tuple(Choice(str(names.get(i, i)), p, i) for i, p in found))


def answer(tokenizer: Any, tokens: tuple[Token, ...], start: torch.Tensor, end: torch.Tensor) -> tuple[Prediction, ...]:
    """The likeliest spans for an answer: the chance of their first token times that of their last (Devlin et al. 2019).

    Spans lie in the second text where there is one, else in the only one, and are at most LONGEST_ANSWER tokens long.
    """
    second = any(t.segment == 1 for t in tokens)
    inside = torch.tensor([not t.special and (t.segment == 1 or not second) for t in tokens])
    both = torch.softmax(start[: len(tokens)], 0)[:, None] * torch.softmax(end[: len(tokens)], 0)[None]
    both = torch.where(inside[:, None] & inside[None], both, 0.0).triu().tril(LONGEST_ANSWER - 1)
    best = both.flatten().topk(min(CHOICES, both.numel()))
    choices: list[Choice] = []
    position = 0
    for place, share in zip(best.indices.tolist(), best.values.tolist(), strict=True):
        first, last = divmod(place, len(tokens))
        if share > 0:
            position = position if choices else first
            choices.append(Choice(tokenizer.decode([t.id for t in tokens[first : last + 1]]).strip(), share))
    return (Prediction("answer", position, tuple(choices)),) if choices else ()


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
