"""Cheaper attention for one head: patterns, sparsemax, low rank, Linformer, linear; and what each loses.

Tensors are numpy float32: query [query, width], key and value [key, width], scores and maps [query, key].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.measures.patterns import local, local_and_global, strided
from core.types import Refused

#: From here down a score is a mask's: models write the least float, hands write minus infinity.
HIDDEN = -1e30
LEAST = 1e-9  # what a row's weights must sum to, to be divided by
SEED = 0  # of a random projection: the same picture for everybody


@dataclass(frozen=True, slots=True, eq=False)
class HeadInputs:
    """What one head computes with, from a model or by hand."""

    kind: str  # encoder, decoder or cross: whether places on both sides are the same tokens, and who may look ahead
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    query: np.ndarray
    key: np.ndarray
    value: np.ndarray
    scores: np.ndarray  # scaled, bias and mask added; at most HIDDEN where a key is hidden
    scaling: float  # what the dot products were multiplied by: 1/sqrt(width) in most models

    def __post_init__(self) -> None:
        queries, keys = len(self.rows), len(self.columns)
        if not queries or not keys or not self.query.shape[1]:
            raise Refused("Attention needs at least one token and a width of at least 1. Add a row or a column.")
        if self.scores.shape != (queries, keys) or len(self.query) != queries or len(self.key) != keys:
            raise ValueError(f"scores {self.scores.shape} do not meet {queries} queries and {keys} keys")
        for name in ("query", "key", "value"):
            if not np.isfinite(getattr(self, name)).all():
                raise Refused(f"A {name} holds something that is no finite number. Type one, such as 0.5.")


@dataclass(frozen=True, slots=True)
class MethodSettings:
    """How a method is set; each uses what it needs."""

    window: int = 4  # tokens to each side
    stride: int = 4
    globals: int = 1  # first tokens that see, and are seen by, all
    rank: int = 4
    projection: str = "mean"  # of Linformer: mean of neighbours, or random


@dataclass(frozen=True, slots=True, eq=False)
class Approximation:
    """A cheaper head."""

    map: np.ndarray  # what each query takes from each key; rows need not sum to 1, and may be negative
    output: np.ndarray  # [query, width of a value]
    used: np.ndarray  # True where a pair was looked at


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """What is lost, as shares of what full attention gives (Frobenius norms)."""

    map: float
    output: float
    rows: np.ndarray  # [query]: the same for each row of the output


def by_hand(
    rows: tuple[str, ...], query: ArrayLike, key: ArrayLike, value: ArrayLike, *, causal: bool = False
) -> HeadInputs:
    """A head of typed numbers, scores = Q K^T / sqrt(d); Refused when they do not fit or are none."""
    try:
        query, key, value = (np.asarray(one, dtype=np.float32) for one in (query, key, value))
    except (TypeError, ValueError) as error:
        raise Refused("A cell holds something that is no number. Type one, such as 0.5.") from error
    if query.ndim != 2 or query.shape != key.shape or len(value) != len(key) or not query.size:
        raise Refused(f"Q {query.shape} and K {key.shape} must be of one size, at least 1 × 1. Fill the cells.")
    with np.errstate(all="ignore"):
        scores = query @ key.T / np.sqrt(query.shape[1])
    if not np.isfinite(scores).all():
        raise Refused("These numbers are empty, infinite or too large to multiply. Type smaller ones, such as 0.5.")
    if causal:
        scores = np.where(np.tri(len(query), dtype=bool), scores, -np.inf).astype(np.float32)
    return HeadInputs("decoder" if causal else "encoder", rows, rows, query, key, value, scores, query.shape[1] ** -0.5)


def noise(tokens: int, width: int, seed: int = SEED) -> HeadInputs:
    """A head of independent normal numbers: what real maps are to be compared with."""
    if tokens < 1 or width < 1:
        raise Refused(f"{tokens} tokens of width {width}: choose at least 1 of each.")
    query, key, value = np.random.default_rng(seed).normal(size=(3, tokens, width)).astype(np.float32)
    return by_hand(tuple(str(i) for i in range(tokens)), query, key, value)


def visible(head: HeadInputs) -> np.ndarray:
    """True where the model itself lets a query see a key [query, key]."""
    return head.scores > HIDDEN


def softmax(scores: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Rows of weights over the keys that are seen, exactly 0 elsewhere; Refused when a row sees nothing."""
    refuse_empty(seen)
    masked = np.where(seen, scores, -np.inf).astype(np.float64)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)


