"""Heads for the cheaper methods: of any text model, of noise, or typed by hand; and all methods tried on one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from core.capture.on_demand import needs_no_more, scores
from core.capture.recording import Map
from core.engine import ask
from core.measures import efficient
from core.measures.costs import counted
from core.measures.efficient import METHODS, HeadInputs, MethodSettings
from core.models.text import run
from core.requests import HeadRequest, QueriesRequest, TextRequest
from core.store.revisions import kept
from core.types import Refused, TextEncoding

#: Tokens on either side: a map of more is no longer read cell by cell, and its singular values take seconds.
MOST_TOKENS = 160
TRIED = 9  # values of a method's slider that are tried for its curve


@dataclass(frozen=True, slots=True)
class OfNoise:
    """A head of independent normal numbers."""

    tokens: int = 64
    width: int = 32


@dataclass(frozen=True, slots=True)
class OfHand:
    """A head of typed numbers: rows of Q, K and V."""

    words: tuple[str, ...]
    query: tuple[tuple[float, ...], ...]
    key: tuple[tuple[float, ...], ...]
    value: tuple[tuple[float, ...], ...]
    causal: bool = False


Source = HeadRequest | OfNoise | OfHand


@dataclass(frozen=True, slots=True)
class Tried:
    """What one setting of a method saves and loses."""

    method: str
    setting: MethodSettings
    cost: float  # multiplications, as a share of full attention's
    map: float
    output: float


def head_from(source: Source) -> HeadInputs:
    """The head that a source names; Refused when there is none."""
    if isinstance(source, HeadRequest):
        return head_of(source)
    if isinstance(source, OfNoise):
        return _noise(source)
    return efficient.by_hand(source.words, source.query, source.key, source.value, causal=source.causal)


@lru_cache(maxsize=4)
def _noise(source: OfNoise) -> HeadInputs:
    return efficient.noise(source.tokens, source.width)


@kept
def tried(source: Source, setting: MethodSettings) -> tuple[Tried, ...]:
    """Every method over its slider's range on one head, other fields as set; what the head cannot bear is left out."""
    head = head_from(source)
    exact = efficient.full(head)
    found = []
    for method in METHODS:
        for one in settings(method, head, setting):
            try:
                other = efficient.cheaper(head, method, one)
            except Refused:  # Linformer in a decoder: said where it is chosen
                break
            loss = efficient.lost(exact, other)
            found.append(Tried(method, one, saved(method, head, one), loss.map, loss.output))
    return tuple(found)


def settings(method: str, head: HeadInputs, setting: MethodSettings) -> Iterator[MethodSettings]:
    """Some values of a method's slider, few at first, then more apart."""
    field = METHODS[method].field
    if not field:
        yield setting
        return
    first, last = (0 if field == "window" else 1), efficient.most(method, *head.scores.shape)
    for value in np.unique(np.geomspace(first + 1, last + 1, TRIED).round().astype(int) - 1):
        slid: dict[str, Any] = {field: int(value)}
        yield replace(setting, **slid)


def saved(method: str, head: HeadInputs, setting: MethodSettings) -> float:
    """Multiplications as a share of full attention's; for a rectangle by the pairs that are looked at."""
    queries, keys = head.scores.shape
    width = head.query.shape[1]
    if method in ("local", "strided", "local_global"):
        seen = efficient.cheaper(head, method, setting).used.sum()
        return float(seen / efficient.visible(head).sum())
    size = int(np.sqrt(queries * keys).round())
    return counted(method, size, width, setting).multiplications / (2 * size * size * width)


def sizes(request: TextRequest) -> dict[str, tuple[int, int]]:
    """How many layers and heads of each kind a model runs for a request: {kind: (layers, heads)}."""
    return {a.kind: a.weights.shape[:2] for a in ask(QueriesRequest(request))[0].attentions}


def head_of(request: HeadRequest) -> HeadInputs:
    """One head over the request's text; Refused when the model lacks it or the text is too long."""
    kind, layer, head = request.kind, request.layer, request.head
    encoding, maps = ask(QueriesRequest(request.text))
    attention = next((a for a in encoding.attentions if a.kind == kind), None)
    if attention is None:
        there = ", ".join(a.kind for a in encoding.attentions)
        raise Refused(f"This model has no {kind} attention: choose {there}.")
    layers, heads = attention.weights.shape[:2]
    if not (0 <= layer < layers and 0 <= head < heads):
        raise Refused(f"There is no head {layer + 1}.{head + 1}: choose layers 1 to {layers}, heads 1 to {heads}.")
    found = next(m for m in maps if (m.kind, m.layer) == (kind, layer))

    needs_no_more(found.recipe)

    def states(all_heads) -> np.ndarray:
        return all_heads[0, head].float().cpu().numpy()

    return HeadInputs(
        kind,
        tuple(t.text for t in attention.queries),
        tuple(t.text for t in attention.keys),
        states(found.query),
        states(found.key),
        states(found.value),
        scores(found.recipe, slice(head, head + 1))[0, 0].float().cpu().numpy(),
        float(found.recipe.scaling),
    )


def recorded(question: QueriesRequest) -> tuple[TextEncoding, list[Map]]:
    """The encoding of a text and its maps with queries, keys and values. Refused: the text is too long."""
    request = question.text
    encoding, maps = run(request, keep=False, qkv=True)
    longest = max(max(a.weights.shape[2:]) for a in encoding.attentions)
    if longest > MOST_TOKENS:
        raise Refused(f"Your text has {longest} tokens; this page compares up to {MOST_TOKENS}. Shorten it.")
    return encoding, maps
