"""Attention by hand: every step of softmax(Q K^T / sqrt(d) + M) V as an array, with masks; numpy alone, no model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.measures.positions import sinusoidal
from core.types import Refused

#: Masks by name; each says which keys a query may look at.
MASKS = {
    "none": "every word sees every word",
    "causal": "a word sees itself and what stands before it",
    "padding": "nobody sees the last words: they only fill up a batch",
    "local": "a word sees so many neighbours to each side",
    "strided": "a word sees every so-many-th word before and after it",
    "local + global": "neighbours, and the first words, which see all and are seen by all",
}
MOST_WORDS = 512


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Rows times weight plus bias: x[row, width] -> [row, to]."""

    weight: np.ndarray  # [width, to]
    bias: np.ndarray | None = None  # [to]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        product = x @ self.weight
        return product if self.bias is None else product + self.bias

    def columns(self, chosen: slice) -> Projection:
        """The part that makes some of the columns: what belongs to one head."""
        return Projection(self.weight[:, chosen], None if self.bias is None else self.bias[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class HeadSteps:
    """Every intermediate of one head; queries n, keys m, width d."""

    query: np.ndarray  # [n, d]
    key: np.ndarray  # [m, d]
    value: np.ndarray  # [m, d of the values]
    scores: np.ndarray  # [n, m]: Q K^T
    scaled: np.ndarray  # [n, m]: scores times the scaling
    masked: np.ndarray  # [n, m]: plus the mask, -inf where a key is hidden
    weights: np.ndarray  # [n, m]: softmax of each row
    output: np.ndarray  # [n, d of the values]: weights times V


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """All heads of a layer and what becomes of their outputs."""

    heads: tuple[HeadSteps, ...]
    joined: np.ndarray  # [n, heads * d]: the outputs side by side
    output: np.ndarray  # [n, width]: joined times W_O

    @property
    def weights(self) -> np.ndarray:
        """[head, n, m]"""
        return np.stack([head.weights for head in self.heads])


def attend(
    query: np.ndarray,
    key: np.ndarray,
    value: np.ndarray,
    scaling: float | None = None,
    added: np.ndarray | float = 0.0,
) -> HeadSteps:
    """Scaled dot-product attention (Vaswani et al. 2017, eq. 1) step by step.

    scaling: what the scores are multiplied by, None for 1/sqrt(d). added: mask or bias [n, m], -inf hides a key.
    Refused: a query that may see nothing, or a width of 0.
    """
    if query.shape[-1] == 0:
        raise Refused("d = 0: a head of no numbers cannot compare anything. Choose d of 1 or more.")
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    scores = query @ key.T
    scaled = scores * scaling
    masked = scaled + added
    weights = softmax(masked)
    return HeadSteps(query, key, value, scores, scaled, masked, weights, weights @ value)


def layer(
    x: np.ndarray,
    projections: tuple[Projection, Projection, Projection, Projection],
    heads: int,
    memory: np.ndarray | None = None,
    scaling: float | None = None,
    added: np.ndarray | float = 0.0,
) -> Layer:
    """Multi-head attention Concat(head_1 ... head_h) W_O; x[n, width] asks, memory[m, width] (None: x itself) answers.

    projections: W_Q, W_K, W_V, W_O, each over all heads. Refused: a width that the heads do not divide.
    """
    to_query, to_key, to_value, to_output = projections
    width = to_query.weight.shape[1]
    if heads < 1 or width % heads:
        raise Refused(f"{width} numbers do not divide among {heads} heads: choose a number that divides {width}.")
    memory = x if memory is None else memory
    query, key, value = to_query(x), to_key(memory), to_value(memory)
    parts = [slice(i * width // heads, (i + 1) * width // heads) for i in range(heads)]
    each = tuple(attend(query[:, at], key[:, at], value[:, at], scaling, added) for at in parts)
    joined = np.concatenate([head.output for head in each], axis=1)
    return Layer(each, joined, to_output(joined))


def softmax(scores: np.ndarray) -> np.ndarray:
    """Each row to weights that sum to 1; hidden keys (-inf) get exactly 0. Refused: a row that is hidden whole."""
    greatest = scores.max(axis=-1, keepdims=True)
    blind = np.flatnonzero(~np.isfinite(greatest.reshape(-1)))
    if blind.size:
        raise Refused(f"Row {blind[0] + 1} may look at nothing, so its weights cannot sum to 1: leave it one key.")
    powers = np.exp(scores - greatest)
    return powers / powers.sum(axis=-1, keepdims=True)


def gradient(weights: np.ndarray) -> np.ndarray:
    """Jacobian of the softmax at one row of weights p[m]: d p_i / d s_j = p_i (1[i = j] - p_j), [m, m]."""
    return np.diag(weights) - np.outer(weights, weights)


def entropy(weights: np.ndarray) -> np.ndarray:
    """Of each row, in bits: 0 is one key, log2(m) is all alike."""
    return -(weights * np.log2(weights, out=np.zeros_like(weights), where=weights > 0)).sum(axis=-1)


def passed_on(weights: np.ndarray) -> np.ndarray:
    """Trace of the softmax's Jacobian, of each row: sum p (1 - p); 0 means that learning stands still."""
    return (weights * (1 - weights)).sum(axis=-1)


# --- other scores -----------------------------------------------------------------------------------------------------


def general(query: np.ndarray, key: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Scores h^T W e [n, m] of queries [n, H] and keys [m, H] (Luong et al. 2015); weight [H, H] is all it learns."""
    return query @ weight @ key.T


def additive(query: np.ndarray, key: np.ndarray, weight: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Scores v^T tanh(W [h; e]) [n, m] of queries [n, H] and keys [m, H] (Bahdanau et al. 2015); weight [2H, H], v [H].

    The queries are a decoder's states, the keys and the values an encoder's.
    """
    width = query.shape[1]
    return np.tanh((query @ weight[:width])[:, None] + (key @ weight[width:])[None]) @ v


# --- masks ------------------------------------------------------------------------------------------------------------


def allowed(kind: str, n: int, window: int = 2, stride: int = 3, first: int = 1, padding: int = 2) -> np.ndarray:
    """Which key (column) each query (row) may see: bool [n, n].

    window: neighbours to each side; stride: of the strided one; first: words that are global; padding: last words.
    """
    if not 1 <= n <= MOST_WORDS:
        raise Refused(f"{n} words: choose 1 to {MOST_WORDS}.")
    if kind not in MASKS:
        raise Refused(f"Mask {kind!r} is unknown: choose one of {', '.join(MASKS)}.")
    if window < 0 or stride < 1 or first < 0 or padding < 0:
        raise Refused("A window, a stride or a number of words below what exists: choose 0 or more, a stride from 1.")
    if kind == "padding" and padding >= n:
        raise Refused(f"All {n} words are padding, so nobody is left to look at: choose at most {n - 1}.")
    query, key = np.arange(n)[:, None], np.arange(n)[None, :]
    near = np.abs(query - key) <= window
    return {
        "none": np.ones((n, n), dtype=bool),
        "causal": key <= query,
        "padding": np.broadcast_to(key < n - padding, (n, n)).copy(),
        "local": near,
        "strided": (query - key) % stride == 0,
        "local + global": near | (query < first) | (key < first),
    }[kind]


def as_added(seen: np.ndarray) -> np.ndarray:
    """The mask as it is added to scores: 0 where a key is seen, -inf where it is hidden."""
    return np.where(seen, 0.0, -np.inf)


# --- why sqrt(d) ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Scores of random queries and keys (unit normals), and what the softmax makes of them, over many draws."""

    scores: np.ndarray  # [draw, key]
    greatest: float  # mean of the greatest weight
    entropy: float  # mean, bits
    passed_on: float  # mean trace of the softmax's Jacobian


@lru_cache(maxsize=64)
def draws(d: int, keys: int = 10, count: int = 4_000, seed: int = 0, *, scaled: bool) -> Draws:
    """What happens to `keys` scores q.k of width d, with or without the 1/sqrt(d).

    Given q, the scores of keys that are unit normals are independent normals of variance |q|^2, and |q|^2 is a
    chi-square of d degrees: drawing these is exact, and as quick for d = 4,096 as for d = 1.
    """
    if not 1 <= d <= 65_536:
        raise Refused(f"d = {d:,}: a head has at least 1 number a word, and here at most 65,536.")
    if keys < 1:
        raise Refused("No keys: choose 1 or more.")
    random = np.random.default_rng(seed)
    length = np.sqrt(random.chisquare(d, (count, 1)))
    scores = length * random.standard_normal((count, keys)) * (d**-0.5 if scaled else 1.0)
    weights = softmax(scores)
    scores.flags.writeable = False
    return Draws(
        scores,
        float(weights.max(axis=-1).mean()),
        float(entropy(weights).mean()),
        float(passed_on(weights).mean()),
    )


# --- words to numbers -------------------------------------------------------------------------------------------------


def embedded(words: tuple[str, ...], width: int, *, positions: bool) -> np.ndarray:
    """A made-up embedding X[word, width] of one decimal, the same for the same word; positions: sines are added."""
    rows = [np.random.default_rng(list(word.lower().encode())).normal(0, 0.8, width).round(1) for word in words]
    x = np.array(rows)
    return (x + sinusoidal(len(words), width)).round(1) if positions else x


def made_up(width: int, seed: int, to: int | None = None, decimals: int = 1) -> Projection:
    """A projection of random numbers that keeps sizes, rounded so that a pencil can follow."""
    random = np.random.default_rng(seed)
    to = to or width
    return Projection(random.normal(0, 1.4 / math.sqrt(width), (width, to)).round(decimals))


# --- the stream -------------------------------------------------------------------------------------------------------


def normed(x: np.ndarray) -> np.ndarray:
    """Layer norm without gain and bias: every row to mean 0 and variance 1."""
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """How large the stream of each word is and what each sublayer adds to it; lengths, means over the words."""

    names: tuple[str, ...]  # of the sublayers, in order: attention, feed-forward, attention, ...
    before: np.ndarray  # [sublayer] length of the stream that reaches the sublayer
    update: np.ndarray  # [sublayer] length of what it adds
    after: np.ndarray  # [sublayer] length of the sum, before any norm


def residual_stack(layers: int, width: int = 64, words: int = 8, seed: int = 0, *, pre: bool) -> Stream:
    """A stack of random attention layers with residuals; pre: norm before each layer, else after each sum.

    Pre-norm: x + f(norm(x)), the stream grows; post-norm: norm(x + f(x)), it is sqrt(width) long after every layer.
    """
    if not 1 <= layers <= 96:
        raise Refused(f"{layers} layers: choose 1 to 96.")
    random = np.random.default_rng(seed)
    x = random.standard_normal((words, width))
    x = x if pre else normed(x)
    sizes = []
    for number in range(layers):
        begin = seed * 1_000 + 4 * number
        q, k, v, o = (made_up(width, begin + i, decimals=6) for i in range(4))
        update = layer(normed(x) if pre else x, (q, k, v, o), heads=8).output
        total = x + update
        sizes.append([lengths(one) for one in (x, update, total)])
        x = total if pre else normed(total)
    return Stream(("attention",) * layers, *np.array(sizes).T)


def lengths(x: np.ndarray) -> float:
    """Mean Euclidean length of the rows."""
    return float(np.linalg.norm(x, axis=-1).mean())
