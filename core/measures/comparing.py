"""Which of two models aligns better, by how much, and how sure that is: over all pairs, in groups, word by word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence, Set
from dataclasses import dataclass

import numpy as np

from core.measures.alignment import Counts, counts, scores_of
from core.requests import Gold, Link, Pair

ROUNDS = 1_000
DRAWN_AT_ONCE = 1_000_000
SHARE = 0.95  # of the draws that lie in an interval
#: Words of the source up to which a pair is of this length.
LENGTHS = ((7, "up to 7 words"), (14, "8 to 14 words"), (24, "15 to 24 words"), (10**9, "25 words and more"))
#: How often a source word stands in the set, up to which it is of this kind.
RARITIES = ((1, "words that come once"), (4, "words that come 2 to 4 times"), (10**9, "words that come more often"))


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher the alignment error rate of the first model is than that of the second one."""

    value: float
    low: float  # of the middle SHARE of resampled sets
    high: float
    first_better: float  # share of resampled sets in which the first errs less
    second_better: float
    drawn: int  # sentences that are drawn: pairs of one source are drawn together

    @property
    def clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


def difference(
    first: Sequence[Counts], second: Sequence[Counts], units: Sequence[Hashable] = (), rounds: int = ROUNDS,
    seed: int = 0,
) -> Difference:  # fmt: skip
    """The difference in error rate over the same pairs, by the paired bootstrap (Efron & Tibshirani 1993; Koehn 2004).

    Whole sets of as many units are drawn with replacement, the same for both models. units: what each pair belongs to,
    its source for example, whose pairs are not independent; empty: each pair is one. ValueError: no pair, or unlike
    many.
    """
    if not first or len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} pairs cannot be compared")
    named = {unit: at for at, unit in enumerate(dict.fromkeys(units or range(len(first))))}
    places = [named[unit] for unit in (units or range(len(first)))]
    sums = np.zeros((2, len(named), 2))  # [model, unit, (right, all)]
    for model, some in enumerate((first, second)):
        for place, one in zip(places, some, strict=True):
            sums[model, place] += one.found_sure + one.found_possible, one.found + one.sure
    chance, count = np.random.default_rng(seed), len(named)
    # How often each unit is drawn, some rounds at a time: thousands of pairs take megabytes, not gigabytes.
    parts = [
        chance.multinomial(count, np.full(count, 1 / count), size=len(some)) @ sums
        for some in np.array_split(np.arange(rounds), -(-rounds * count // DRAWN_AT_ONCE))
    ]
    rates = _rate(np.concatenate(parts, axis=1))  # [model, round]
    apart = rates[0] - rates[1]
    value = float(np.subtract(*_rate(sums.sum(axis=1))))
    low, high = np.quantile(apart, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    better = float((apart < 0).mean()), float((apart > 0).mean())
    return Difference(value, float(low), float(high), *better, len(named))


def _rate(totals: np.ndarray) -> np.ndarray:
    """Error rates of (right, all): 0 where nothing was found and nothing wanted."""
    return np.asarray(np.where(totals[..., 1] > 0, 1 - totals[..., 0] / np.maximum(totals[..., 1], 1), 0.0))


@dataclass(frozen=True, slots=True)
class Linked:
    """A pair with gold, and what two models link in it."""

    pair: Pair
    gold: Gold
    first: frozenset[Link]
    second: frozenset[Link]


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the pairs, or of the words."""

    title: str
    pairs: int
    first: float  # error rates
    second: float
    difference: Difference


def group(title: str, some: Sequence[Linked], wanted: Callable[[Linked], Set[int]] | None = None) -> Group | None:
    """Both models over these pairs; wanted: the source words of a pair whose links count, all without it.

    None where there is nothing to count.
    """
    tables: list[list[Counts]] = [[], []]
    units = []
    for one in some:
        kept = set(range(len(one.pair.source))) if wanted is None else wanted(one)
        sure, possible = (
            frozenset(link for link in side if link[0] in kept) for side in (one.gold.sure, one.gold.possible)
        )
        for table, found in zip(tables, (one.first, one.second), strict=True):
            table.append(counts({link for link in found if link[0] in kept}, sure, possible))
        units.append(one.pair.source)
    if not any(c.found + c.sure for table in tables for c in table):
        return None
    pairs = sum(any(table[at].found + table[at].sure for table in tables) for at in range(len(units)))
    rates = [scores_of(table).error_rate for table in tables]
    return Group(title, pairs, rates[0], rates[1], difference(tables[0], tables[1], units))


def groups(some: Sequence[Linked], languages: dict[str, str]) -> list[Group]:
    """All pairs, then by language where there are several, by length, and by how rare the source words are."""
    found = [group("all pairs", some)]
    spoken = dict.fromkeys(one.pair.language for one in some)
    if len(spoken) > 1:
        for code in spoken:
            found.append(group(languages.get(code, code), [one for one in some if one.pair.language == code]))
    least = 0
    for most, title in LENGTHS:
        found.append(group(title, [one for one in some if least < len(one.pair.source) <= most]) if some else None)
        least = most
    often = source_counts(some)
    least = 0
    for most, title in RARITIES:
        bounds = range(least + 1, most + 1)

        def wanted(one: Linked, bounds: range = bounds) -> set[int]:
            return {at for at, word in enumerate(one.pair.source) if often[word.casefold()] in bounds}

        found.append(group(title, some, wanted))
        least = most
    return [one for one in found if one is not None]


def source_counts(some: Sequence[Linked]) -> Counter[str]:
    """How often each source word stands in the set; a sentence with several translations is counted once."""
    sources = dict.fromkeys(one.pair.source for one in some)
    return Counter(word.casefold() for source in sources for word in source)


@dataclass(frozen=True, slots=True)
class WordErrors:
    """What two models get wrong about one word."""

    side: str  # "source" or "translation"
    word: str
    times: int
    missed: tuple[int, int]  # sure links that are not found, by each model
    wrong: tuple[int, int]  # found links that are not even possible

    @property
    def errors(self) -> tuple[int, int]:
        return self.missed[0] + self.wrong[0], self.missed[1] + self.wrong[1]


def word_errors(some: Sequence[Linked]) -> list[WordErrors]:
    """The words about which a model errs, most errors of both together first."""
    times: Counter[tuple[str, str]] = Counter()
    missed: list[Counter[tuple[str, str]]] = [Counter(), Counter()]
    wrong: list[Counter[tuple[str, str]]] = [Counter(), Counter()]
    for one in some:
        words = {"source": one.pair.source, "translation": one.pair.target}
        times.update((side, word.casefold()) for side, these in words.items() for word in these)
        for model, found in enumerate((one.first, one.second)):
            for table, links in ((missed, one.gold.sure - found), (wrong, found - one.gold.possible - one.gold.sure)):
                for link in links:
                    table[model].update(
                        (side, words[side][at].casefold()) for side, at in zip(words, link, strict=True)
                    )
    rows = [
        WordErrors(*key, count, (missed[0][key], missed[1][key]), (wrong[0][key], wrong[1][key]))
        for key, count in times.items()
    ]
    rows = [row for row in rows if sum(row.errors)]
    return sorted(rows, key=lambda row: (-sum(row.errors), row.side, row.word))
