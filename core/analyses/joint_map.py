"""Pictures and the texts that name them in one map: their places, the gap between the kinds, and who finds whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from core.cache import Cancelled, Shared
from core.data.clip import emoji_name
from core.data.gallery import PLAIN
from core.errors import Refused
from core.measures import projection
from core.measures.contrastive import gap, own_kind
from core.measures.retrieval import recall
from core.models.clip import opened_clip, picture_vectors, revision_of, text_vectors

PICTURES = "pictures"
PLACES_BYTES = 20_000_000
_PLACES = Shared(PLACES_BYTES, lambda places: places.nbytes)


@dataclass(frozen=True, slots=True)
class JointMapRequest:
    """Which map: hashable, everything that decides about its places."""

    model: str
    keys: tuple[str, ...]  # of emoji
    languages: tuple[str, ...]  # in which they are named
    centre: bool = False  # each kind (pictures, every language) less its own mean
    method: Literal["PCA", "UMAP"] = "PCA"


@dataclass(frozen=True, slots=True)
class Found:
    """What the vectors say of one language and the pictures, whatever the map shows."""

    language: str
    gap: float  # distance of the two means, 0 to 2
    own: float  # share whose nearest other is of its own kind
    chance: float  # the same if kinds did not matter
    recall: float  # of texts, whose own picture is the nearest one


def kinds(question: JointMapRequest) -> tuple[str, ...]:
    """The kind of every point: pictures first, then each language."""
    return tuple(kind for kind in (PICTURES, *question.languages) for _ in question.keys)


def vectors(question: JointMapRequest) -> np.ndarray:
    """Vectors of length 1 [point, width], in the order of kinds()."""
    if not question.languages:
        raise Refused("There are no texts. Choose at least one language.")
    return _vectors(replace(question, method="PCA"), revision_of(opened_clip(question.model)))


@lru_cache(maxsize=12)
def _vectors(question: JointMapRequest, _revision: str) -> np.ndarray:
    pictures = picture_vectors(question.model, [PLAIN + key for key in question.keys])
    texts = [emoji_name(key, language) for language in question.languages for key in question.keys]
    found = np.concatenate([pictures, text_vectors(question.model, texts)])
    if question.centre:
        found = projection.units(projection.centred(found, kinds(question)))
    found.flags.writeable = False
    return found


def places(question: JointMapRequest, told: Callable[[float], None] | None = None, stopped: Cancelled | None = None):
    """Places [point, 2] by the question's method, kept; told(share done), Stopped: stopped() said so."""

    def make(report, abandoned: Cancelled) -> np.ndarray:
        values = vectors(question)
        made = projection.pca(values)
        if question.method == "UMAP":
            share = lambda done: report(int(1_000 * done), 1_000, 0.0)  # noqa: E731
            made = projection.umap(values, start=made, told=share, stopped=abandoned)
        made = projection.scaled(made)
        made.flags.writeable = False
        return made

    progress = (lambda done, total, _rate: told(done / total)) if told else None
    key = (question, revision_of(opened_clip(question.model)))
    return _PLACES.get(key, make, progress, stopped)


@lru_cache(maxsize=64)
def measures(question: JointMapRequest, revision: str) -> tuple[Found, ...]:
    """The gap of each language to the pictures, how far kinds keep to themselves, and who finds its picture."""
    count = len(question.keys)
    every = vectors(question)
    pictures, found = every[:count], []
    for place, language in enumerate(question.languages, 1):
        texts = every[place * count : (place + 1) * count]
        own, chance = own_kind(pictures, texts)
        found.append(Found(language, gap(pictures, texts), own, chance, recall(texts, pictures)))
    return tuple(found)


@lru_cache(maxsize=24)
def neighbours(question: JointMapRequest, revision: str, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others of every point in truth: indices and cosines [point, k]."""
    indices, distances = projection.nearest(vectors(question), k)
    return indices, (1 - distances**2 / 2).astype(np.float32)
