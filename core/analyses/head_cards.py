"""Heads over a corpus: every head of a model measured over many built-in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.data.head_cards import CARD_MEASURES, Edge, HeadCards, KindCards, Read, codes
from core.data.kept_cards import keep_cards, kept_cards, mark_of
from core.data.sentences import own, sentences
from core.measures.attention import layer_numbers, measures, shown_as
from core.measures.head_patterns import (
    PATTERNS,
    asking,
    between,
    given_and_taken,
    induction,
    patterns,
    shares,
    strongest,
)  # fmt: skip
from core.models.text import encode
from core.requests import HeadCardsRequest, TextRequest
from core.store.opening import open_model
from core.tokens import split
from core.types import Attention, Display, Refused, TextEncoding, Token

WORDS = Display(units="words")
STRONGEST = 10  # edges, and words, of a head
SEEN = 3  # times that a word must stand in the sentences to be called given or taking
TWICE = 100  # sentences that are said twice, for induction
WORKERS, WINDOW = 12, 64  # texts that are asked for at once; texts among which those of one length meet
COMPARED = 12  # sentences by whose maps heads are compared


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
    gathering: dict[str, _Gathered] = {}
    reads: dict[int, Read] = {}
    for at, encoding in read(request, texts, cancelled, workers):
        reads[at] = Read(texts[at], sides_of(encoding))
        for attention in encoding.attentions:
            gathering.setdefault(attention.kind, _Gathered(attention)).take(at, attention, counter(request.language))
        progress(at + 1, total)
    twice = tuple(f"{text} {text}" for text in texts[:TWICE])
    for at, encoding in read(request, twice, cancelled, workers, first=False):
        for attention in encoding.attentions:
            said_twice(attention, gathering)
        progress(len(texts) + at + 1, total)
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


def sides_of(encoding: TextEncoding) -> dict[str, tuple[str, ...]]:
    """The tokens of a text as it is read and, by a translator, written."""
    found = {}
    for attention in encoding.attentions:
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


def said_twice(attention: Attention, gathering: dict[str, _Gathered]) -> None:
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


@dataclass
class _Gathered:
    """What the heads of one kind did so far."""

    first: Attention
    sums: dict[str, np.ndarray] = field(default_factory=dict)  # measure -> [2, layer, head]: of values, of squares
    counts: Counter[str] = field(default_factory=Counter)
    edges: dict[str, np.ndarray] = field(default_factory=dict)
    taken: int = 0
    best: list[dict[tuple[str, str], Edge]] = field(default_factory=list)  # of each head by its two words
    words: dict[str, list] = field(default_factory=lambda: {"given": [], "taking": []})
    compared: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    maps: list[np.ndarray] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        return self.first.weights.shape[0], self.first.weights.shape[1]

    def add(self, name: str, values: np.ndarray) -> None:
        """A measure in one sentence: [layer, head], NaN where it cannot be taken."""
        if np.isnan(values).any():
            return
        self.counts[name] += 1
        self.sums.setdefault(name, np.zeros((2, *self.shape)))
        self.sums[name] += np.stack([values, values.astype(np.float64) ** 2])

    def take(self, at: int, attention: Attention, count: Callable[[str], int]) -> None:
        """One sentence."""
        if attention.weights.shape[:2] != self.first.weights.shape[:2]:
            raise Refused("The model attends with another number of heads in another sentence: it has no cards.")
        itself = attention.kind != "cross"
        rows, columns = attention.queries, attention.keys
        where = patterns(rows, columns, count, self_attention=itself)
        asked = asking(rows, columns, self_attention=itself)
        others = asked & between(rows, columns, self_attention=itself)
        for name, values in measures(attention).items():
            self.add(name, values)
        more = {name: where[name] for name in where if name in CARD_MEASURES and name not in measures_of(self.first)}
        found: dict[str, list[np.ndarray]] = {name: [] for name in more}
        hits: dict[str, list[np.ndarray]] = {name: [] for name in where}
        for layer in range(self.shape[0]):
            maps = attention.weights[layer]
            for name, values in shares(maps, more).items():
                found[name].append(values)
            if asked.any():
                q, k, _ = strongest(maps, asked)
                for name, pattern in where.items():
                    hits[name].append(pattern[q, k])
            if others.any():
                self.mark(at, layer, maps, others, rows, columns)
        for name, some in found.items():
            self.add(name, np.stack(some))
        if asked.any():
            self.taken += 1
            for name, some in hits.items():
                self.edges[name] = self.edges.get(name, 0) + np.stack(some).astype(np.float64)
        self.take_words(attention, at)

    def mark(self, at: int, layer: int, maps: np.ndarray, allowed: np.ndarray, rows, columns) -> None:
        """The strongest edge between two tokens, if it is among the strongest of its head; two words once."""
        if not self.best:
            self.best = [{} for _ in range(self.shape[0] * self.shape[1])]
        for head, (q, k, weight) in enumerate(zip(*strongest(maps, allowed), strict=True)):
            held = self.best[layer * self.shape[1] + head]
            words = (rows[q].text.casefold(), columns[k].text.casefold())
            if words in held and held[words].weight >= weight:
                continue
            held[words] = Edge(at, int(q), int(k), float(weight))
            if len(held) > STRONGEST:
                del held[min(held, key=lambda one: held[one].weight)]

    def take_words(self, attention: Attention, at: int) -> None:
        """What each word is given and takes; and the map over words, where heads are compared by this sentence."""
        rows, columns, weights = shown_as(attention, WORDS)
        allowed = between(rows, columns, self_attention=attention.kind != "cross")
        every = np.stack([weights[layer] for layer in range(self.shape[0])])
        flat = every.reshape(-1, *every.shape[2:])
        given, taken = given_and_taken(flat, allowed)
        for name, tokens, values in (("given", columns, given), ("taking", rows, taken)):
            kept = [i for i, t in enumerate(tokens) if not t.special and not np.isnan(values[:, i]).any()]
            self.words[name].append(([tokens[i].text.casefold() for i in kept], values[:, kept].astype(np.float32)))
        if at < COMPARED:
            self.compared.append((texts_of(rows), texts_of(columns)))
            self.maps.append(codes(without_special(every, rows, columns)))

    def summed(self) -> KindCards:
        """The cards."""
        names = [name for name in CARD_MEASURES if name in self.sums]
        means = {name: self.sums[name][0] / self.counts[name] for name in names}
        squares = {name: self.sums[name][1] / self.counts[name] for name in names}
        return KindCards(
            kind=self.first.kind,
            numbers=layer_numbers(self.first),
            means=means,
            spreads={name: np.sqrt(np.maximum(0.0, squares[name] - means[name] ** 2)) for name in names},
            counts={name: self.counts[name] for name in names},
            edges={name: self.edges[name] / max(self.taken, 1) for name in PATTERNS if name in self.edges},
            strongest=self.by_head([tuple(sorted(h.values(), key=lambda e: -e.weight)) for h in self.best]),
            given=self.by_head(most(self.words["given"])),
            taking=self.by_head(most(self.words["taking"])),
            compared=tuple(self.compared),
            maps=tuple(self.maps),
        )

    def by_head(self, flat: list) -> tuple:
        """[layer][head] from a list of all heads; empty ones where nothing was gathered."""
        layers, heads = self.shape
        some = flat or [()] * (layers * heads)
        return tuple(tuple(some[layer * heads : (layer + 1) * heads]) for layer in range(layers))


def measures_of(attention: Attention) -> tuple[str, ...]:
    """The measures that core.measures.attention takes of this kind."""
    found = ("entropy", "peak", "first", "separator")
    return found if attention.kind == "cross" else (*found, "distance", "diagonal", "previous", "next")


def texts_of(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    return tuple(token.text.casefold() for token in tokens if not token.special)


def without_special(maps: np.ndarray, rows: tuple[Token, ...], columns: tuple[Token, ...]) -> np.ndarray:
    """Maps over words alone; one column more holds what special tokens are given: [..., row, column + 1]."""
    kept = np.array([not token.special for token in columns])
    some = maps[..., np.array([not token.special for token in rows]), :]
    return np.concatenate([some[..., kept], some[..., ~kept].sum(axis=-1, keepdims=True)], axis=-1)


def most(found: list[tuple[list[str], np.ndarray]]) -> list[tuple[tuple[str, float], ...]]:
    """For each head the words with the greatest mean, of those that stand there SEEN times or more."""
    names = [name for words, _ in found for name in words]
    if not names:
        return []
    counts = Counter(names)
    known = sorted(name for name in counts if counts[name] >= min(SEEN, max(counts.values())))
    places = {name: at for at, name in enumerate(known)}
    values = np.concatenate([some for _, some in found], axis=1)
    sums = np.zeros((len(values), len(known)))
    for at, name in enumerate(names):
        if name in places:
            sums[:, places[name]] += values[:, at]
    means = sums / np.array([counts[name] for name in known])
    best = np.argsort(-means, axis=1, kind="stable")[:, :STRONGEST]
    return [tuple((known[k], float(row[k])) for k in places) for row, places in zip(means, best, strict=True)]
