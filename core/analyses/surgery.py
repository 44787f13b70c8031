"""Models under the knife: the loss over a small set with heads off, and copies with their weights pruned or rounded.

The shared model is never changed: heads are switched off by an Edit, weights are cut in a copy.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from core.capture.recording import recorded, recording
from core.engine import ask
from core.measures import surgery
from core.measures.attention import mean_of_heads, shown_as
from core.models.calling import called
from core.models.compression import copied, operate
from core.models.predicting import predicts_words
from core.models.reading import addressed, inputs_of, start_of, target_ids, tokenized
from core.models.text import read, readable, translated, written
from core.requests import WHOLE, Compression, CompressionRequest, Edit, PredictionsRequest, TextRequest, parts
from core.store.opening import Opened, open_model
from core.store.revisions import kept
from core.types import Display, Refused, TextEncoding

HeadName = tuple[str, int, int]  # kind, layer, head
SMALL_SET = Path(__file__).resolve().parents[2] / "assets" / "lessons" / "surgery.json"
IGNORED = -100  # a label that no loss counts
MASKED_EVERY = 3  # of so many versions of a sentence each masks other tokens: together every token once
RUNS = 2  # timed; the fastest counts


@dataclass(frozen=True, slots=True, eq=False)
class Compressed:
    """What a cut made of a model."""

    loss: float  # nats a token over the small set
    megabytes: float  # of a file of its weights
    milliseconds: float  # one pass over the small set
    whole_milliseconds: float  # the same of the whole model, measured in turn with it
    zeros: float  # share of the cut matrices' weights
    encoding: TextEncoding  # of the user's text
    forced: TextEncoding  # the same, reading what the whole model wrote: its maps can be laid on the whole model's


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The small set as a model reads it."""

    inputs: dict[str, Tensor]
    labels: Tensor  # [sentence, token], IGNORED where nothing is asked
    what: str  # in words: whose loss this is


# --- the small set ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def small_set() -> tuple[tuple[str, str], ...]:
    """(English, French) sentences of the project's own."""
    rows = json.loads(SMALL_SET.read_text(encoding="utf-8"))["sentences"]
    return tuple((row["en"], row["fr"]) for row in rows)


@kept
def batch_of(name: str, language: str) -> Batch:
    """The small set for one model: its translations, its masked words or its next tokens."""
    opened = open_model(name)
    if not {"fill masks", "continue", "two stacks"} & opened.family.can or not predicts_words(opened):
        raise Refused(f"{opened.card.title} predicts no words, so it has no loss here. Choose another model.")
    if "two stacks" in opened.family:
        return translations(opened, language)
    return masked_words(opened) if "fill masks" in opened.family else next_tokens(opened)


def translations(opened: Opened, language: str) -> Batch:
    """Given French; in another language, or for a model that does not translate, what the whole model writes."""
    wanted = language or (opened.card.languages[0] if opened.card.languages else "")
    given = wanted == "fr"
    sources = [tokenized(opened, addressed(en, wanted, opened), "")[0] for en, _ in small_set()]
    if given:
        targets = [target_ids(opened, fr) for _, fr in small_set()]
    else:
        with torch.inference_mode():
            targets = [
                written(opened, inputs_of(one, opened, ""), TextRequest(opened.card.name, en))
                for one, (en, _) in zip(sources, small_set(), strict=True)
            ]
    what = "a French piece" if given else "a piece of what the whole model writes"
    return Batch(padded(opened, [s["input_ids"] for s in sources]), filled(opened, targets, IGNORED), what)


def masked_words(opened: Opened) -> Batch:
    """Every token masked once, a third of a sentence at a time: the pseudo-loss of a masked model."""
    tokenizer, mask = opened.tokenizer, opened.tokenizer.mask_token_id
    if mask is None:
        raise Refused(f"{opened.card.title} has no mask to fill, so it has no loss here. Choose another model.")
    special = set(tokenizer.all_special_ids)
    rows, labels = [], []
    for english, _ in small_set():
        ids = tokenizer(english)["input_ids"]
        places = [i for i, one in enumerate(ids) if one not in special]
        for first in range(min(MASKED_EVERY, len(places))):
            hidden = set(places[first::MASKED_EVERY])
            rows.append([mask if i in hidden else one for i, one in enumerate(ids)])
            labels.append([one if i in hidden else IGNORED for i, one in enumerate(ids)])
    return Batch(padded(opened, rows), filled(opened, labels, IGNORED), "a masked piece")


