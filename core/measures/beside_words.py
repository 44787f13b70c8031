"""Where attention goes where a picture stands among words: to the picture, to the first token, to other words."""

from __future__ import annotations

import numpy as np

from core.types import Patches

PARTS = ("picture", "first token", "other words")


def shares(rows: np.ndarray, patches: Patches) -> np.ndarray:
    """[..., token] -> [..., part of PARTS], which sum to what the row sums to.

    A first token that belongs to the picture counts to the picture alone.
    """
    seen = on_picture_tokens(rows, patches).sum(axis=-1)
    first = rows[..., 0] if patches.prefix else np.zeros_like(seen)
    return np.stack([seen, first, rows.sum(axis=-1) - seen - first], axis=-1)


def on_picture_tokens(values: np.ndarray, patches: Patches) -> np.ndarray:
    """[..., token] -> [..., token of the picture], row by row."""
    return values[..., patches.prefix : patches.prefix + patches.rows * patches.columns]


def words_first(values: np.ndarray, patches: Patches) -> np.ndarray:
    """[..., token] -> the same with the words in front, in their order, and the picture's tokens behind them."""
    end = patches.prefix + patches.rows * patches.columns
    parts = (values[..., : patches.prefix], values[..., end:], values[..., patches.prefix : end])
    return np.concatenate(parts, axis=-1)
