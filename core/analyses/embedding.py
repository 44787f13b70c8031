"""The map of an embedding space: a frozen question, its vectors, its places layer by layer, and their scores.

What costs much is request through the engine: vectors once for all pictures of them, each layer's places once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analyses.vectors import Vectors
from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.data.texts import TextSet
from core.engine import ask, is_answered
from core.measures import clusters as grouping
from core.measures import map_scores, projection
from core.requests import EmbeddingRequest, OwnVectorsRequest, PlacesRequest, ProjectionRequest
from core.store.revisions import kept
from core.types import Refused

SHOWN_NEIGHBOURS = 5  # that a point is joined to when it is pointed at
MOST_AT_ONCE = 1_000  # points up to which UMAP arranges every layer, not only the one looked at
MOST_JOINED = 5_000  # points up to which true neighbours and retrieval are computed for all of them
MOST_ARRANGED = 10_000  # points that UMAP arranges; of more it arranges so many, and the others stand among them
ANCHORS = 3  # arranged points among which one of the others stands
MEASURED = 16_000_000  # cosines held at once

Source = EmbeddingRequest | OwnVectorsRequest  # where vectors come from


@dataclass(frozen=True, slots=True, eq=False)
class MapScores:
    """What a picture can be held against; None where it cannot be told."""

    trustworthiness: float | None
    continuity: float | None
    retrieval: float | None  # mean over all ordered pairs of languages
    chance: float | None  # retrieval of one who guesses
    silhouettes: tuple[tuple[str, float | None], ...]  # of every column, in the vectors' own space


def vectors(request: Source) -> Vectors:
    """The vectors of a question, from the engine."""
    found: Vectors = ask(request)
    return found


@kept
def prepared(request: Source, centre: tuple[str, ...], layer: int) -> np.ndarray:
    """Vectors [point, width] of a layer as every measure takes them: length 1, centred where asked; kept."""
    made = vectors(request)
    values = projection.units(made.at(layer))
    if centre:
        values = projection.units(projection.centred(values, [centre[owner] for owner in made.owners]))
    values.flags.writeable = False
    return values


@kept
def flat(request: Source, centre: tuple[str, ...]) -> np.ndarray:
    """PCA's places [layer held, point, 2], every layer turned onto the one before, so that points travel."""
    frames: list[np.ndarray] = []
    for layer in vectors(request).layers:
        places = projection.scaled(projection.pca(prepared(request, centre, layer)))
        before = next((frame for frame in reversed(frames) if frame.any()), None)
        frames.append(places if before is None else projection.procrustes(places, before))
    made = np.stack(frames)
    made.flags.writeable = False
    return made


