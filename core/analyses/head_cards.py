"""Heads over a corpus: every head of a model measured over many built-in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.analyses.gathered_heads import Gathered
from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.data.head_cards import HeadCards, Read
from core.data.kept_cards import keep_cards, kept_cards, mark_of
from core.data.sentences import own, sentences
from core.measures.head_patterns import induction
from core.models.text import encode
from core.requests import HeadCardsRequest, TextRequest
from core.store.opening import open_model
from core.tokens import split
from core.types import Attention, Refused, TextEncoding, Token, Weights

TWICE = 100  # sentences that are said twice, for induction
WORKERS, WINDOW = 12, 64  # texts that are asked for at once; texts among which those of one length meet


def cards(request: HeadCardsRequest, progress: Progress = silent, cancelled: Cancelled = never) -> HeadCards:
    """The cards of a model over the sentences of a language; those that were made before come at once.

    progress(sentences done, in all); Stopped: cancelled() said so. Refused: the model reads no text, no such language.
    """
    found = kept_cards(request.model, request.language)
    if found is None:
        found = made(request, sentences(request.language), progress, cancelled)
        keep_cards(found)
    return found


def made(
    request: HeadCardsRequest,
    texts: tuple[str, ...],
    progress: Progress = silent,
    cancelled: Cancelled = never,
    workers: int = WORKERS,
) -> HeadCards:
    """The cards of a model over these texts, made now; texts that it cannot read, too long ones, are left out.

    workers: texts that are asked for at once. One alone gives the same bits at each call.
    """
    total = len(texts) + min(TWICE, len(texts))
    part = gathered(request, texts, 0, lambda done: progress(done, total), cancelled, workers)
    return carded(request, [part])


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What was gathered of some of the sentences."""

    kinds: dict[str, Gathered]
    reads: dict[int, Read]  # by the place among all sentences


def gathered(
    request: HeadCardsRequest,
    texts: Sequence[str],
    start: int,
    progress: Progress = silent,
    cancelled: Cancelled = never,
    workers: int = WORKERS,
) -> Part:
    """What these texts tell, the first of which stands at place `start` of all; progress(texts read so far)."""
    found = Part({}, {})
    for at, encoding in read(request, texts, cancelled, workers, first=start == 0):
        every = [without_sink(one) for one in encoding.attentions]
        found.reads[start + at] = Read(texts[at], sides_of(every))
        for attention in every:
            one = found.kinds.setdefault(attention.kind, Gathered(attention))
            one.take(start + at, attention, counter(request.language))
        progress(at + 1)
    twice = tuple(f"{text} {text}" for text in texts[: max(0, TWICE - start)])
    for at, encoding in read(request, twice, cancelled, workers, first=False):
        for attention in encoding.attentions:
            said_twice(without_sink(attention), found.kinds)
        progress(len(texts) + at + 1)
    return found


def carded(request: HeadCardsRequest, parts: Sequence[Part]) -> HeadCards:
    """The cards of a model from all parts of the sentences, in order."""
    gathering: dict[str, Gathered] = {}
    reads: dict[int, Read] = {}
    for part in parts:
        reads |= part.reads
        for kind, one in part.kinds.items():
            if kind in gathering:
                gathering[kind].join(one)
            else:
                gathering[kind] = one
    kinds = tuple(one.summed() for one in gathering.values())
    used = {edge.sentence for kind in kinds for layer in kind.strongest for head in layer for edge in head}
    people = sum(one.text in set(own(request.language)) for one in reads.values())
    return HeadCards(
        request.model, mark_of(request.model), request.language, len(reads), people,
        {at: reads[at] for at in sorted(used)}, kinds,
    )  # fmt: skip


def read(
    request: HeadCardsRequest, texts: Sequence[str], cancelled: Cancelled, workers: int, *, first: bool = True
) -> Iterator[tuple[int, TextEncoding]]:
    """(place, what the model made of it) of each text, in order; those of one length are asked for side by side.

    Refused: the first text cannot be read, where first says that it must be; others are left out.
    """
    several = "two stacks" not in open_model(request.model).family  # translators write in steps, each for itself
    with ThreadPoolExecutor(workers if several else 1) as pool:
        try:
            for start in range(0, len(texts), WINDOW):
                places = range(start, min(start + WINDOW, len(texts)))
                asked = {
                    at: pool.submit(asked_of, request.model, texts[at])
                    for at in sorted(places, key=lambda k: len(texts[k].split()))
                }
                for at in places:
                    raise_if_cancelled(cancelled)
                    try:
                        yield at, asked[at].result()
                    except Refused:
                        if at == 0 and first:
                            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)  # whoever stops waits for what is under way alone


def asked_of(model: str, text: str) -> TextEncoding:
    return encode(TextRequest(model, text))


def without_sink(attention: Attention) -> Attention:
    """The same; where a column stands for no token it is left out, and rows keep what is given to tokens."""
    if attention.keys[1:] != attention.queries:
        return attention
    weights = _WithoutFirst(attention.weights)
    return Attention(attention.kind, attention.queries, attention.keys[1:], weights, attention.layers)


class _WithoutFirst:
    """Weights without their first column, indexed by layer and head like those they are made from."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.shape = (*weights.shape[:3], weights.shape[3] - 1)

    def __getitem__(self, index: Any) -> np.ndarray:
        return self._weights[index][..., 1:]


def sides_of(attentions: Sequence[Attention]) -> dict[str, tuple[str, ...]]:
    """The tokens of a text as it is read and, by a translator, written."""
    found = {}
    for attention in attentions:
        for side, tokens in zip(SIDES[attention.kind], (attention.queries, attention.keys), strict=True):
            found[side] = tuple(" " * begins(tokens, at) + token.text for at, token in enumerate(tokens))
    return found if "read" in found else {"read": next(iter(found.values()))}


def begins(tokens: tuple[Token, ...], at: int) -> bool:
    """Whether a token begins a word, or is none."""
    return at == 0 or tokens[at].special or tokens[at].word != tokens[at - 1].word


#: Kind of attention -> where its rows and its columns stand.
SIDES = {"encoder": ("read", "read"), "decoder": ("written", "written"), "cross": ("written", "read")}


@lru_cache(maxsize=4)
def counter(language: str) -> Callable[[str], int]:
    """How often a word stands in the sentences of a language."""
    counts = Counter(word.casefold() for text in sentences(language) for word in split(text))
    return lambda word: counts[word]


def said_twice(attention: Attention, gathering: dict[str, Gathered]) -> None:
    """Take induction of a sentence that is said twice; nothing where it is read differently the second time."""
    places = [i for i, token in enumerate(attention.queries) if not token.special]
    if attention.kind == "cross" or not places or len(places) % 2:
        return
    if places != list(range(places[0], places[-1] + 1)):
        return
    ids = tuple(token.id for token in attention.queries)
    try:
        found = [
            induction(attention.weights[layer], ids, places[0], len(places) // 2)
            for layer in range(attention.weights.shape[0])
        ]
    except ValueError:
        return
    gathering[attention.kind].add("induction", np.stack(found))
