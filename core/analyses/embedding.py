"""The map of an embedding space: a frozen question, its vectors, its places layer by layer, and their scores.

What costs much is kept by question (core.shared): vectors once for all pictures of them, each layer's places once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from core.analyses import vectors as embedding
from core.analyses.vectors import EmbeddingRequest, Vectors
from core.cache import Cancelled, Progress, Shared
from core.data.texts import TextSet
from core.errors import Refused
from core.measures import projection

Method = Literal["PCA", "UMAP", "t-SNE"]
VECTOR_BYTES = 700_000_000
PREPARED_BYTES = 300_000_000
PLACES_BYTES = 60_000_000
SHOWN_NEIGHBOURS = 5  # that a point is joined to when it is pointed at
MOST_AT_ONCE = 1_000  # points up to which UMAP arranges every layer, not only the one looked at
MOST_JOINED = 5_000  # points up to which true neighbours and retrieval are computed for all of them


@dataclass(frozen=True, slots=True)
class ProjectionRequest:
    """Which map: hashable, everything that decides about the places."""

    asked: EmbeddingRequest
    method: Method = "PCA"
    centre: tuple[str, ...] = ()  # for every text the group whose mean is taken away; empty: nothing is
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class MapScores:
    """What a picture can be held against; None where it cannot be told."""

    trustworthiness: float | None
    continuity: float | None
    retrieval: float | None  # mean over all ordered pairs of languages
    chance: float | None  # retrieval of one who guesses
    silhouettes: tuple[tuple[str, float | None], ...]  # of every column, in the vectors' own space


_VECTORS = Shared(VECTOR_BYTES, lambda made: made.values.nbytes)
_PREPARED = Shared(PREPARED_BYTES, lambda values: values.nbytes)
_PLACES = Shared(PLACES_BYTES, lambda places: places.nbytes)


def vectors(asked: EmbeddingRequest, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Vectors:
    """The vectors of a question, kept; progress(texts done, texts in all, 0)."""

    def make(report: Progress, stopped: Cancelled) -> Vectors:
        return embedding.vectors(asked, lambda done, total: report(done, total, 0.0), stopped)

    return _VECTORS.get(asked, make, progress, cancelled)


def prepared(asked: EmbeddingRequest, centre: tuple[str, ...], layer: int) -> np.ndarray:
    """Vectors [point, width] of a layer as every measure takes them: length 1, centred where asked; kept."""

    def make(_report: Progress, _stopped: Cancelled) -> np.ndarray:
        made = vectors(asked)
        values = projection.units(made.at(layer))
        if centre:
            values = projection.units(projection.centred(values, [centre[owner] for owner in made.owners]))
        values.flags.writeable = False
        return values

    return _PREPARED.get((asked, centre, layer), make)


@lru_cache(maxsize=16)
def flat(asked: EmbeddingRequest, centre: tuple[str, ...]) -> np.ndarray:
    """PCA's places [layer held, point, 2], every layer turned onto the one before, so that points travel."""
    frames: list[np.ndarray] = []
    for layer in vectors(asked).layers:
        places = projection.scaled(projection.pca(prepared(asked, centre, layer)))
        before = next((frame for frame in reversed(frames) if frame.any()), None)
        frames.append(places if before is None else projection.procrustes(places, before))
    made = np.stack(frames)
    made.flags.writeable = False
    return made