def next_tokens(opened: Opened) -> Batch:
    """Every token after the first, from those before it."""
    rows = [opened.tokenizer(english)["input_ids"] for english, _ in small_set()]
    return Batch(padded(opened, rows), filled(opened, rows, IGNORED), "a next piece")


def padded(opened: Opened, rows: list[list[int]]) -> dict[str, Tensor]:
    filler = opened.tokenizer.pad_token_id or 0  # never looked at: the mask hides it
    mask = filled(opened, [[1] * len(row) for row in rows], 0)
    return {"input_ids": filled(opened, rows, filler), "attention_mask": mask}


def filled(opened: Opened, rows: list[list[int]], filler: int) -> Tensor:
    """[row, longest row] on the model's device."""
    longest = max(map(len, rows))
    return torch.tensor([row + [filler] * (longest - len(row)) for row in rows], device=opened.model.device)


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    """Nats a token that is asked for."""
    with called(model):
        found = model(**batch.inputs, labels=batch.labels)
    return found.loss


# --- heads ------------------------------------------------------------------------------------------------------------


def loss(name: str, language: str, off: tuple[HeadName, ...]) -> float:
    """The loss over the small set with heads off; the order in which they are named does not matter."""
    return _loss(name, language, tuple(sorted(set(off))))


@kept
def _loss(name: str, language: str, off: tuple[HeadName, ...]) -> float:
    batch = batch_of(name, language)
    with torch.inference_mode(), recording(layers=(), edit=Edit(heads_off=off)):
        return float(loss_of(open_model(name).model, batch))


def importance(name: str, language: str) -> dict[HeadName, float]:
    """What each head is worth by the gradient of the loss, from one pass back: {(kind, layer, head): score}."""
    return dict(_importance(name, language))


@kept
def _importance(name: str, language: str) -> tuple[tuple[HeadName, float], ...]:
    batch, opened = batch_of(name, language), open_model(name)
    model = copied(opened).requires_grad_(requires_grad=True)  # the shared one has no gradients
    # Queries are asked for so that a model whose heads cannot be switched off is refused here, and not at a head.
    with torch.enable_grad(), recording(qkv=True) as maps:
        total = loss_of(model, batch)
    weights = [recorded(m.weights) for m in maps]
    reached = all(one.requires_grad for one in weights)
    gradients = torch.autograd.grad(total, weights, allow_unused=True) if reached else ()
    if not reached or any(gradient is None or gradient.ndim != 4 for gradient in gradients):
        raise Refused(
            f"{opened.card.title} does not work with the weights that it hands out, so its heads cannot be weighed. "
            "Choose another model."
        )
    found = {
        (m.kind, m.number, head): float(score)
        for m, gradient in zip(maps, gradients, strict=True)
        for head, score in enumerate(surgery.importance(recorded(m.weights), gradient))
    }
    kinds = ("encoder", "decoder", "cross")
    return tuple(sorted(found.items(), key=lambda item: (kinds.index(item[0][0]), item[0])))


def heads_of(name: str, language: str) -> tuple[HeadName, ...]:
    """All heads of a model, encoder first, then decoder, then cross."""
    return tuple(importance(name, language))


# --- weights ----------------------------------------------------------------------------------------------------------


def compressed(question: CompressionRequest) -> Compressed:
    """Loss, size, time and answer of a model whose weights are cut."""
    request, cut = question.text, question.compression
    opened = open_model(request.model)
    batch = batch_of(request.model, request.language)
    model, size, zeros = (opened.model, whole_bytes(opened), 0.0) if cut == WHOLE else operate(opened, cut)
    place = torch.device("cpu") if cut.int8 else opened.model.device
    there = replace(batch, inputs={n: t.to(place) for n, t in batch.inputs.items()}, labels=batch.labels.to(place))
    taken, whole = [], []
    for _ in range(RUNS):  # in turn, so that both meet the same other work of the machine
        total, seconds = timed(model, there)
        taken.append(seconds)
        whole.append(timed(opened.model, batch)[1])
    under = replace(opened, model=model)
    encoding = forced = encoded_by(under, request)
    if "two stacks" in opened.family:
        forced = encoded_by(under, replace(request, target=request.target or ask(request).output))
    return Compressed(total, size / 1e6, 1e3 * min(taken), 1e3 * min(whole), zeros, encoding, forced)


