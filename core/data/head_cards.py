"""Cards of heads: what each head of a model does over many sentences, as a value and as a file."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.measures.attention import MEASURES
from core.measures.head_patterns import MORE_MEASURES, likeness
from core.types import AttentionKind

FORM = 1  # of the files: another one is not read
CARD_MEASURES = MEASURES | MORE_MEASURES
DIGITS = 4  # of numbers in a file


@dataclass(frozen=True, slots=True)
class Edge:
    """A weight in one of the sentences."""

    sentence: int  # its place among the sentences
    query: int
    key: int
    weight: float


@dataclass(frozen=True, slots=True)
class Read:
    """A sentence as the model reads it."""

    text: str
    sides: dict[str, tuple[str, ...]]  # "read", of translators "written" too: tokens, a space before what begins a word


@dataclass(frozen=True, slots=True, eq=False)
class KindCards:
    """What the heads of one kind of attention do; a head is [layer, head]."""

    kind: AttentionKind
    numbers: tuple[int, ...]  # the model's own numbers of the layers, from 0
    means: dict[str, np.ndarray]  # measure -> mean over the sentences; NaN where none has what is measured
    spreads: dict[str, np.ndarray]  # measure -> standard deviation
    counts: dict[str, int]  # measure -> sentences in which it can be taken
    edges: dict[str, np.ndarray]  # pattern -> share of sentences in which the strongest edge is one of it
    strongest: tuple[tuple[tuple[Edge, ...], ...], ...]  # [layer][head]: edges between tokens of the text
    given: tuple[tuple[tuple[tuple[str, float], ...], ...], ...]  # [layer][head]: words given most, with the weight
    taking: tuple[tuple[tuple[tuple[str, float], ...], ...], ...]  # words that take most from other words
    compared: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]  # (words of rows, of columns) of a few sentences
    maps: tuple[np.ndarray, ...]  # of these: [layer, head, row, column + 1] uint8, the root of weights times 255


@dataclass(frozen=True, slots=True, eq=False)
class HeadCards:
    """The cards of all heads of a model over the sentences of one language."""

    model: str
    mark: str  # of its weights
    language: str
    sentences: int
    own: int  # of them written by people; the others by a grammar
    texts: dict[int, Read]  # those in which the strongest edges lie
    kinds: tuple[KindCards, ...]

    def of(self, kind: str) -> KindCards | None:
        return next((one for one in self.kinds if one.kind == kind), None)


# --- heads like this one ----------------------------------------------------------------------------------------------

Name = tuple[str, int, int]  # kind, place of the layer, head


def like(cards: HeadCards, name: Name, others: HeadCards) -> list[tuple[float, Name]]:
    """How alike each head of others is to one of cards, the most alike first; not the head itself.

    The mean over the words of the sentences that both read alike; kinds that share none are left out. A column more
    than there are words holds what special tokens are given.
    """
    kind, layer, head = name
    mine = cards.of(kind)
    found: list[tuple[float, Name]] = []
    for other in others.kinds:
        if mine is None:
            break
        pairs = [
            (one[layer, head], two)
            for words, one in zip(mine.compared, mine.maps, strict=True)
            for said, two in zip(other.compared, other.maps, strict=True)
            if words == said
        ]
        if not pairs:
            continue
        alike = [likeness(weights(one), weights(two)).reshape(*two.shape[:2], -1) for one, two in pairs]
        means = np.concatenate(alike, axis=-1).mean(axis=-1)
        found += [(float(means[at]), (other.kind, int(at[0]), int(at[1]))) for at in np.ndindex(means.shape)]
    found.sort(key=lambda one: -one[0])
    return [one for one in found if cards is not others or one[1] != name]


def weights(codes: np.ndarray) -> np.ndarray:
    """The weights that codes of a map stand for."""
    return np.asarray((codes.astype(np.float64) / 255) ** 2)


def codes(maps: np.ndarray) -> np.ndarray:
    """Weights as codes, so that small ones stay apart."""
    return np.rint(np.sqrt(np.clip(maps, 0, 1)) * 255).astype(np.uint8)


# --- files ------------------------------------------------------------------------------------------------------------


def as_file(cards: HeadCards) -> bytes:
    """Cards as the bytes of a file, the same for the same cards."""
    said = {
        "form": FORM,
        **{name: getattr(cards, name) for name in ("model", "mark", "language", "sentences", "own")},
        "texts": [[at, read.text, read.sides] for at, read in sorted(cards.texts.items())],
        "kinds": [_kind_said(kind) for kind in cards.kinds],
    }
    return gzip.compress(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


def _kind_said(kind: KindCards) -> dict[str, Any]:
    tables = {name: {n: _rounded(v) for n, v in getattr(kind, name).items()} for name in ("means", "spreads", "edges")}
    strongest = [
        [[[e.sentence, e.query, e.key, round(e.weight, DIGITS)] for e in head] for head in layer]
        for layer in kind.strongest
    ]
    words = {
        name: [[[[w, round(s, DIGITS)] for w, s in head] for head in layer] for layer in getattr(kind, name)]
        for name in ("given", "taking")
    }
    maps = [[list(one.shape), base64.b64encode(one.tobytes()).decode()] for one in kind.maps]
    return {"kind": kind.kind, "numbers": kind.numbers, "counts": kind.counts, **tables, "strongest": strongest} | {
        **words, "compared": kind.compared, "maps": maps,
    }  # fmt: skip


def _rounded(values: np.ndarray) -> list[list[float | None]]:
    return [[None if np.isnan(v) else round(float(v), DIGITS) for v in row] for row in values]


def from_file(data: bytes) -> HeadCards:
    """Cards from the bytes of a file. ValueError (or one of its kind): it is none, or of another form."""
    try:
        said = json.loads(gzip.decompress(data))
        if said["form"] != FORM:
            raise ValueError(f"form {said['form']!r}")
        texts = {at: Read(text, {n: tuple(s) for n, s in sides.items()}) for at, text, sides in said["texts"]}
        plain = {name: said[name] for name in ("model", "mark", "language", "sentences", "own")}
        return HeadCards(**plain, texts=texts, kinds=tuple(_kind_from(one) for one in said["kinds"]))
    except (OSError, EOFError, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"no cards of heads: {error}") from error


def _kind_from(said: dict[str, Any]) -> KindCards:
    maps = tuple(np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape) for shape, text in said["maps"])
    return KindCards(
        kind=said["kind"],
        numbers=tuple(said["numbers"]),
        means=_tables(said["means"]),
        spreads=_tables(said["spreads"]),
        counts=said["counts"],
        edges=_tables(said["edges"]),
        strongest=tuple(tuple(tuple(Edge(*e) for e in head) for head in layer) for layer in said["strongest"]),
        given=_pairs(said["given"]),
        taking=_pairs(said["taking"]),
        compared=tuple((tuple(rows), tuple(columns)) for rows, columns in said["compared"]),
        maps=maps,
    )


def _tables(said: dict[str, list]) -> dict[str, np.ndarray]:
    return {name: np.array(values, dtype=np.float64) for name, values in said.items()}


def _pairs(said: list) -> tuple[tuple[tuple[tuple[str, float], ...], ...], ...]:
    return tuple(tuple(tuple((word, share) for word, share in head) for head in layer) for layer in said)
