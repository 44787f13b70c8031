"""Scores that tell how far a map can be trusted, and how well groups part and translations meet in any space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.measures.projection import in_rows, units

JUDGED = 2_000_000  # distances that judge a projection: of all points where there are few, else of some of them


def trustworthiness(vectors: np.ndarray, places: np.ndarray, k: int = 10, most: int = 0) -> float | None:
    """Whether those who are neighbours in the picture are neighbours in truth: 1 all, 0.5 as chance has it.

    1 less the mean rank by which false neighbours are too far (Venna and Kaski 2001). most: points
    that are asked, evenly spaced, each among all; 0: as many as take no more than a second, 100 at least. None where
    there are too few points for k neighbours, or all vectors coincide.
    """
    n = len(vectors)
    k = min(k, (n - 1) // 2)
    if k < 1 or 2 * n - 3 * k - 1 <= 0 or not np.ptp(np.asarray(vectors), axis=0).any():
        return None
    asked = np.linspace(0, n - 1, min(n, most or max(100, JUDGED // n))).astype(int)
    near = np.argpartition(_distances(places, asked), k - 1, axis=1)[:, :k]
    true = _distances(vectors, asked)
    own = np.take_along_axis(true, near, axis=1)
    ranks = np.stack([1 + (true < own[:, i : i + 1]).sum(axis=1) for i in range(k)], axis=1)
    excess = np.maximum(ranks - k, 0)
    return float(1 - 2 * excess.sum() / (len(asked) * k * (2 * n - 3 * k - 1)))


def continuity(vectors: np.ndarray, places: np.ndarray, k: int = 10, most: int = 0) -> float | None:
    """Whether those who are neighbours in truth are neighbours in the picture: the same with the two exchanged."""
    return trustworthiness(places, vectors, k, most)


def _distances(x: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Squared distances [asked, n], a point's own infinite, so that it comes last."""
    x = np.asarray(x)
    mean = np.mean(x, axis=0, dtype=np.float64)
    own = x[asked] - mean
    found = np.empty((len(asked), len(x)))
    for rows in in_rows(len(x)):
        part = x[rows] - mean
        found[:, rows] = (own * own).sum(axis=1)[:, None] + (part * part).sum(axis=1) - 2 * own @ part.T
    found[np.arange(len(asked)), asked] = np.inf
    return found


def retrieval(vectors: np.ndarray, items: Sequence[str], groups: Sequence[str]) -> dict[tuple[str, str], float]:
    """Of each pair of languages (from, to): the share of texts whose nearest by cosine is their own translation.

    vectors [n, d]; items: what a text and its translations share; groups: the languages. Texts without a translation
    in the other language are not asked, but may be found.
    """
    x, names = units(vectors), np.asarray(items)
    rows = {one: np.flatnonzero(np.asarray(groups) == one) for one in dict.fromkeys(groups)}
    found = {}
    for source, a in rows.items():
        for target, b in rows.items():
            asked = a[np.isin(names[a], names[b])] if source != target else a[:0]
            if len(asked):
                best = b[(x[asked] @ x[b].T).argmax(axis=1)]
                found[str(source), str(target)] = float((names[best] == names[asked]).mean())
    return found


def silhouette(vectors: np.ndarray, groups: Sequence[str]) -> float | None:
    """How well groups [n] part by cosine distance: 1 wholly, 0 not at all, below 0 wrongly (Rousseeuw 1987).

    Exact in n times groups steps: the mean cosine to a group is the cosine to its sum. None unless there are 2 groups.
    """
    x = units(vectors)
    names, group, counts = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    if not 2 <= len(names) < len(x):
        return None
    sums = np.stack([x[group == one].sum(axis=0, dtype=np.float64) for one in range(len(names))])
    to_sums = np.concatenate([x[rows].astype(np.float64) @ sums.T for rows in in_rows(len(x))])
    squares = np.einsum("ij,ij->i", x, x, dtype=np.float64)
    away = 1 - to_sums / counts
    own, size = np.arange(len(x)), counts[group]
    inside = (size - to_sums[own, group] - (1 - squares)) / np.maximum(size - 1, 1)
    away[own, group] = np.inf
    outside = away.min(axis=1)
    top = np.maximum(inside, outside)
    one = np.where((size > 1) & (top > 1e-12), (outside - inside) / np.where(top > 1e-12, top, 1), 0)
    return float(one.mean())
