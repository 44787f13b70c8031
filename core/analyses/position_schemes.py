"""Schemes of position side by side: the scores they give the same words, what they are made of, and how it moves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.measures import positions
from core.tokens import cleaned, split
from core.types import Refused

MOST_WORDS = 24
MOST_SHIFT = 4_096
SIDE = 14  # patches along an edge of a picture of 224 pixels, cut into patches of 16


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to tell positions apart."""

    title: str
    sentence: str  # what it does to the scores
    moves: str  # what happens to them when the sentence is shifted
    table: bool = False  # added to the vectors, so the scores of a shifted sentence change


SCHEMES = {
    "none": Scheme(
        "No positions",
        "The score of two words is theirs alone: q · k.",
        "Nothing can change: the words do not know where they stand.",
    ),
    "sinusoidal": Scheme(
        "Sinusoidal",
        "A fixed vector of sines and cosines is added to every word: (x + PE) on both sides.",
        "PE · PE depends on the distance alone, but words meet positions too (x · PE), so the scores change.",
        table=True,
    ),
    "learned": Scheme(
        "Table of a model",
        "A row of the model's own table is added to every word, then layer norm.",
        "Rows of other positions are other vectors: the scores change, and behind the last row there is nothing.",
        table=True,
    ),
    "grid": Scheme(
        "ViT grid",
        "The words stand as patches on a grid, read row by row; a vector for the place is added.",
        "Where the sentence crosses the edge of the picture, neighbours are torn apart.",
        table=True,
    ),
    "t5": Scheme(
        "T5 buckets",
        "q · k plus one learned number for the bucket of the distance, a head its own.",
        "Only the distance is asked for: nothing changes.",
    ),
    "shaw": Scheme(
        "Shaw relative",
        "q · (k + r), with a learned vector r for each distance, up to a greatest one.",
        "Only the distance is asked for: nothing changes.",
    ),
    "rope": Scheme(
        "RoPE",
        "Queries and keys are turned by their positions, pair by pair, before q · k.",
        "Both turn by the same angle more, and the angle between them stays: nothing changes.",
    ),
    "alibi": Scheme(
        "ALiBi",
        "q · k minus a slope times the distance, a steeper slope for the first heads.",
        "Only the distance is asked for: nothing changes.",
    ),
}


@dataclass(frozen=True, slots=True)
class SchemeSettings:
    """What both sides share; the request of every picture by hand."""

    d: int = 64
    base: float = 10000.0
    heads: int = 8
    head: int = 0  # shown of ALiBi and T5, counted from 0
    clip: int = 4  # Shaw: greatest distance with a vector of its own
    projected: bool = True  # W_Q and W_K drawn at random; else both are the identity


@dataclass(frozen=True, slots=True, eq=False)
class PositionTable:
    """What a model brings to a scheme; without it numbers by hand stand in."""

    model: str  # empty: by hand
    table: np.ndarray  # [position, d], or for T5 the bias [bucket, head]
    words: float = 1.0  # root mean square of the word vectors it belongs to
    columns: int = SIDE  # of a grid
    most: int = 128  # T5's greatest distance
    note: str = ""  # what is to be known of it


def words_of(text: str) -> tuple[str, ...]:
    """The words that stand as tokens; Refused for none and for too many."""
    words = split(cleaned(text))
    if len(words) > MOST_WORDS:
        raise Refused(f"Your sentence has {len(words)} words; this picture shows up to {MOST_WORDS}. Shorten it.")
    return words


def drawn(name: str, *shape: int) -> np.ndarray:
    """Unit normals that belong to a name: the same in every process."""
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    return np.random.default_rng(seed).standard_normal(shape)


@lru_cache(maxsize=64)
def vectors(words: tuple[str, ...], d: int) -> np.ndarray:
    """A vector for every word, [word, d]; equal words have equal ones, capitals aside."""
    positions.checked_width(d)
    found = np.stack([drawn(word.casefold(), d) for word in words])
    found.flags.writeable = False
    return found


@lru_cache(maxsize=16)
def projections(d: int, *, projected: bool) -> tuple[np.ndarray, np.ndarray]:
    """(W_Q, W_K), each [d, d], so that scores of unit normals divided by sqrt(d) are about 1."""
    if not projected:
        return np.eye(d), np.eye(d)
    return drawn("W_Q", d, d) / d**0.5, drawn("W_K", d, d) / d**0.5


def scores(
    scheme: str, words: tuple[str, ...], start: int, setting: SchemeSettings, given: PositionTable | None = None
) -> np.ndarray:
    """Scaled scores [query, key] of the words when the first stands at position `start`.

    Refused past the end of a table, and for a head that there is not.
    """
    if not 0 <= start <= MOST_SHIFT:
        raise Refused(f"A shift of {start:,}: choose 0 to {MOST_SHIFT:,}.")
    places = np.arange(start, start + len(words))
    if SCHEMES[scheme].table:
        return _added(scheme, words, places, setting, given)
    content = vectors(words, setting.d)
    first, second = projections(setting.d, projected=setting.projected)
    queries, keys = content @ first, content @ second
    scale = setting.d**-0.5
    if scheme == "rope":
        return rope_scores(queries, keys, places, setting.base)
    if scheme == "shaw":
        return positions.shaw(queries, keys, places, relative(setting)) * scale
    plain = queries @ keys.T * scale
    return plain if scheme == "none" else plain + bias(scheme, places, setting, given)


