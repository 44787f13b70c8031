"""From many numbers a point to two: PCA, UMAP, t-SNE; and maps laid upon each other."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.device import at_once, best_device
from core.types import Refused

NEIGHBOURS = 15  # of UMAP
LEAST = 0.3  # distance of UMAP's points: translations that meet shall still be told apart
FEWEST = 10  # points that UMAP and t-SNE can arrange
MOST_TSNE = 3_000  # points: beyond, UMAP is many times faster
EPOCHS = ((2_000, 300), (20_000, 200), (10**9, 100))  # up to so many points: rounds of UMAP
BLOCK = 16_000_000  # distances held at once
FLAT = 1e-12  # share of the variance below which a direction is rounding
_KERNELS = threading.Lock()  # numba's simplest threads, where it has no others, bear one caller at a time

WHOLE = 1000  # progress is told in thousandths
Graph = tuple[np.ndarray, np.ndarray]  # the nearest of every point, itself among them, and how far they are


def units(vectors: np.ndarray) -> np.ndarray:
    """Every row [d] with length 1, so that distance follows the cosine; rows of zeros stay."""
    lengths = np.sqrt(np.einsum("...i,...i->...", vectors, vectors, dtype=np.float64))[..., None]
    return np.divide(vectors, np.maximum(lengths, 1e-12), dtype=np.float32, casting="same_kind")


def centred(vectors: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Vectors [n, d] less the mean of their own group: what all of one language share is taken away."""
    found = np.array(vectors, np.float32)
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    for one in range(group.max(initial=-1) + 1):
        found[group == one] -= found[group == one].mean(axis=0)
    return found


def pca(vectors: np.ndarray, seed: int = 0, *, axes: int = 2) -> np.ndarray:
    """Places [n, axes] along the directions of greatest variance; exact, so the seed changes nothing.

    Signs are fixed: the entry of each direction that is largest is positive. Directions without variance give 0.
    """
    vectors = np.asarray(vectors)
    mean = np.mean(vectors, axis=0, dtype=np.float64)
    wide = vectors.shape[1] > vectors.shape[0]
    if wide:
        x = vectors - mean
        values, directions = np.linalg.eigh(x @ x.T)
    else:  # in pieces: a copy of all of them in float64 may not fit into memory
        values, directions = np.linalg.eigh(
            sum((part := vectors[rows] - mean).T @ part for rows in in_rows(len(vectors)))
        )
    places = np.zeros((len(vectors), axes))
    for axis in range(min(axes, len(values))):
        value, direction = values[-1 - axis], directions[:, -1 - axis]
        if value <= FLAT * max(values[-1], 1e-300) or value <= 1e-9:
            continue
        if wide:
            direction = x.T @ direction
            direction /= np.linalg.norm(direction)
        direction = direction * np.sign(direction[np.abs(direction).argmax()])
        for rows in in_rows(len(vectors)):
            places[rows, axis] = (vectors[rows] - mean) @ direction
    return places.astype(np.float32)


def in_rows(count: int, step: int = 4_096) -> Iterator[slice]:
    """All of so many rows, some at a time."""
    return (slice(start, start + step) for start in range(0, count, step))


