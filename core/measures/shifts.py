"""Pictures moved about: shifted round the edge or cut and shuffled, and which cell of a grid each cell came from."""

from __future__ import annotations

import numpy as np

from core.requests import Move


def origins(height: int, width: int, patch: int, move: Move) -> np.ndarray:
    """(row, column) of the pixel that each pixel shows afterwards, [2, height, width]; patch: px of one."""
    here = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"))
    if move.kind != "shuffle":
        return np.roll(here, move.pixels if move.kind == "shift" else patch, axis=2)
    rows, columns = height // patch, width // patch
    if (rows * patch, columns * patch) != (height, width):
        raise ValueError(f"{height} x {width} px are not whole patches of {patch} px")
    blocks = here.reshape(2, rows, patch, columns, patch).transpose(1, 3, 0, 2, 4).reshape(-1, 2, patch, patch)
    shuffled = blocks[np.random.default_rng(move.seed).permutation(len(blocks))]
    return shuffled.reshape(rows, columns, 2, patch, patch).transpose(2, 0, 3, 1, 4).reshape(2, height, width)


def cells(origin: np.ndarray, step: int) -> tuple[np.ndarray, bool]:
    """(the cell that each cell came from, [2, row, column]; whether all cells moved whole), cells of step x step px.

    A cell that was cut up counts as coming from where its middle came from.
    """
    rows, columns = origin.shape[1] // step, origin.shape[2] // step
    inside = origin[:, : rows * step, : columns * step] // step
    blocks = inside.reshape(2, rows, step, columns, step).transpose(0, 1, 3, 2, 4)
    middle = blocks[..., step // 2, step // 2]
    return middle, bool((blocks == middle[..., None, None]).all())


def agreement(before: np.ndarray, after: np.ndarray, came: np.ndarray) -> np.ndarray:
    """Cosine of each cell's features afterwards with those of the cell it came from before, [row, column].

    before, after [width, row, column]; came [2, row, column]. 1 everywhere: the features moved along with the picture.
    """
    return _cosine(after, before[:, came[0], came[1]])


def chance(before: np.ndarray, after: np.ndarray) -> float:
    """Mean cosine of a cell before with any cell afterwards: what two cells agree in that need not belong together."""
    a, b = (_unit(one.reshape(len(one), -1)) for one in (before, after))
    return float(a.mean(axis=1) @ b.mean(axis=1))


def _unit(flat: np.ndarray) -> np.ndarray:
    flat = flat.astype(np.float64)
    return flat / np.maximum(np.linalg.norm(flat, axis=0, keepdims=True), 1e-12)


def _cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    shape = a.shape[1:]
    return (_unit(a.reshape(len(a), -1)) * _unit(b.reshape(len(b), -1))).sum(axis=0).reshape(shape)
