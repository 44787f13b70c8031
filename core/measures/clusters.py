"""Clusters of points, and the words that stand out in each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from core.tokens import split

ALONE = -1  # the label of a point in no cluster
SMALLEST = 5  # points of a cluster at least
SHARE = 1 / 60  # of all points: a cluster has at least so many
WIDTH = 20  # directions of greatest variance in which density is measured
MOST_WORDS = 3  # of a name


def clusters(vectors: np.ndarray) -> np.ndarray:
    """The cluster of each of vectors [point, width], from 0, the largest first; ALONE for a point in none.

    HDBSCAN (Campello et al. 2013; scikit-learn) in the WIDTH directions of greatest variance: density in hundreds of
    directions tells nothing apart. It needs no number of clusters, and leaves out what lies between them.
    """
    least = max(SMALLEST, round(len(vectors) * SHARE))
    if len(vectors) < 2 * least:
        return np.full(len(vectors), ALONE)
    from sklearn.cluster import HDBSCAN

    found = HDBSCAN(min_cluster_size=least, min_samples=SMALLEST, copy=True).fit_predict(reduced(vectors, WIDTH))
    order = [label for label, _ in Counter(found[found >= 0].tolist()).most_common()]
    place = {label: k for k, label in enumerate(order)}
    return np.array([place.get(int(label), ALONE) for label in found])


def reduced(vectors: np.ndarray, width: int) -> np.ndarray:
    """Vectors [point, width] in so many of the directions in which they vary most."""
    apart = np.asarray(vectors, np.float64) - np.mean(vectors, axis=0, dtype=np.float64)
    _, directions = np.linalg.eigh(apart.T @ apart)
    return apart @ directions[:, ::-1][:, :width]


def standing_out(texts: Sequence[str], labels: np.ndarray) -> tuple[str, ...]:
    """A name for each cluster: the words that its texts have and others lack; 'cluster 3' where there are no words.

    Words weigh by class-based TF-IDF: their share of the cluster's words times log(1 + A / f), with f how often they
    stand anywhere and A the mean number of words of a cluster (Grootendorst 2022, eq. 3).
    """
    counts = [Counter[str]() for _ in range(int(labels.max(initial=ALONE)) + 1)]
    everywhere: Counter[str] = Counter()
    for text, label in zip(texts, labels.tolist(), strict=True):
        words = [word.casefold() for word in split(text) if any(letter.isalpha() for letter in word)]
        everywhere.update(words)
        if label >= 0:
            counts[label].update(words)
    mean = sum(everywhere.values()) / max(1, len(counts))
    names: list[str] = []
    for place, some in enumerate(counts, start=1):
        total = sum(some.values())
        merit = {word: count / total * math.log(1 + mean / everywhere[word]) for word, count in some.items()}
        best = sorted(merit, key=lambda word: (-merit[word], word))[:MOST_WORDS]
        names.append(", ".join(best) or f"cluster {place}")
    return tuple(name if names.count(name) == 1 else f"{name} ({k})" for k, name in enumerate(names, start=1))


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """The adjusted Rand index of two clusterings of the same points: 1 the same, 0 as chance has it (Hubert 1985)."""
    pairs = Counter(zip(one.tolist(), other.tolist(), strict=True))
    both, rows, columns = (
        sum(math.comb(count, 2) for count in some.values())
        for some in (pairs, Counter(one.tolist()), Counter(other.tolist()))
    )
    every = math.comb(len(one), 2)
    expected, most = rows * columns / every if every else 0.0, (rows + columns) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)