def arranged(request: PlacesRequest, progress: Progress = silent, cancelled: Cancelled = never) -> np.ndarray:
    """Places [point, 2] of one layer by the projection's method.

    UMAP and t-SNE begin from PCA's places and are turned back onto them: every layer has the same axes.
    progress(thousandths done, 1000).
    """
    question, layer = request.projection, request.layer
    start = flat(question.embedding, question.centre)[vectors(question.embedding).layers.index(layer)]
    if question.method == "PCA" or not start.any():  # all points are one: nothing to arrange
        return start
    values = prepared(question.embedding, question.centre, layer)
    method = projection.METHODS[question.method]
    if len(values) <= MOST_ARRANGED:
        found = method(values, question.seed, start=start, progress=progress, cancelled=cancelled)
    else:
        chosen = sample(len(values), question.seed)
        found = method(
            values[chosen], question.seed, start=start[chosen],
            progress=lambda done, total: progress(8 * done // 10, total), cancelled=cancelled,
        )  # fmt: skip
        found = among(found, values, chosen, lambda done, total: progress(800 + 200 * done // total, 1000), cancelled)
    places = projection.procrustes(projection.scaled(found), start)
    places.flags.writeable = False
    return places


def sample(count: int, seed: int) -> np.ndarray:
    """MOST_ARRANGED of so many points, drawn by chance: rows at even distances may all be of one kind."""
    return np.sort(np.random.RandomState(seed).choice(count, MOST_ARRANGED, replace=False))


def among(
    found: np.ndarray,
    values: np.ndarray,
    chosen: np.ndarray,
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> np.ndarray:
    """Places [point, 2] of all points where those of the chosen are found: theirs, and for every other point the mean
    of its ANCHORS nearest by cosine among the chosen, the nearer weighing more. progress(points done, points)."""
    places = np.empty((len(values), 2), np.float32)
    anchors = values[chosen]
    step = max(1, MEASURED // len(chosen))
    for start in range(0, len(values), step):
        raise_if_cancelled(cancelled)
        progress(start, len(values))
        cosines = values[start : start + step] @ anchors.T
        near = np.argpartition(-cosines, ANCHORS - 1, axis=1)[:, :ANCHORS]
        weights = 1 / (1e-3 + 1 - np.take_along_axis(cosines, near, axis=1))
        places[start : start + step] = (found[near] * weights[..., None]).sum(axis=1) / weights.sum(axis=1)[:, None]
    places[chosen] = found
    return places


def places_of(question: ProjectionRequest, layer: int) -> np.ndarray:
    """Places [point, 2] of one layer, from the engine; PCA's, which take no time, from what is kept."""
    found: np.ndarray = ask(PlacesRequest(question, layer))
    return found


def ready(question: ProjectionRequest) -> tuple[int, ...]:
    """The layers whose places are there already."""
    layers = vectors(question.embedding).layers
    if question.method == "PCA":
        return layers
    frames = zip(layers, flat(question.embedding, question.centre), strict=True)
    return tuple(layer for layer, frame in frames if not frame.any() or is_answered(PlacesRequest(question, layer)))


def wanted(question: ProjectionRequest, layer: int) -> tuple[int, ...]:
    """The layers to arrange, the one looked at first: all where there are few points, else that one alone."""
    made = vectors(question.embedding)
    if len(made.labels) > MOST_AT_ONCE or question.method == "t-SNE":
        return (layer,)
    return (layer, *(other for other in made.layers if other != layer))


@kept
def neighbours(request: Source, centre: tuple[str, ...], layer: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others by cosine, true ones and not the picture's: indices and cosines [point, 5 or fewer].

    None of them beyond 5,000 points; closest() gives those of some points.
    """
    values = prepared(request, centre, layer)
    k = min(SHOWN_NEIGHBOURS, len(values) - 1)
    if k < 1 or len(values) > MOST_JOINED:
        return np.zeros((len(values), 0), np.int64), np.zeros((len(values), 0), np.float32)
    indices, distances = projection.nearest(values, k)
    return indices, (1 - distances**2 / 2).astype(np.float32)


@kept
def depths(request: Source, centre: tuple[str, ...], layer: int) -> np.ndarray:
    """How far each point [point] lies along PCA's third direction, in the measure of the places that flat gives."""
    places = projection.pca(prepared(request, centre, layer), axes=3)
    size = float(np.sqrt((places[:, :2].astype(np.float64) ** 2).sum(axis=1).mean()))
    found: np.ndarray = places[:, 2] / size if size > 1e-6 else places[:, 2] * 0
    found.flags.writeable = False
    return found


@kept
def clustered(
    request: Source, centre: tuple[str, ...], layer: int, labels: tuple[str, ...]
) -> tuple[np.ndarray, tuple]:
    """The cluster of every point in the vectors of a layer, and the clusters' names from the points' labels.

    Refused: more points than MOST_JOINED.
    """
    values = prepared(request, centre, layer)
    if len(values) > MOST_JOINED:
        raise Refused(f"Clusters are found among up to {MOST_JOINED:,} points; here are {len(values):,}. Choose fewer.")
    found = grouping.clusters(values)
    found.flags.writeable = False
    return found, grouping.standing_out(labels, found)


@kept
def scores(question: ProjectionRequest, texts: TextSet, layer: int) -> MapScores:
    """What the picture of a layer can be held against."""
    request, centre = question.embedding, question.centre
    values, places = prepared(request, centre, layer), places_of(question, layer)
    silhouettes, found, chance = truth(request, centre, texts, layer)
    return MapScores(
        trustworthiness=map_scores.trustworthiness(values, places),
        continuity=map_scores.continuity(values, places),
        retrieval=found,
        chance=chance,
        silhouettes=silhouettes,
    )


@kept
def truth(request: Source, centre: tuple[str, ...], texts: TextSet, layer: int) -> tuple:
    """What the vectors say whatever the picture: silhouettes of all columns, retrieval and its chance."""
    made, values = vectors(request), prepared(request, centre, layer)

    def of_points(column: Sequence[str]) -> list[str]:
        return [column[owner] for owner in made.owners]

    silhouettes = tuple((title, map_scores.silhouette(values, of_points(column))) for title, column in texts.columns)
    whole = isinstance(request, OwnVectorsRequest) or (request.units == "sentences" and not request.only)
    if not (whole and texts.items and texts.languages) or len(values) > MOST_JOINED:
        return silhouettes, None, None
    items, languages = of_points(texts.items), of_points(texts.languages)
    pairs = map_scores.retrieval(values, items, languages)
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


def closest(request: Source, centre: tuple[str, ...], layer: int, points: Sequence[int], k: int = 5):
    """For some points the k nearest others: [(index, cosine), ...] each, best first."""
    values = prepared(request, centre, layer)
    k = min(k, len(values) - 1)
    found: list[list[tuple[int, float]]] = []
    step = max(1, MEASURED // len(values))
    for start in range(0, len(points), step):
        some = list(points[start : start + step])
        cosines = values[some] @ values.T
        cosines[np.arange(len(some)), some] = -np.inf
        order = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
        found += [[(int(j), float(cosines[i, j])) for j in row] for i, row in enumerate(order)]
    return found