def refuse_empty(seen: np.ndarray) -> None:
    empty = np.flatnonzero(~seen.any(axis=-1))
    if len(empty):
        raise Refused(f"Row {empty[0] + 1} may look at nothing, so it has no weights. Open the mask for it.")


# --- the methods ------------------------------------------------------------------------------------------------------


def sparsemax(scores: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Rows projected onto the simplex: exact zeros without a fixed pattern (Martins & Astudillo 2016, algorithm 1)."""
    refuse_empty(seen)
    # Beyond this far below the greatest score nothing can have weight; it keeps minus infinity out of the sums.
    top = np.where(seen, scores, -np.inf).max(axis=-1, keepdims=True)
    below = np.where(seen, scores.astype(np.float64) - top, -2.0).clip(min=-2.0)
    ordered = -np.sort(-below, axis=-1)
    sums = np.cumsum(ordered, axis=-1)
    count = np.arange(1, ordered.shape[-1] + 1)
    support = (1 + count * ordered > sums).sum(axis=-1, keepdims=True)
    threshold = (np.take_along_axis(sums, support - 1, axis=-1) - 1) / support
    return np.maximum(below - threshold, 0).astype(np.float32)


def low_rank(weights: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """(the nearest matrix of that rank, all singular values): the squared error is the sum of the dropped squares."""
    most = min(weights.shape)
    if not 1 <= rank <= most:
        raise Refused(f"Rank {rank}: this map of {weights.shape[0]} × {weights.shape[1]} has 1 to {most}.")
    left, values, right = np.linalg.svd(weights.astype(np.float64), full_matrices=False)
    return ((left[:, :rank] * values[:rank]) @ right[:rank]).astype(np.float32), values


def projection(keys: int, rank: int, how: str) -> np.ndarray:
    """Linformer's E [rank, key]: means of neighbours, or random with variance 1/rank; learnt in a trained one."""
    if not 1 <= rank <= keys:
        raise Refused(f"{rank} summaries of {keys} keys: choose 1 to {keys}.")
    if how == "random":
        drawn = np.random.default_rng(SEED).normal(size=(rank, keys)) / np.sqrt(rank)
        return drawn.astype(np.float32)
    group = np.arange(keys) * rank // keys
    one = (group[None, :] == np.arange(rank)[:, None]).astype(np.float32)
    return one / one.sum(axis=1, keepdims=True)


def linformer(head: HeadInputs, rank: int, how: str) -> np.ndarray:
    """The map that attention over rank summaries of the keys amounts to [query, key] (Wang et al. 2020, eq. 7)."""
    if not visible(head).all():
        raise Refused(
            "A summary of all keys shows a decoder what comes after: Linformer cannot keep its mask. "
            "Choose an encoder's head or cross-attention."
        )
    summed = projection(len(head.key), rank, how)
    scores = head.query @ (summed @ head.key).T * head.scaling
    return softmax(scores, np.ones(scores.shape, dtype=bool)) @ summed


def feature(states: np.ndarray) -> np.ndarray:
    """elu(x) + 1, which is positive everywhere (Katharopoulos et al. 2020, eq. 7)."""
    return np.where(states > 0, states + 1, np.exp(np.minimum(states, 0)))


def linear(head: HeadInputs) -> np.ndarray:
    """phi(q).phi(k) in the place of exp(q.k/sqrt(d)), rows divided by their sums [query, key]."""
    products = feature(head.query) @ feature(head.key).T * visible(head)
    return products / np.maximum(products.sum(axis=-1, keepdims=True), LEAST)


@dataclass(frozen=True, slots=True)
class Method:
    """One way to make attention cheaper."""

    title: str
    short: str
    field: str  # of Setting, that its slider moves; empty: there is nothing to set
    what: str  # one sentence
    map: Callable[[HeadInputs, MethodSettings], np.ndarray]


def _pattern(
    pairs: Callable[[int, int, MethodSettings], np.ndarray],
) -> Callable[[HeadInputs, MethodSettings], np.ndarray]:
    def weights(head: HeadInputs, setting: MethodSettings) -> np.ndarray:
        queries, keys = head.scores.shape
        seen = pairs(queries, keys, setting) & visible(head)
        return softmax(head.scores, seen)

    return weights


METHODS: dict[str, Method] = {
    "local": Method(
        "Local window",
        "Local",
        "window",
        "Each token sees its neighbours only.",
        _pattern(lambda q, k, s: local(q, k, s.window)),
    ),
    "strided": Method(
        "Strided",
        "Strided",
        "stride",
        "Each token sees every s-th one, counted from itself.",
        _pattern(lambda q, k, s: strided(q, k, s.stride)),
    ),
    "local_global": Method(
        "Local + global",
        "Local + global",
        "window",
        "A window, and a few first tokens that see all and are seen by all.",
        _pattern(lambda q, k, s: local_and_global(q, k, s.window, s.globals)),
    ),
    "sparsemax": Method(
        "Sparsemax",
        "Sparsemax",
        "",
        "All scores are computed; most weights then become exactly 0.",
        lambda h, s: sparsemax(h.scores, visible(h)),
    ),
    "low_rank": Method(
        "Low rank (SVD)",
        "Low rank",
        "rank",
        "The nearest map of rank k: what a head of k numbers a token could do at best.",
        lambda h, s: low_rank(full(h).map, s.rank)[0],
    ),
    "linformer": Method(
        "Linformer",
        "Linformer",
        "rank",
        "Keys and values are summed up into k summaries before anybody looks.",
        lambda h, s: linformer(h, s.rank, s.projection),
    ),
    "linear": Method(
        "Linear (elu + 1)",
        "Linear",
        "",
        "No softmax: the sum over keys is made once and shared by all queries.",
        lambda h, s: linear(h),
    ),
}


def full(head: HeadInputs) -> Approximation:
    """Attention as it is."""
    seen = visible(head)
    weights = softmax(head.scores, seen)
    return Approximation(weights, weights @ head.value, seen)


def cheaper(head: HeadInputs, method: str, setting: MethodSettings) -> Approximation:
    """The head computed by a method of METHODS."""
    weights = METHODS[method].map(head, setting).astype(np.float32)
    used = weights != 0
    return Approximation(weights, weights @ head.value, used)


def lost(exact: Approximation, other: Approximation) -> Loss:
    """How far the other is from the exact one: |difference| / |exact|, of the map, the output, and each output row."""

    def share(before: np.ndarray, after: np.ndarray, axis: int | None = None) -> np.ndarray:
        apart_by = np.linalg.norm((after - before).astype(np.float64), axis=axis)
        size = np.linalg.norm(before.astype(np.float64), axis=axis)
        return apart_by / np.maximum(size, LEAST)

    return Loss(
        float(share(exact.map, other.map)),
        float(share(exact.output, other.output)),
        share(exact.output, other.output, axis=-1),
    )


def energy(values: np.ndarray) -> np.ndarray:
    """Share of the squares that the first k singular values keep, for k = 1 ... [rank]."""
    squares = values.astype(np.float64) ** 2
    return np.cumsum(squares) / max(squares.sum(), LEAST)


def most(method: str, queries: int, keys: int) -> int:
    """The greatest useful value of a method's slider."""
    field = METHODS[method].field
    return {"window": max(keys - 1, 1), "stride": max(keys, 1), "rank": min(queries, keys)}.get(field, 0)
