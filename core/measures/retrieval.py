"""Finding what lies nearest in a shared space: the best of a gallery for a question, and how well questions do."""

from __future__ import annotations

import numpy as np


def best(questions: np.ndarray, gallery: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k of the gallery [n, width] with the largest cosine to each question [q, width], all of length 1.

    (indices [q, k], cosines [q, k]), best first; of equals the first one in the gallery. Fewer than k where n < k.
    """
    cosines = np.atleast_2d(questions) @ gallery.T
    k = min(k, cosines.shape[1])
    if k < 1:
        return np.zeros((len(cosines), 0), np.int64), np.zeros((len(cosines), 0), np.float32)
    limits = -np.partition(-cosines, k - 1, axis=1)[:, k - 1]
    found = np.empty((len(cosines), k), np.int64)
    for row, (line, limit) in enumerate(zip(cosines, limits, strict=True)):
        near = np.flatnonzero(line >= limit)
        found[row] = near[np.argsort(-line[near], kind="stable")[:k]]
    return found, np.take_along_axis(cosines, found, axis=1)


def rank_of(question: np.ndarray, gallery: np.ndarray, wanted: int) -> int:
    """At which place, counted from 1, a question [width] finds one of the gallery [n, width]."""
    cosines = gallery @ question
    return 1 + int((cosines > cosines[wanted]).sum())


def recall(questions: np.ndarray, gallery: np.ndarray, k: int = 1) -> float:
    """Share of questions [n, width] that find their own partner, gallery[i] for questions[i], among the first k."""
    found, _ = best(questions, gallery, k)
    return float((found == np.arange(len(questions))[:, None]).any(axis=1).mean())
