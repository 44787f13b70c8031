"""Which words of a pair a model links, counted against gold: one pair, a set with gold, a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analyses.alignment import Compared, compare
from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.measures.alignment import Counts, counts, linked, to_words
from core.requests import AlignmentReader, Gold, Link, LinkMethod, Pair
from core.store.revisions import kept


def links_of(some: Compared, way: LinkMethod, layer: int) -> set[Link]:
    """Links of units at a place in the list of layers; hidden units have none."""
    rows = [k for k, unit in enumerate(some.source) if not unit.hidden]
    columns = [k for k, unit in enumerate(some.target) if not unit.hidden]
    kept = np.ix_(rows, columns)
    links = linked(way, some.similarity[layer][kept], some.products[layer][kept])
    return {(rows[i], columns[j]) for i, j in links}


def word_links(some: Compared, way: LinkMethod, layer: int) -> set[Link]:
    """The same as links of words."""
    return to_words(links_of(some, way, layer), [u.word for u in some.source], [u.word for u in some.target])


def gold_left(gold: Gold, some: Compared) -> Gold:
    """The gold links of words that are not hidden."""
    rows, columns = some.hidden_words
    sides = (frozenset(link for link in one if link[0] not in rows and link[1] not in columns)
             for one in (gold.sure, gold.possible))  # fmt: skip
    return Gold(*sides)


def counted(some: Compared, way: LinkMethod, gold: Gold) -> tuple[Counts, ...]:
    """What the scores are made of, for every layer."""
    left = gold_left(gold, some)
    return tuple(counts(word_links(some, way, k), left.sure, left.possible) for k in range(len(some.layers)))


@kept
def counted_set(reader: AlignmentReader, way: LinkMethod, pairs: tuple[Pair, ...]) -> tuple[tuple[Counts, ...], ...]:
    """Counts of many pairs with gold: [pair][layer]."""
    found: list[tuple[Counts, ...]] = [()] * len(pairs)
    for place, some in compare(reader, pairs):
        found[place] = counted(some, way, pairs[place].gold or Gold(frozenset(), frozenset()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Aligned:
    """The links of one pair of a file."""

    links: frozenset[Link]
    counts: Counts | None  # where there is gold
    unknown: tuple[float, float]


def aligned(
    reader: AlignmentReader,
    way: LinkMethod,
    layer: int,
    pairs: Sequence[Pair],
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> list[Aligned]:
    """Word links of many pairs at a layer (as people count them). Stopped: cancelled() said so."""
    found: dict[int, Aligned] = {}
    for done, (place, some) in enumerate(compare(reader, pairs, (layer,)), start=1):
        links = word_links(some, way, some.layers.index(layer))
        gold = pairs[place].gold
        left = gold_left(gold, some) if gold else None
        held = counts(links, left.sure, left.possible) if left else None
        found[place] = Aligned(frozenset(links), held, some.unknown)
        progress(done, len(pairs))
        raise_if_cancelled(cancelled)
    return [found[place] for place in range(len(pairs))]
