"""Does a head matter? What becomes of the answer without each head, with it alone, or without one of its looks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.capture.recording import Change, Cut, Map, recorded, recording
from core.capture.stacking import size_of
from core.engine import ask
from core.models.one_pass import OnePass, pass_over
from core.models.predicting import predicts_words, shown_piece
from core.requests import HeadEffectsRequest
from core.types import AttentionKind, Refused, Token

MOST_PLACES = 256
LIVE = 50_000_000  # numbers of the largest tensor of a batch
MOST_AT_ONCE = 16  # texts in a batch: more of them are no faster


@dataclass(frozen=True, slots=True, eq=False)
class HeadsOf:
    """What the absence of each head of one kind changes."""

    kind: AttentionKind
    numbers: tuple[int, ...]  # the model's own numbers of the layers, from 0
    change: np.ndarray  # [layer, head, place], float32


@dataclass(frozen=True, slots=True, eq=False)
class HeadEffects:
    """What becomes of the answer at every place when something is done to one head.

    With expected pieces, change is how far their probability falls, in shares (below 0: it rises); without, it is how
    far the place's last hidden state turns, 1 - cosine.
    """

    says: str  # "next token", "this token", "target token" or "last hidden state"
    tokens: tuple[Token, ...]  # at each place, as the model reads it
    expected: tuple[str, ...]  # [place] the piece that is followed; empty where the model guesses none
    shares: np.ndarray  # [place] its probability with all heads on; 1 where there is none
    asked: tuple[int, ...]  # the places that the question is about: masks, the next token, a whole translation
    heads: tuple[HeadsOf, ...]


def effects(request: HeadEffectsRequest, progress: Progress = silent, cancelled: Cancelled = never) -> HeadEffects:
    """Every head's absence, a layer in a few batches. progress(heads done, in all); Stopped: cancelled() said so.

    Refused: a text of more than MOST_PLACES tokens, a model whose heads cannot be switched off.
    """
    one = pass_over(request.text)
    if len(one.tokens) > MOST_PLACES:
        raise Refused(f"Your text has {len(one.tokens):,} tokens; heads are tried on up to {MOST_PLACES}. Shorten it.")
    edit = request.text.edit
    with recording(edit=edit, keep=False, change=lambda output, *_: output) as maps:
        whole = answer_of(one)
    followed = followed_pieces(one, whole)
    before = measured(one, whole, followed)[0]
    layers = sides(maps)
    if request.way == "edge":
        layers = {kind: some for kind, some in layers.items() if kind == maps[-1].kind}
        check_edge(request, one)
    total = sum(size_of(m)[0] for some in layers.values() for m in some)
    found: dict[AttentionKind, list[np.ndarray]] = {kind: [] for kind in layers}
    done = 0
    for kind, some in layers.items():
        for layer in some:
            rows = []
            for off in in_turn(size_of(layer)[0], batch_size(whole)):
                raise_if_cancelled(cancelled)
                with done_to(request, kind, layer, off):
                    after = answer_of(one, len(off))
                rows.append(before - measured(one, after, followed) if followed is not None else turned(whole, after))
                done += len(off)
                progress(done, total)
            found[kind].append(torch.cat(rows).cpu().numpy())
    asked = places_asked(one)
    return HeadEffects(
        says="last hidden state" if followed is None else one.says,
        tokens=one.tokens,
        expected=() if followed is None else tuple(shown_piece(one.opened.tokenizer, int(i)) for i in followed),
        shares=np.ones(len(one.tokens), np.float32) if followed is None else before.cpu().numpy(),
        asked=asked,
        heads=tuple(
            HeadsOf(kind, tuple(m.number for m in layers[kind]), np.stack(found[kind]).astype(np.float32))
            for kind in layers
        ),
    )


def sides(maps: Sequence[Map]) -> dict[AttentionKind, list[Map]]:
    """The layers of each kind of attention. Refused where layers differ in their number of heads."""
    found: dict[AttentionKind, list[Map]] = {}
    for one in maps:
        found.setdefault(one.kind, []).append(one)
    for kind, some in found.items():
        if len({size_of(one)[0] for one in some}) > 1:
            raise Refused(f"The {kind} layers of this model have different numbers of heads. Choose another model.")
    return found


def batch_size(answer: Tensor) -> int:
    """How many texts are run at once, by what one of them gives."""
    return max(1, min(MOST_AT_ONCE, LIVE // answer.numel()))


def in_turn(count: int, size: int) -> list[list[int]]:
    """0, 1, ... up to a count, so many at once."""
    return [list(range(first, min(count, first + size))) for first in range(0, count, size)]


def done_to(request: HeadEffectsRequest, kind: str, layer: Map, heads: Sequence[int]) -> AbstractContextManager[Any]:
    """A recording under which another head of a layer is changed in each text of a batch."""
    edit = request.text.edit
    if request.way == "edge":
        return recording(layers=(), edit=edit, cut=edge_cut(kind, layer, heads, request.edge))
    change = switched_off if request.way == "off" else left_alone
    return recording(layers=(), edit=edit, change=change(kind, layer.number, heads))


def check_edge(request: HeadEffectsRequest, one: OnePass) -> None:
    """Refused: a token that is not there, or a row that can look at nothing else."""
    attention = ask(request.text).attentions[-1]
    query, key = request.edge
    if query >= len(attention.queries) or key >= len(attention.keys):
        raise Refused(f"There is no edge from token {query} to token {key} in this text. Choose others.")
    if attention.keys[key].id < 0:
        raise Refused("The sink is no token: weights that go there are taken by nobody. Choose a token.")
    first = np.asarray(attention.weights[0])[:, query, key]
    name = attention.queries[query].text
    if first.min() > 1 - 1e-6:
        raise Refused(f"“{name}” can look at nothing else: its only edge cannot be cut. Choose another one.")
    if (
        max(np.asarray(attention.weights[layer])[:, query, key].max() for layer in range(attention.weights.shape[0]))
        == 0
    ):
        raise Refused(f"“{name}” cannot look at “{attention.keys[key].text}” at all: nothing to cut. Turn them round.")


def edge_cut(kind: str, layer: Map, heads: Sequence[int], edge: tuple[int, int]) -> Cut:
    """In each text of a batch another head of one layer cannot look from a token at another."""
    count, queries, keys = size_of(layer)
    query, key = edge[0], edge[1] - int(layer.sink)

    def cut(of: str, number: int) -> Tensor | None:
        if (of, number) != (kind, layer.number):
            return None
        hidden = torch.zeros(len(heads), count, queries, keys, dtype=torch.bool)
        for row, head in enumerate(heads):
            hidden[row, head, query, key] = True
        return hidden.to(recorded(layer.recipe).query.device)

    return cut


def left_alone(kind: str, number: int, heads: Sequence[int]) -> Change:
    """In each text of a batch all heads of one layer but another one give nothing."""

    def change(output: Tensor, of: str, at: int) -> Tensor:
        if (of, at) != (kind, number) or output.shape[0] != len(heads):
            return output
        alone = torch.zeros_like(output)
        for row, head in enumerate(heads):
            alone[row, :, head] = output[row, :, head]
        return alone

    return change


def switched_off(kind: str, number: int, heads: Sequence[int]) -> Change:
    """In each text of a batch another head of one layer gives nothing."""

    def change(output: Tensor, of: str, at: int) -> Tensor:
        if (of, at) != (kind, number) or output.shape[0] != len(heads):
            return output
        output = output.clone()
        for row, head in enumerate(heads):
            output[row, :, head] = 0
        return output

    return change


def answer_of(one: OnePass, size: int = 1, model: Any = None) -> Tensor:
    """Logits [text, place, piece] of a model that guesses pieces, else last hidden states [text, place, width]."""
    if predicts_words(one.opened):
        return one.run(size, model).logits.float()
    found = one.run(size, model, output_hidden_states=True)
    states = getattr(found, "decoder_hidden_states", None) or found.hidden_states
    return states[-1].float()


def followed_pieces(one: OnePass, answer: Tensor) -> Tensor | None:
    """The piece that is followed at each place, [place]; None for a model that guesses none.

    A decoder's is the token that comes next, and behind the last one the likeliest; a masked model's is the token
    itself, and in place of a mask the likeliest; a translator's is what it writes.
    """
    if not predicts_words(one.opened):
        return None
    if one.target:
        return torch.tensor(one.target, device=answer.device)
    best, ids = answer[0].argmax(dim=-1), one.inputs["input_ids"][0]
    if one.says == "next token":
        return torch.cat([ids[1:], best[-1:]])
    mask = one.opened.tokenizer.mask_token_id
    return torch.where(ids == (-1 if mask is None else mask), best, ids)


def measured(one: OnePass, answer: Tensor, followed: Tensor | None) -> Tensor:
    """Probability of the followed pieces, [text, place]; nothing to measure where there are none."""
    if followed is None:
        return torch.ones(answer.shape[:2], device=answer.device)
    chosen = answer.gather(-1, followed.expand(len(answer), -1)[..., None])[..., 0]
    return (chosen - answer.logsumexp(dim=-1)).exp()


def turned(before: Tensor, after: Tensor) -> Tensor:
    """How far each place's state has turned, 1 - cosine, [text, place]."""
    return 1 - torch.cosine_similarity(before.double().expand_as(after), after.double(), dim=-1).clamp(max=1)


def places_asked(one: OnePass) -> tuple[int, ...]:
    """The masks of a text, or the place behind its last token; all places of a translation and of bare encoders."""
    if one.says == "next token":
        return (len(one.tokens) - 1,)
    mask = getattr(one.opened.tokenizer, "mask_token_id", None)
    masked = tuple(i for i, t in enumerate(one.tokens) if mask is not None and t.id == mask)
    if masked and one.says == "this token" and predicts_words(one.opened):
        return masked
    return tuple(i for i, t in enumerate(one.tokens) if not t.special or one.says == "target token")
