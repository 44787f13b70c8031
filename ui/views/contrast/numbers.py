"""What the page Contrast gives away: its points where they were dragged to, and what the loss says of every pair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

from core.data.numbers import Numbers, records
from core.measures.contrastive import cosines, normalised, nt_xent, sigmoid, softmax
from ui.components.forces.view import Point
from ui.saving import Picked

FARTHEST = 100  # of what an address may say of a point
LEAST, MOST = 0.05, 2.0  # temperatures of the slider


def places_of(points: Sequence[Point], mode: str, picked: Picked) -> np.ndarray:
    """[point, 2]: where the address says that the points are, else where they begin."""
    begun = np.array([(one.x, one.y) for one in points])
    try:
        said = np.array([float(number) for number in picked.get("at", "").split(",")]) / 100
    except ValueError:
        return begun
    if said.size != begun.size or not (np.abs(said) <= FARTHEST).all():
        return begun
    said = said.reshape(begun.shape)
    return said if mode == "skip-gram" else normalised(said)


def temperature_of(begin: float, picked: Picked) -> float:
    """What the slider says, else what it began with."""
    try:
        said = float(picked.get("temperature", ""))
    except ValueError:
        return begin
    return said if math.isfinite(said) and LEAST <= said <= MOST else begin


def places(points: Sequence[Point], found: np.ndarray) -> Numbers:
    """A line a point: its name, its pair from 1 on (nothing for negatives), where it is."""
    return records(
        {"point": point.name, "pair": point.pair + 1 or None, "x": float(x), "y": float(y)}
        for point, (x, y) in zip(points, found, strict=True)
    )


def pairs(points: Sequence[Point], found: np.ndarray, mode: str, temperature: float) -> Numbers:
    """A line for each point and what it is compared with: score (over the temperature), share, whether they belong."""
    names = [point.name for point in points]
    lines = {"skip-gram": _sigmoids, "clip": _both_ways, "simclr": _views}[mode](found, temperature)
    return records(
        {
            "point": names[one],
            "compared with": names[other],
            "score": float(score),
            "share": float(share),
            "partners": points[one].pair == points[other].pair,
        }
        for one, other, score, share in lines
    )


Line = tuple[int, int, float, float]  # a point, what it is compared with, score, share


def _sigmoids(found: np.ndarray, temperature: float) -> list[Line]:
    scores = found[1:] @ found[0] / temperature
    return [(0, k + 1, score, share) for k, (score, share) in enumerate(zip(scores, sigmoid(scores), strict=True))]


def _both_ways(found: np.ndarray, temperature: float) -> list[Line]:
    count = len(found) // 2
    scores = cosines(found[:count], found[count:]) / temperature
    along, across = softmax(scores, 1), softmax(scores, 0)
    every = list(product(range(count), repeat=2))
    pictures = [(i, count + j, scores[i, j], along[i, j]) for i, j in every]
    return pictures + [(count + j, i, scores[i, j], across[i, j]) for j, i in every]


def _views(found: np.ndarray, temperature: float) -> list[Line]:
    count = len(found) // 2
    scores = cosines(found, found) / temperature
    _, shares = nt_xent(found[:count], found[count:], temperature)
    return [(i, j, scores[i, j], shares[i, j]) for i, j in product(range(2 * count), repeat=2) if i != j]
