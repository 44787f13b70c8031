"""Contrastive losses: CLIP's and SigLIP's between pictures and texts, SimCLR's between two views of a picture."""

from __future__ import annotations

import math

import numpy as np

from core.types import Refused


def normalised(vectors: np.ndarray) -> np.ndarray:
    """Vectors [n, width] at length 1; Refused for one of length 0, which points nowhere."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if not np.all(lengths > 0):
        raise Refused("A vector of zeros has no direction, so no cosine. Choose another text or picture.")
    return vectors / lengths


def cosines(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """[row, column] of vectors [n, width] and [m, width]."""
    return normalised(rows) @ normalised(columns).T


def softmax(scores: np.ndarray, axis: int) -> np.ndarray:
    """In float64, exact for large scores."""
    scores = np.asarray(scores, dtype=np.float64)
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def matched(probabilities: np.ndarray) -> float:
    """Mean of -ln of the diagonal: each row's (or column's) own partner is the right answer."""
    return float(-np.log(np.maximum(np.diagonal(probabilities), 1e-300)).mean())


def clip_losses(cosines: np.ndarray, scale: float) -> tuple[float, float]:
    """(rows to columns, columns to rows) in nats; ln n when nothing is told apart (Radford et al. 2021, figure 3).

    cosines [n, n]: row a picture, column a text, partners on the diagonal; scale multiplies them (1 / temperature).
    """
    checked(cosines, scale)
    return matched(softmax(scale * cosines, 1)), matched(softmax(scale * cosines, 0))


def clip_loss(cosines: np.ndarray, scale: float) -> float:
    """The mean of both directions, in nats."""
    return sum(clip_losses(cosines, scale)) / 2


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-score) in float64, exact on both sides of 0."""
    return np.exp(-np.logaddexp(0.0, -np.asarray(scores, dtype=np.float64)))


def siglip_loss(cosines: np.ndarray, scale: float, bias: float) -> float:
    """In nats a picture: every pair is judged by itself, as belonging together or not (Zhai et al. 2023, section 3.2).

    cosines [n, n] as in clip_losses; a pair belongs together with probability sigmoid(scale * cosine + bias).
    """
    checked(cosines, scale)
    own = 2 * np.eye(len(cosines)) - 1
    return float(np.logaddexp(0.0, -own * (scale * cosines.astype(np.float64) + bias)).sum() / len(cosines))


def checked(cosines: np.ndarray, scale: float) -> None:
    if cosines.ndim != 2 or cosines.shape[0] != cosines.shape[1] or not len(cosines):
        raise Refused(f"{' x '.join(map(str, cosines.shape))} cosines: give as many texts as pictures, in their order.")
    if not (math.isfinite(scale) and scale > 0):
        raise Refused(f"A scale of {scale:g}: choose a number above 0.")


def nt_xent(first: np.ndarray, second: np.ndarray, temperature: float = 0.5) -> tuple[float, np.ndarray]:
    """SimCLR's loss of two views [n, width] of n pictures, and the 2n x 2n probabilities (Chen et al. 2020, eq. 1).

    Views of one picture seek each other among all other 2n - 1; a view never meets itself (probability 0).
    """
    if first.shape != second.shape or len(first) < 1:
        raise Refused(f"Views of {first.shape} and {second.shape}: give two of every picture.")
    if not (math.isfinite(temperature) and temperature > 0):
        raise Refused(f"A temperature of {temperature:g}: choose a number above 0.")
    every = np.concatenate([first, second])
    scores = cosines(every, every) / temperature
    np.fill_diagonal(scores, -np.inf)
    probabilities = softmax(scores, axis=1)
    n = len(first)
    partner = np.concatenate([np.arange(n, 2 * n), np.arange(n)])
    return float(-np.log(np.maximum(probabilities[np.arange(2 * n), partner], 1e-300)).mean()), probabilities


def gap(first: np.ndarray, second: np.ndarray) -> float:
    """Distance between the means of two kinds of vectors of length 1, 0 to 2 (Liang et al. 2022, section 3)."""
    return float(np.linalg.norm(first.mean(axis=0, dtype=np.float64) - second.mean(axis=0, dtype=np.float64)))


def own_kind(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """(share of all vectors whose nearest other is of their own kind, the share if kinds did not matter)."""
    every = normalised(np.concatenate([first, second]).astype(np.float64))
    kinds = np.repeat([0, 1], [len(first), len(second)])
    n = len(every)
    if n < 2:
        raise Refused("A gap needs pictures and texts. Choose at least one of each.")
    scores = every @ every.T
    np.fill_diagonal(scores, -np.inf)
    chance = sum(count * (count - 1) for count in (len(first), len(second))) / (n * (n - 1))
    return float((kinds[scores.argmax(axis=1)] == kinds).mean()), chance
