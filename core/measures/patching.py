"""How a picture becomes a sequence: cut into patches, laid out in a row, flattened; and what the sequence costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.types import Refused

COLOURS = 3
FLOAT = 4  # bytes


@dataclass(frozen=True, slots=True)
class Cost:
    """What attention over a picture costs."""

    rows: int
    columns: int
    tokens: int  # patches, and those before them
    values: int  # numbers in a flattened patch
    weights: int  # attention weights of one head in one layer: tokens squared
    bytes: int  # of all weights of all heads and layers in float32


def cost(height: int, width: int, side: int, layers: int = 12, heads: int = 12, prefix: int = 1) -> Cost:
    """Of a picture of height x width pixels in patches of side x side; what does not fill a patch is left out."""
    rows, columns = height // side, width // side
    if not rows or not columns:
        raise Refused(
            f"A patch of {side} px is larger than the picture of {height} x {width} px: choose a smaller one."
        )
    tokens = rows * columns + prefix
    return Cost(rows, columns, tokens, COLOURS * side * side, tokens**2, FLOAT * tokens**2 * layers * heads)


def cut(picture: np.ndarray, side: int) -> np.ndarray:
    """[row, column, side, side, 3] of a picture [height, width, 3] whose sides are multiples of `side`."""
    height, width, colours = picture.shape
    if height % side or width % side:
        raise ValueError(f"{height} x {width} px cannot be cut into patches of {side} px")
    blocks = picture.reshape(height // side, side, width // side, side, colours)
    return blocks.transpose(0, 2, 1, 3, 4)


def joined(blocks: np.ndarray, gap: int = 0, between: float = 0.0) -> np.ndarray:
    """Patches [row, column, side, side, colour] side by side as a picture, `gap` pixels of `between` around each."""
    room = ((0, 0), (0, 0), (0, gap), (0, gap), (0, 0))
    apart = np.pad(blocks, room, constant_values=between)
    rows, columns, height, width, colours = apart.shape
    whole = apart.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, colours)
    return whole[: whole.shape[0] - gap, : whole.shape[1] - gap]


def flattened(picture: np.ndarray, side: int) -> np.ndarray:
    """Tokens [patch, 3 * side * side], patches row by row; inside one: red row by row, then green, then blue."""
    blocks = cut(picture, side)
    return blocks.transpose(0, 1, 4, 2, 3).reshape(-1, COLOURS * side * side)


def flattened_without_permute(picture: np.ndarray, side: int) -> np.ndarray:
    """The same shape by unfold and reshape alone: the colour axis still comes first, so a token mixes patches."""
    blocks = cut(picture, side)
    return blocks.transpose(4, 0, 1, 2, 3).reshape(-1, COLOURS * side * side)


def laid_out(tokens: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Flattened patches [patch, 3 * side * side] as blocks [row, column, side, side, 3]."""
    side = int((tokens.shape[1] // COLOURS) ** 0.5)
    return tokens.reshape(rows, columns, COLOURS, side, side).transpose(0, 1, 3, 4, 2)


def true_patches(tokens: np.ndarray, right: np.ndarray) -> int:
    """How many tokens hold the patch of their place."""
    return int((tokens == right).all(axis=1).sum())