def _added(scheme: str, words, places: np.ndarray, setting: SchemeSettings, given: PositionTable | None) -> np.ndarray:
    """Scores where a row of a table is added to every word."""
    if scheme == "sinusoidal":
        read = vectors(words, setting.d) + positions.sinusoidal_at(places, setting.d, setting.base)
    else:
        given = given or by_hand(scheme, setting)
        rows = positions.rows_of(given.table, places, f"The table of {given.model}" if given.model else "This table")
        read = vectors(words, given.table.shape[1]) * given.words + rows
        # The models that read such tables norm the sum before the first attention.
        read = (read - read.mean(axis=1, keepdims=True)) / (read.std(axis=1, keepdims=True) + 1e-12)
    first, second = projections(read.shape[1], projected=setting.projected)
    return (read @ first) @ (read @ second).T / read.shape[1] ** 0.5


def rope_scores(queries: np.ndarray, keys: np.ndarray, places: np.ndarray, base: float = 10000.0) -> np.ndarray:
    """Scaled scores [query, key] of turned queries and keys."""
    return positions.rope(queries, places, base) @ positions.rope(keys, places, base).T / queries.shape[1] ** 0.5


def relative(setting: SchemeSettings) -> np.ndarray:
    """Shaw's vectors by hand, [2 * clip + 1, d]: drawn, since they are learned."""
    positions.clipped(np.zeros(1, dtype=int), setting.clip)
    return drawn("relative", 2 * setting.clip + 1, setting.d)


def bias(scheme: str, places: np.ndarray, setting: SchemeSettings, given: PositionTable | None = None) -> np.ndarray:
    """What ALiBi or T5 adds to the scores, [query, key], in the chosen head."""
    if scheme == "alibi":
        return positions.alibi(places, checked_head(positions.alibi_slopes(setting.heads), setting.head))
    table, most = (given.table, given.most) if given else (positions.t5_table(heads=setting.heads), 128)
    column = checked_head(table.T, setting.head)
    return column[positions.t5_bucket(positions.distances(places), buckets=len(table), most=most)]


def checked_head(of_heads: np.ndarray, head: int):
    if not 0 <= head < len(of_heads):
        raise Refused(f"There is no head {head + 1}: choose one of 1 to {len(of_heads)}.")
    return of_heads[head]


@lru_cache(maxsize=8)
def by_hand(scheme: str, setting: SchemeSettings) -> PositionTable:
    """What stands in for a model's table: sinusoids, on a grid of 14 x 14 where patches are meant."""
    if scheme == "grid":
        table = positions.grid_table(SIDE, SIDE, setting.d, setting.base)
        return PositionTable("", table, words=0.5**0.5)
    return PositionTable("", positions.sinusoidal(512, setting.d, setting.base))


def made_of(
    scheme: str, n: int, setting: SchemeSettings, given: PositionTable | None = None
) -> tuple[np.ndarray, str, str]:
    """(values, what a row is, what a column is): the scheme's own numbers for n positions.

    A table's rows, the cosines of RoPE's angles, or what is added to the score of each query and key.
    """
    places = np.arange(n)
    if scheme == "sinusoidal":
        return positions.sinusoidal(n, setting.d, setting.base), "position", "dimension"
    if scheme in ("learned", "grid"):
        table = (given or by_hand(scheme, setting)).table
        return table[:n], "position" if scheme == "learned" else "patch", "dimension"
    if scheme == "rope":
        return np.cos(positions.angles(places, setting.d, setting.base)), "position", "pair: cosine of its angle"
    if scheme == "none":
        return np.zeros((n, n)), "query", "key"
    return product(scheme, n, setting, given), "query", "key"


def product(scheme: str, n: int, setting: SchemeSettings, given: PositionTable | None = None) -> np.ndarray:
    """How much two positions have to do with each other, words left out, [n, n].

    Cosine of the rows of a table; RoPE: mean cosine of the angles between; else what is added to the score.
    """
    places = np.arange(n)
    if scheme == "none":
        return np.zeros((n, n))
    if scheme == "sinusoidal":
        return positions.cosines(positions.sinusoidal(n, setting.d, setting.base))
    if scheme in ("learned", "grid"):
        return positions.cosines((given or by_hand(scheme, setting)).table[:n])
    if scheme == "rope":
        same = np.ones((n, setting.d))
        return rope_scores(same, same, places, setting.base) / setting.d**0.5
    if scheme == "shaw":
        query = drawn("query", 1, setting.d)
        by_row = (query @ relative(setting).T)[0] / setting.d**0.5
        return by_row[positions.clipped(positions.distances(places), setting.clip)]
    return bias(scheme, places, setting, given)