def nearest(
    vectors: np.ndarray, k: int, progress: Progress = silent, cancelled: Cancelled = never
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest others of every point, exactly: indices [n, k] and Euclidean distances [n, k], nearest first."""
    import torch

    where = best_device().place
    x = torch.tensor(np.asarray(vectors, np.float32), device=where)
    x = x - x.mean(0)  # smaller numbers, smaller rounding
    squares = (x * x).sum(1)
    rows = max(1, at_once(BLOCK, where) // len(x))
    found = []
    for start in range(0, len(x), rows):
        raise_if_cancelled(cancelled)
        part = x[start : start + rows]
        distances = squares[start : start + rows, None] + squares[None] - 2 * part @ x.T
        own = torch.arange(len(part), device=where)
        distances[own, own + start] = torch.inf
        best = distances.topk(k, largest=False)
        found.append((best.indices.cpu().numpy(), best.values.clamp_min(0).sqrt().cpu().numpy()))
        progress(min(WHOLE, WHOLE * (start + rows) // len(x)), WHOLE)
    return np.concatenate([indices for indices, _ in found]), np.concatenate([apart for _, apart in found])


def umap(
    vectors: np.ndarray,
    seed: int = 0,
    start: np.ndarray | None = None,
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> np.ndarray:
    """Places [n, 2] by UMAP (McInnes et al. 2018), with exact neighbours; the same seed gives the same places.

    start: places [n, 2] to begin from, PCA's without them. progress(thousandths done, 1000).
    Stopped: cancelled() said so. Refused below 10 points.
    """
    vectors = np.asarray(vectors, np.float32)
    _enough(len(vectors), "UMAP")
    start = pca(vectors) if start is None else start
    k = min(NEIGHBOURS, len(vectors) - 1)
    indices, distances = nearest(vectors, k, lambda done, total: progress(done // 5, total), cancelled)
    own = np.arange(len(vectors))[:, None]  # UMAP counts a point among its own neighbours
    graph = np.hstack([own, indices]).astype(np.int32), np.hstack([np.zeros_like(own), distances]).astype(np.float32)
    if best_device().kind == "cuda" and importlib.util.find_spec("cuml"):
        return _umap_by_cuml(vectors, graph, seed, start)
    return _umap(vectors, graph, seed, start, progress, cancelled)


def _umap_by_cuml(vectors: np.ndarray, graph: Graph, seed: int, start: np.ndarray) -> np.ndarray:
    from cuml.manifold import UMAP

    made = UMAP(n_neighbors=graph[0].shape[1], init=start, random_state=seed, precomputed_knn=graph)
    return np.asarray(made.fit_transform(vectors), np.float32)


def _umap(
    vectors: np.ndarray, graph: Graph, seed: int, start: np.ndarray, progress: Progress, cancelled: Cancelled
) -> np.ndarray:
    from umap import layouts
    from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

    # Its own bar cannot be stopped: an exception inside leaves tqdm's lock, one for the whole process, held for ever.
    layouts.tqdm = _rounds
    random = np.random.RandomState(seed)
    epochs = next(count for most, count in EPOCHS if len(vectors) <= most)
    k = graph[0].shape[1]
    with _KERNELS:
        strengths, *_ = fuzzy_simplicial_set(vectors, k, random, "euclidean", knn_indices=graph[0], knn_dists=graph[1])
    a, b = find_ab_params(spread=1.0, min_dist=LEAST)
    # A little noise, as umap-learn adds too: points that coincide could never part.
    begin = start / max(np.abs(start).max(), 1e-12) * 10 + random.normal(scale=1e-3, size=start.shape)
    places, _ = simplicial_set_embedding(
        vectors,
        strengths,
        n_components=2,
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=5,
        n_epochs=epochs,
        init=begin,
        random_state=random,
        metric="euclidean",
        metric_kwds={},
        densmap=False,
        densmap_kwds={},
        output_dens=False,
        tqdm_kwds={"disable": False, "progress": progress, "cancelled": cancelled},
    )
    return np.asarray(places, np.float32)


def _rounds(
    rounds: range,
    progress: Progress = silent,
    cancelled: Cancelled = never,
    *,
    disable: bool = True,
) -> Iterator[int]:
    """UMAP's rounds one by one, in the place of its progress bar: heard, and stopped between two of them."""
    for one in rounds:
        raise_if_cancelled(cancelled)
        progress(WHOLE // 5 + 4 * WHOLE * (one + 1) // (5 * len(rounds)), WHOLE)
        yield one


def tsne(
    vectors: np.ndarray,
    seed: int = 0,
    start: np.ndarray | None = None,
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> np.ndarray:
    """Places [n, 2] by t-SNE (van der Maaten and Hinton 2008), begun from PCA; Refused below 10 and above 3,000 points.

    It cannot be stopped on its way, and says nothing until it is done: that is why it is bounded.
    """
    vectors = np.asarray(vectors, np.float32)
    _enough(len(vectors), "t-SNE")
    if len(vectors) > MOST_TSNE:
        raise Refused(
            f"t-SNE of {len(vectors):,} points takes minutes; here it arranges up to {MOST_TSNE:,}. Choose UMAP."
        )
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    start = pca(vectors) if start is None else start
    raise_if_cancelled(cancelled)
    start = start / max(float(start[:, 0].std()), 1e-12) * 1e-4
    start = start + np.random.RandomState(seed).normal(scale=1e-7, size=start.shape)
    made = TSNE(perplexity=min(30.0, (len(vectors) - 1) / 3), init=start.astype(np.float32), random_state=seed)
    with threadpool_limits(1):  # sums of several threads differ in the last digits, and t-SNE makes much of those
        return made.fit_transform(vectors).astype(np.float32)


def procrustes(places: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Places [n, 2] turned or mirrored, never stretched, onto the target [n, 2]; both centred (Schönemann 1966)."""
    moved, fixed = (one - one.mean(axis=0) for one in (places.astype(np.float64), target.astype(np.float64)))
    u, _, v = np.linalg.svd(moved.T @ fixed)
    return (moved @ u @ v).astype(np.float32)


def scaled(places: np.ndarray) -> np.ndarray:
    """Centred places [n, 2] with a mean squared distance of 1 from their centre; places that coincide stay."""
    moved = places - places.mean(axis=0)
    size = float(np.sqrt((moved.astype(np.float64) ** 2).sum(axis=1).mean()))
    return (moved / size if size > 1e-6 else moved * 0).astype(np.float32)


def _enough(count: int, name: str) -> None:
    if count < FEWEST:
        raise Refused(f"{name} cannot arrange {count} points: choose PCA, or give {FEWEST} texts or more.")


def warm_up() -> None:
    """Have UMAP compiled (some ten seconds, once a process), so that nobody waits for it."""
    umap(np.random.RandomState(0).normal(size=(40, 4)).astype(np.float32))


#: What a page can choose.
METHODS: dict[str, Callable[..., np.ndarray]] = {"PCA": pca, "UMAP": umap, "t-SNE": tsne}
