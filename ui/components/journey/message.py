"""A text's way through a model as a message for the browser: colours of vectors, lengths, attention, guesses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.analyses.journey import Journey, SideOfJourney
from core.tokens import lettered
from core.types import Attention
from ui.components.message import labelled_tokens

MOST_SHOWN = 48  # numbers of a vector, evenly chosen: a screen has no room for more
SHARE = 0.98  # of the numbers lie within the scale of colours
MIDDLE, STEPS = 128, 127
MOST_BYTES = 2_000_000  # of maps; beyond it the mean of each layer alone is sent


def pack_parts(found: Journey, facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """(header, arrays) of a journey. facts: what the page says beside it."""
    sides: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    for number, side in enumerate(found.sides):
        told, own = side_parts(side)
        sides.append(told)
        arrays |= {f"{name}{number}": values for name, values in own.items()}
    guesses = [[[word, round(share, 6)] for word, share in layer] for layer in found.guesses]
    return {**facts, "sides": sides, "says": found.says, "guesses": guesses, "asked": found.asked}, arrays


def side_parts(side: SideOfJourney) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What is said and what is drawn of a side."""
    vectors = side.vectors * side.factor
    first = [vectors] if side.positions is None else [vectors, side.positions]
    scale = reach(first)
    streams = [np.stack([part.after for part in layer]) for layer in side.layers]
    adds = [np.stack([part.adds for part in layer]) for layer in side.layers]
    befores = [side.enters, *(layer[-1] for layer in streams[:-1])]
    scales = [reach([before, after]) for before, after in zip(befores, streams, strict=True)]
    told = {
        "side": side.side,
        "tokens": labelled_tokens(side.tokens),
        "sublayers": [part.name for part in side.layers[0]],
        "numbers": side.numbers,
        "preNorm": side.pre_norm,
        "normed": side.normed,
        "factor": round(side.factor, 4),
        "width": side.enters.shape[1],
        "tableWidth": side.vectors.shape[1],
        "placed": side.positions is not None,
        "heads": side.attention.weights.shape[1],
        "read": lettered([token.text for token in side.cross.keys]) if side.cross else [],
        "sink": len(side.attention.keys) > len(side.attention.queries),
    }
    arrays = {
        "vectors": np.stack([shades(one, scale) for one in first]),
        "before": np.stack([shades(one, s) for one, s in zip(befores, scales, strict=True)]),
        "adds": np.stack([shades(one, s) for one, s in zip(adds, scales, strict=True)]),
        "after": np.stack([shades(one, s) for one, s in zip(streams, scales, strict=True)]),
        "vectorLengths": np.stack([lengths(one) for one in first]).astype(np.float32),
        "beforeLengths": np.stack([lengths(one) for one in befores]).astype(np.float32),
        "addsLengths": np.stack([lengths(one) for one in adds]).astype(np.float32),
        "afterLengths": np.stack([lengths(one) for one in streams]).astype(np.float32),
        "kept": np.stack([cosines(side.enters, layer[-1]) for layer in streams]).astype(np.float32),
        "maps": levels(side.attention),
    }
    if side.cross:
        arrays["cross"] = levels(side.cross)
    return told, arrays


def reach(some: list[np.ndarray]) -> float:
    """The size within which most numbers lie."""
    every = np.concatenate([np.abs(one).ravel() for one in some])
    return float(np.quantile(every, SHARE)) or 1.0


def shades(values: np.ndarray, scale: float) -> np.ndarray:
    """[..., place, shown]: 128 is 0, 1 and 255 the ends of the scale; evenly chosen numbers of each vector."""
    width = values.shape[-1]
    chosen = np.unique(np.linspace(0, width - 1, min(width, MOST_SHOWN)).round().astype(int))
    return np.rint(MIDDLE + STEPS * np.clip(values[..., chosen] / scale, -1, 1)).astype(np.uint8)


def lengths(values: np.ndarray) -> np.ndarray:
    """[...]: the Euclidean length of each vector, [..., width]."""
    return np.linalg.norm(values, axis=-1)


def cosines(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """[place]: how much of its first direction a stream has kept."""
    return (before * after).sum(-1) / np.maximum(lengths(before) * lengths(after), 1e-12)


def levels(attention: Attention) -> np.ndarray:
    """The root of the weights as 0 to 255, [layer, mean and every head, query, key]; only the mean where it is much."""
    layers, heads, queries, keys = attention.weights.shape
    single = layers * (heads + 1) * queries * keys <= MOST_BYTES
    rows = []
    for layer in range(layers):
        some = np.asarray(attention.weights[layer], np.float32)
        rows.append(np.concatenate([some.mean(axis=0)[None], some]) if single else some.mean(axis=0)[None])
    return np.rint(np.sqrt(np.clip(np.stack(rows), 0, 1)) * 255).astype(np.uint8)
