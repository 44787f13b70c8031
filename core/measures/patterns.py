"""Which query looks at which key in sparse attention: windows, strides, global tokens; boolean [query, key]."""

from __future__ import annotations

import numpy as np

from core.types import Refused


def apart(queries: int, keys: int) -> np.ndarray:
    """How far a key is from a query's own place, in keys; between two texts places are stretched onto each other."""
    own = np.arange(queries) if queries == keys else np.round(np.linspace(0, keys - 1, queries)).astype(int)
    return np.arange(keys)[None, :] - own[:, None]


def local(queries: int, keys: int, window: int) -> np.ndarray:
    """True for keys at most window tokens away on either side."""
    if window < 0:
        raise Refused(f"A window of {window} tokens: choose 0 or more.")
    return np.abs(apart(queries, keys)) <= window


def strided(queries: int, keys: int, stride: int) -> np.ndarray:
    """True for every stride-th key, counted from the query's own place (Child et al. 2019)."""
    if stride < 1:
        raise Refused(f"A stride of {stride}: choose 1 or more.")
    return apart(queries, keys) % stride == 0


def local_and_global(queries: int, keys: int, window: int, count: int) -> np.ndarray:
    """A window, and the first count tokens that see all and are seen by all (Beltagy et al. 2020)."""
    if count < 0:
        raise Refused(f"{count} global tokens: choose 0 or more.")
    seen = local(queries, keys, window)
    seen[:, :count] = True
    seen[:count, :] = True
    return seen
