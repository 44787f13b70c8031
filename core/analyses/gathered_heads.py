"""What the heads of one kind of attention do, gathered sentence by sentence and summed up at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from core.data.head_cards import CARD_MEASURES, Edge, KindCards, codes
from core.measures.attention import layer_numbers, measures, shown_as
from core.measures.head_patterns import (
    PATTERNS,
    asking,
    between,
    given_and_taken,
    patterns,
    shares,
    strongest,
)
from core.types import Attention, Display, Refused, Token

WORDS = Display(units="words")
STRONGEST = 10  # edges, and words, of a head
SEEN = 3  # times that a word must stand in the sentences to be called given or taking
COMPARED = 12  # sentences by whose maps heads are compared


@dataclass
class Gathered:
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
            keep(held, words, Edge(at, int(q), int(k), float(weight)))

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

    def join(self, other: Gathered) -> None:
        """Take what was gathered of other, later sentences."""
        for name, values in other.sums.items():
            self.sums[name] = self.sums.get(name, 0) + values
        for name, values in other.edges.items():
            self.edges[name] = self.edges.get(name, 0) + values
        self.counts += other.counts
        self.taken += other.taken
        self.best = self.best or [{} for _ in other.best]
        for held, more in zip(self.best, other.best, strict=False):
            for words, edge in more.items():
                keep(held, words, edge)
        for name, some in other.words.items():
            self.words[name] += some
        self.compared += other.compared
        self.maps += other.maps

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


def keep(held: dict[tuple[str, str], Edge], words: tuple[str, str], edge: Edge) -> None:
    """Keep an edge if it is among the strongest, and the strongest between its two words."""
    if words in held and held[words].weight >= edge.weight:
        return
    held[words] = edge
    if len(held) > STRONGEST:
        del held[min(held, key=lambda one: held[one].weight)]


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
