"""Attention inside windows, as Swin does it: which patches share a window, the mask after a shift, and the cost.

Liu et al. 2021. Windows are counted row by row. A shifted layer rolls the grid up and left by `shift` patches, cuts
windows, and masks what the roll brought together.
"""

from __future__ import annotations

import numpy as np

HIDDEN = -100.0  # added to the scores, as the paper's code and transformers do


def fitted(rows: int, columns: int, window: int, shift: int) -> tuple[int, int]:
    """(window, shift) on a grid: one that is no larger than the window is a single window without a shift."""
    if min(rows, columns) <= window:
        return min(rows, columns), 0
    return window, shift


def filled(side: int, window: int) -> int:
    """Patches along a side once it is padded to whole windows."""
    return -(-side // window) * window


def partitioned(grid: np.ndarray, window: int) -> np.ndarray:
    """[window, patch] of a grid [row, column] of whole windows."""
    rows, columns = grid.shape
    blocks = grid.reshape(rows // window, window, columns // window, window)
    return blocks.transpose(0, 2, 1, 3).reshape(-1, window * window)


def order(rows: int, columns: int, window: int, shift: int) -> np.ndarray:
    """Which patch of the padded grid stands where, [window, place]: its number, row by row."""
    high, wide = filled(rows, window), filled(columns, window)
    numbers = np.arange(high * wide).reshape(high, wide)
    return partitioned(np.roll(numbers, (-shift, -shift), axis=(0, 1)), window)


def window_of(rows: int, columns: int, window: int, shift: int) -> np.ndarray:
    """The window that each patch is in, [row, column]."""
    return (pieces(rows, columns, window, shift) // 9)[:rows, :columns]


def regions(rows: int, columns: int, window: int, shift: int) -> np.ndarray:
    """Of each patch in the rolled, padded grid the region it came from, [row, column], 0 to 8."""

    def along(side: int) -> np.ndarray:
        place = np.arange(side)
        return (place >= side - window).astype(int) + (place >= side - shift)

    high, wide = filled(rows, window), filled(columns, window)
    return 3 * along(high)[:, None] + along(wide)[None] if shift else np.zeros((high, wide), dtype=int)


def mask(rows: int, columns: int, window: int, shift: int) -> np.ndarray:
    """What is added to the scores of each window, [window, query, key]: 0, or HIDDEN between regions."""
    inside = partitioned(regions(rows, columns, window, shift), window)
    return np.where(inside[:, :, None] == inside[:, None, :], 0.0, HIDDEN)


def sees(rows: int, columns: int, window: int, shift: int) -> np.ndarray:
    """Whether a patch may look at another, [query, key], both numbered row by row in the picture."""
    high, wide = filled(rows, window), filled(columns, window)
    found = np.zeros((high * wide, high * wide), dtype=bool)
    placed, hidden = order(rows, columns, window, shift), mask(rows, columns, window, shift) != 0
    for here, away in zip(placed, hidden, strict=True):
        found[np.ix_(here, here)] = ~away
    inside = np.arange(high * wide).reshape(high, wide)[:rows, :columns].ravel()
    return found[np.ix_(inside, inside)]


def sees_from(patch: tuple[int, int], rows: int, columns: int, window: int, shift: int) -> np.ndarray:
    """Which patches one patch (row, column) may look at, [row, column]."""
    high, wide = filled(rows, window), filled(columns, window)
    placed = order(rows, columns, window, shift)
    here, place = (int(one[0]) for one in np.nonzero(placed == patch[0] * wide + patch[1]))
    inside = partitioned(regions(rows, columns, window, shift), window)[here]
    found = np.zeros(high * wide, dtype=bool)
    found[placed[here][inside == inside[place]]] = True
    return found.reshape(high, wide)[:rows, :columns]


def pieces(rows: int, columns: int, window: int, shift: int) -> np.ndarray:
    """A number for every patch of the padded grid, the same where two may look at each other, [row, column]."""
    high, wide = filled(rows, window), filled(columns, window)
    found = np.empty(high * wide, dtype=int)
    inside = partitioned(regions(rows, columns, window, shift), window)
    found[order(rows, columns, window, shift)] = 9 * np.arange(len(inside))[:, None] + inside
    return found.reshape(high, wide)


def row_on_grid(
    weights: np.ndarray, patch: tuple[int, int], rows: int, columns: int, window: int, shift: int
) -> np.ndarray:
    """Where one patch looks, [head, row, column], from weights [window, head, query, key] of all windows."""
    high, wide = filled(rows, window), filled(columns, window)
    placed = order(rows, columns, window, shift)
    number = patch[0] * wide + patch[1]
    here, place = (int(one[0]) for one in np.nonzero(placed == number))
    found = np.zeros((weights.shape[1], high * wide), dtype=np.float32)
    found[:, placed[here]] = weights[here, :, place]
    return found.reshape(-1, high, wide)[:, :rows, :columns]


def multiplications(rows: int, columns: int, width: int, window: int = 0) -> int:
    """Of one attention layer (equations 1 and 2): 4hwC^2 + 2(hw)^2 C in full, 4hwC^2 + 2M^2 hwC in windows of M."""
    patches = rows * columns
    return 4 * patches * width**2 + 2 * (window**2 if window else patches) * patches * width
