"""Pictures and the texts that name them in one map: their places, the gap between the kinds, and who finds whom."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.cache import Cancelled, Progress, never, silent
from core.data.clip import emoji_name
from core.data.gallery import PLAIN
from core.measures import projection
from core.measures.contrastive import gap, own_kind
from core.measures.retrieval import recall
from core.models.clip import picture_vectors, text_vectors
from core.requests import JointMapRequest
from core.store.revisions import kept
from core.types import Refused

PICTURES = "pictures"


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
    return _vectors(replace(question, method="PCA"))


@kept
def _vectors(question: JointMapRequest) -> np.ndarray:
    pictures = picture_vectors(question.model, [PLAIN + key for key in question.keys])
    texts = [emoji_name(key, language) for language in question.languages for key in question.keys]
    found = np.concatenate([pictures, text_vectors(question.model, texts)])
    if question.centre:
        found = projection.units(projection.centred(found, kinds(question)))
    found.flags.writeable = False
    return found


def places(question: JointMapRequest, progress: Progress = silent, cancelled: Cancelled = never) -> np.ndarray:
    """Places [point, 2] by the question's method. progress(thousandths done, 1000); Stopped: cancelled() said so."""
    values = vectors(question)
    made = projection.pca(values)
    if question.method == "UMAP":
        made = projection.umap(values, start=made, progress=progress, cancelled=cancelled)
    made = projection.scaled(made)
    made.flags.writeable = False
    return made


@kept
def measures(question: JointMapRequest) -> tuple[Found, ...]:
    """The gap of each language to the pictures, how far kinds keep to themselves, and who finds its picture."""
    count = len(question.keys)
    every = vectors(question)
    pictures, found = every[:count], []
    for place, language in enumerate(question.languages, 1):
        texts = every[place * count : (place + 1) * count]
        own, chance = own_kind(pictures, texts)
        found.append(Found(language, gap(pictures, texts), own, chance, recall(texts, pictures)))
    return tuple(found)


@kept
def neighbours(question: JointMapRequest, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others of every point in truth: indices and cosines [point, k]."""
    indices, distances = projection.nearest(vectors(question), k)
    return indices, (1 - distances**2 / 2).astype(np.float32)