def arranged(
    question: ProjectionRequest, layer: int, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> np.ndarray:
    """Places [point, 2] of one layer (an index into the names of its layers) by the question's method, kept.

    UMAP and t-SNE begin from PCA's places and are turned back onto them: every layer has the same axes.
    """
    asked, centre = question.asked, question.centre
    start = flat(asked, centre)[vectors(asked).layers.index(layer)]
    if question.method == "PCA":
        return start
    if not start.any():
        return start  # all points are one: nothing to arrange

    def make(report: Progress, stopped: Cancelled) -> np.ndarray:
        told = lambda share: report(int(1000 * share), 1000, 0.0)  # noqa: E731
        values = prepared(asked, centre, layer)
        method = projection.METHODS[question.method]
        places = projection.scaled(method(values, question.seed, start=start, told=told, stopped=stopped))
        places = projection.procrustes(places, start)
        places.flags.writeable = False
        return places

    return _PLACES.get((question, layer), make, progress, cancelled)


def ready(question: ProjectionRequest) -> tuple[int, ...]:
    """The layers whose places are there already."""
    layers = vectors(question.asked).layers
    if question.method == "PCA":
        return layers
    kept = set(_PLACES.keys())
    frames = zip(layers, flat(question.asked, question.centre), strict=True)
    return tuple(layer for layer, frame in frames if (question, layer) in kept or not frame.any())


def wanted(question: ProjectionRequest, layer: int) -> tuple[int, ...]:
    """The layers to arrange, the one looked at first: all where there are few points, else that one alone."""
    made = vectors(question.asked)
    if len(made.labels) > MOST_AT_ONCE or question.method == "t-SNE":
        return (layer,)
    return (layer, *(other for other in made.layers if other != layer))


@lru_cache(maxsize=64)
def neighbours(asked: EmbeddingRequest, centre: tuple[str, ...], layer: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others by cosine, true ones and not the picture's: indices and cosines [point, 5 or fewer].

    None of them beyond 5,000 points; closest() gives those of some points.
    """
    values = prepared(asked, centre, layer)
    k = min(SHOWN_NEIGHBOURS, len(values) - 1)
    if k < 1 or len(values) > MOST_JOINED:
        return np.zeros((len(values), 0), np.int64), np.zeros((len(values), 0), np.float32)
    indices, distances = projection.nearest(values, k)
    return indices, (1 - distances**2 / 2).astype(np.float32)


@lru_cache(maxsize=256)
def scores(question: ProjectionRequest, texts: TextSet, layer: int) -> MapScores:
    """What the picture of a layer can be held against."""
    asked, centre = question.asked, question.centre
    values, places = prepared(asked, centre, layer), arranged(question, layer)
    silhouettes, found, chance = truth(asked, centre, texts, layer)
    return MapScores(
        trustworthiness=projection.trustworthiness(values, places),
        continuity=projection.continuity(values, places),
        retrieval=found,
        chance=chance,
        silhouettes=silhouettes,
    )


@lru_cache(maxsize=128)
def truth(asked: EmbeddingRequest, centre: tuple[str, ...], texts: TextSet, layer: int) -> tuple:
    """What the vectors say whatever the picture: silhouettes of all columns, retrieval and its chance."""
    made, values = vectors(asked), prepared(asked, centre, layer)

    def of_points(column: Sequence[str]) -> list[str]:
        return [column[owner] for owner in made.owners]

    silhouettes = tuple((title, projection.silhouette(values, of_points(column))) for title, column in texts.columns)
    whole = asked.units == "sentences" and not asked.only
    if not (whole and texts.items and texts.languages) or len(values) > MOST_JOINED:
        return silhouettes, None, None
    items, languages = of_points(texts.items), of_points(texts.languages)
    pairs = projection.retrieval(values, items, languages)
    if not pairs:
        return silhouettes, None, None
    sizes = {name: languages.count(name) for name in set(languages)}
    chance = float(np.mean([1 / sizes[target] for _, target in pairs]))
    return silhouettes, float(np.mean(list(pairs.values()))), chance


def centring(texts: TextSet) -> tuple[str, ...]:
    """For every text its language; Refused where no column tells it."""
    if not texts.languages:
        raise Refused("These texts have no column 'language' to centre by. Add one, or leave centring off.")
    return texts.languages


def closest(asked: EmbeddingRequest, centre: tuple[str, ...], layer: int, points: Sequence[int], k: int = 5):
    """For some points the k nearest others: [(index, cosine), ...] each, best first."""
    values = prepared(asked, centre, layer)
    cosines = values[list(points)] @ values.T
    cosines[np.arange(len(points)), list(points)] = -np.inf
    k = min(k, len(values) - 1)
    order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return [[(int(j), float(cosines[i, j])) for j in row] for i, row in enumerate(order)]