def timed(model: nn.Module, batch: Batch) -> tuple[float, float]:
    """(loss, seconds) of one pass over the small set."""
    with torch.inference_mode():
        began = time.perf_counter()
        total = float(loss_of(model, batch))  # a number: whatever device has answered
        return total, time.perf_counter() - began


def whole_bytes(opened: Opened) -> int:
    return sum(p.numel() for p in opened.model.parameters()) * parts.FULL_BITS // 8


@kept
def cut_loss(name: str, language: str, cut: Compression) -> float:
    """The loss over the small set with cut weights; kept."""
    opened, batch = open_model(name), batch_of(name, language)
    model = opened.model if cut == WHOLE else operate(opened, cut)[0]
    with torch.inference_mode():
        return float(loss_of(model, batch))


def encoded_by(opened: Opened, request: TextRequest) -> TextEncoding:
    """The encoding that an opened model gives, be it shared or a copy."""
    if "language model" not in opened.family:
        raise Refused(f"{opened.card.title} is no transformer that predicts words. Choose a language model.")
    answer = translated if "two stacks" in opened.family else read
    with torch.inference_mode():
        return answer(request, opened, readable(request, request.text), [], {})[0]


# --- teacher and student ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a model says at the places of a text where it predicts."""

    places: tuple[str, ...]
    logits: Tensor  # [place, piece], float32 on the CPU
    encoding: TextEncoding
    pieces: Callable[[int], str]  # a piece's text


@dataclass(frozen=True, slots=True)
class Pieces:
    """A piece's text by its number, as a model's tokenizer says it; it travels, as a tokenizer does not."""

    model: str

    def __call__(self, number: int) -> str:
        tokenizer = open_model(self.model).tokenizer
        return str(tokenizer.decode([number]).strip() or tokenizer.convert_ids_to_tokens(number))


def predictions_of(question: PredictionsRequest) -> Predictions:
    """Logits at every target token, mask, or after the last token; of a cut copy if asked."""
    request, cut = question.text, question.compression
    opened = open_model(request.model)
    if cut != WHOLE:
        opened = replace(opened, model=operate(opened, cut)[0])
    encoding = encoded_by(opened, request)
    if not encoding.predictions or not predicts_words(opened):
        mask = opened.tokenizer.mask_token
        more = f" Write {mask} where it is to guess." if "fill masks" in opened.family and mask else ""
        raise Refused(f"{opened.card.title} predicts nothing in this text.{more}")
    if "two stacks" in opened.family:
        ids = target_ids(opened, request.target or encoding.output)
        inputs = inputs_of(tokenized(opened, addressed(request.text, request.language, opened), "")[0], opened, "")
        start = start_of(opened)
        given = {"decoder_input_ids": torch.tensor([[start, *ids[:-1]]], device=opened.model.device)}
        places = [(i, opened.tokenizer.convert_ids_to_tokens(one)) for i, one in enumerate(ids)]
    else:
        inputs, given = inputs_of(tokenized(opened, readable(request, request.text), "")[0], opened, ""), {}
        places = [(p.position, p.place) for p in encoding.predictions]
    with torch.inference_mode():
        logits = opened.model(**inputs, **given).logits[0, [i for i, _ in places]].float().cpu()
    return Predictions(tuple(name for _, name in places), logits, encoding, Pieces(request.model))


def layer_maps(encoding: TextEncoding, kind: str, *, words: bool) -> list[np.ndarray]:
    """The mean over the heads of each layer, [query, key]; words: over words, special tokens left out."""
    attention = next(a for a in encoding.attentions if a.kind == kind)
    shown = Display("words", "renormalise") if words else Display()
    _, _, weights = shown_as(attention, shown)
    return [mean_of_heads(weights, layer) for layer in range(weights.shape[0])]
