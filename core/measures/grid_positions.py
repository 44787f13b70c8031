"""What a table of positions knows of a grid of patches: who is like whom, and whether it is one line or a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Plane:
    """How alike neighbours are, mean cosines; nan where a grid has none."""

    across: float  # one step to the right
    down: float  # one step down: `columns` further in the sequence
    wrapped: float  # from the end of a row to the beginning of the next: neighbours in the sequence alone
    all: float  # any two different patches
    additive: float  # share of the table's variance that a part for the row plus a part for the column explain


def cosines(table: np.ndarray) -> np.ndarray:
    """[row, column, row, column] of a table [row, column, width]."""
    rows, columns, width = table.shape
    flat = table.reshape(-1, width).astype(np.float64)
    flat = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    return (flat @ flat.T).reshape(rows, columns, rows, columns)


def mosaic(maps: np.ndarray, gap: int = 1) -> np.ndarray:
    """Every patch's map at its own place, [row * (rows + gap) - gap, ...] of [row, column, row, column]; gaps are 0."""
    rows, columns, high, wide = maps.shape
    apart = np.pad(maps, ((0, 0), (0, 0), (0, gap), (0, gap)))
    whole = apart.transpose(0, 2, 1, 3).reshape(rows * (high + gap), columns * (wide + gap))
    return whole[: whole.shape[0] - gap, : whole.shape[1] - gap]


def at(row: int, column: int, shape: tuple[int, int], gap: int = 1) -> tuple[int, int]:
    """The map that a cell of the mosaic belongs to, (row, column) of the grid of maps, each of this shape."""
    return row // (shape[0] + gap), column // (shape[1] + gap)


def rows_alike(maps: np.ndarray) -> np.ndarray:
    """Mean cosine of patches in the same column, [row, row]."""
    return np.einsum("rcqc->rq", maps) / maps.shape[1]


def columns_alike(maps: np.ndarray) -> np.ndarray:
    """Mean cosine of patches in the same row, [column, column]."""
    return np.einsum("rcrq->cq", maps) / maps.shape[0]


def plane(table: np.ndarray) -> Plane:
    """Whether a table [row, column, width] is a line or a plane.

    additive: 1 - |residual|^2 / |deviation|^2 of the fit  mean + part of the row + part of the column.
    """
    maps = cosines(table)
    rows, columns = table.shape[:2]
    flat = maps.reshape(rows * columns, -1)

    def mean(values: list[float]) -> float:
        return float(np.mean(values)) if values else float("nan")

    across = [maps[r, c, r, c + 1] for r in range(rows) for c in range(columns - 1)]
    down = [maps[r, c, r + 1, c] for r in range(rows - 1) for c in range(columns)]
    wrapped = [maps[r, columns - 1, r + 1, 0] for r in range(rows - 1)] if columns > 2 else []
    others = flat[~np.eye(len(flat), dtype=bool)].tolist()
    deviation = table.astype(np.float64) - table.mean(axis=(0, 1), dtype=np.float64)
    fit = deviation.mean(axis=1, keepdims=True) + deviation.mean(axis=0, keepdims=True)
    total = float((deviation**2).sum())
    additive = 1 - float(((deviation - fit) ** 2).sum()) / total if total > 0 else float("nan")
    return Plane(mean(across), mean(down), mean(wrapped), mean(others), additive)
