"""Ways to tell a transformer where a token stands, as plain functions: what each adds, turns or biases.

Positions and distances are whole numbers of tokens; a distance is key minus query; angles are radians.
"""

from __future__ import annotations

import math

import numpy as np

from core.types import Refused

MOST_POSITIONS = 4_096
MOST_WIDTH = 4_096


def checked_width(d: int) -> None:
    """Refused unless d can be cut into pairs."""
    if d < 2 or d % 2 or d > MOST_WIDTH:
        raise Refused(
            f"A width of {d}: sines and cosines come in pairs, so choose an even number from 2 to {MOST_WIDTH:,}."
        )


def checked_base(base: float) -> None:
    if not (math.isfinite(base) and base > 1):
        raise Refused(f"A base of {base:g}: choose a finite number above 1, or no wave is longer than another.")


def frequencies(d: int, base: float = 10000.0) -> np.ndarray:
    """How far each pair turns a position, [d/2] in radians: base^(-2i/d) (Vaswani et al. 2017, 3.5)."""
    checked_width(d)
    checked_base(base)
    return base ** (-np.arange(0, d, 2) / d)


def wavelengths(d: int, base: float = 10000.0) -> np.ndarray:
    """Positions that each pair needs for a full turn, [d/2]: from 2 pi up towards base * 2 pi."""
    return 2 * np.pi / frequencies(d, base)


def angles(positions: np.ndarray, d: int, base: float = 10000.0) -> np.ndarray:
    """[position, d/2] in radians."""
    return np.asarray(positions, dtype=np.float64)[:, None] * frequencies(d, base)


def sinusoidal_at(positions: np.ndarray, d: int, base: float = 10000.0) -> np.ndarray:
    """Sinusoidal encoding of any positions, [position, d]: sine in even columns, cosine in odd ones."""
    turned = angles(positions, d, base)
    table = np.empty((len(turned), d))
    table[:, 0::2], table[:, 1::2] = np.sin(turned), np.cos(turned)
    return table


def sinusoidal(n: int, d: int, base: float = 10000.0) -> np.ndarray:
    """Sinusoidal encoding of positions 0 to n - 1, [n, d] (Vaswani et al. 2017, 3.5); every row's square is d/2."""
    if not 1 <= n <= MOST_POSITIONS:
        raise Refused(f"{n:,} positions: choose 1 to {MOST_POSITIONS:,}.")
    return sinusoidal_at(np.arange(n), d, base)


def shift_matrix(k: float, d: int, base: float = 10000.0) -> np.ndarray:
    """The one matrix [d, d] that moves every position by k: sinusoidal(p) @ it = sinusoidal(p + k), whatever p is."""
    turned = k * frequencies(d, base)
    matrix = np.zeros((d, d))
    even = np.arange(0, d, 2)
    matrix[even, even] = matrix[even + 1, even + 1] = np.cos(turned)
    matrix[even + 1, even], matrix[even, even + 1] = np.sin(turned), -np.sin(turned)
    return matrix


def rope(vectors: np.ndarray, positions: np.ndarray, base: float = 10000.0) -> np.ndarray:
    """Queries or keys [token, d] turned, pair by pair, by their positions (Su et al. 2021, equation 15)."""
    turned = angles(positions, vectors.shape[1], base)
    sine, cosine = np.sin(turned), np.cos(turned)
    even, odd = vectors[:, 0::2], vectors[:, 1::2]
    out = np.empty(vectors.shape)
    out[:, 0::2], out[:, 1::2] = even * cosine - odd * sine, even * sine + odd * cosine
    return out


def distances(positions: np.ndarray) -> np.ndarray:
    """Key minus query, [query, key]: negative looks back."""
    return np.asarray(positions)[None, :] - np.asarray(positions)[:, None]


def alibi_slopes(heads: int) -> np.ndarray:
    """Slope of every head, [heads]: 2^(-8h/heads) for h from 1 (Press et al. 2021, 3).

    For a number of heads that is no power of two, those of the power below and then every second one of twice that.
    """
    if not 1 <= heads <= 1_024:
        raise Refused(f"{heads} heads: choose 1 to 1,024.")
    below = 2 ** int(math.log2(heads))
    slopes = 2.0 ** (-8 * np.arange(1, below + 1) / below)
    between = 2.0 ** (-8 * np.arange(1, 2 * below + 1, 2) / (2 * below))
    return np.concatenate([slopes, between[: heads - below]])


def alibi(positions: np.ndarray, slope: float) -> np.ndarray:
    """Bias [query, key]: minus slope times the number of tokens between; in a decoder the mask hides its right half."""
    return -slope * np.abs(distances(positions))


def t5_bucket(distance: np.ndarray, buckets: int = 32, most: int = 128, *, bidirectional: bool = True) -> np.ndarray:
    """Bucket of every distance, as T5 counts them (Raffel et al. 2020, 2.1).

    Near distances have a bucket each, farther ones share buckets that grow with the logarithm, and all from `most` on
    share the last. Bidirectional: the first half looks back (and at itself), the second half ahead.
    """
    distance = np.asarray(distance)
    first = np.zeros_like(distance)
    if bidirectional:
        buckets //= 2
        first = np.where(distance > 0, buckets, 0)
        distance = np.abs(distance)
    else:
        distance = np.maximum(-distance, 0)
    exact = buckets // 2
    # In float32 like the models': at powers of two the last bit decides on the bucket.
    far = np.log(np.maximum(distance, 1).astype(np.float32) / np.float32(exact)) / np.float32(math.log(most / exact))
    far = exact + (far * np.float32(buckets - exact)).astype(np.int64)
    return first + np.where(distance < exact, distance, np.minimum(far, buckets - 1))


def t5_table(buckets: int = 32, heads: int = 8) -> np.ndarray:
    """A bias by hand for every bucket and head, [buckets, heads]: less the farther, and ahead less than back."""
    half = buckets // 2
    steps = np.concatenate([np.arange(half), 1.25 * np.arange(half)])
    return -np.outer(steps, np.linspace(0.6, 0.05, heads))


def clipped(distance: np.ndarray, most: int) -> np.ndarray:
    """Row of a relative table [2 * most + 1, d] for every distance; beyond `most` all are alike (Shaw et al. 2018)."""
    if most < 0:
        raise Refused(f"A greatest distance of {most}: choose 0 or more.")
    return np.clip(distance, -most, most) + most


def shaw(queries: np.ndarray, keys: np.ndarray, positions: np.ndarray, relative: np.ndarray) -> np.ndarray:
    """Scores before scaling, [query, key]: q . (k + r of the clipped distance) (Shaw et al. 2018, equation 4)."""
    row = clipped(distances(positions), len(relative) // 2)
    return queries @ keys.T + np.take_along_axis(queries @ relative.T, row, axis=1)


def rows_of(table: np.ndarray, positions: np.ndarray, what: str = "This table") -> np.ndarray:
    """Rows of a learned table [position, d]; Refused past its last one."""
    last = int(np.max(positions))
    if last >= len(table):
        raise Refused(
            f"{what} ends at position {len(table) - 1}; your last word would stand at {last}, where there is none. "
            f"Shift by {max(0, len(table) - 1 - (last - int(np.min(positions))))} at most, or shorten the sentence."
        )
    return table[np.asarray(positions)]


def grid_table(rows: int, columns: int, d: int, base: float = 10000.0) -> np.ndarray:
    """Sinusoids for a grid of patches, [rows * columns, d]: half of the width tells the row, half the column."""
    if d < 4 or d % 4:
        raise Refused(f"A width of {d}: a grid needs pairs for rows and for columns, so choose a multiple of 4.")
    row, column = np.divmod(np.arange(rows * columns), columns)
    return np.concatenate([sinusoidal_at(row, d // 2, base), sinusoidal_at(column, d // 2, base)], axis=1)


def cosines(table: np.ndarray) -> np.ndarray:
    """Cosine of every two rows of a table [n, d], [n, n]; a row of zeros has cosine 0 with all."""
    norms = np.linalg.norm(table, axis=1, keepdims=True)
    unit = np.divide(table, norms, out=np.zeros_like(table, dtype=np.float64), where=norms > 0)
    return unit @ unit.T


def grid_of_maps(matrix: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """[patch, patch] as one picture: at each patch's place in the grid, its map over the grid.

    [rows * columns, rows * columns] -> [rows * rows, columns * columns].
    """
    return matrix.reshape(rows, columns, rows, columns).transpose(0, 2, 1, 3).reshape(rows**2, columns**2)


def by_distance(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(distance, least, mean, greatest) along every diagonal of [n, n], each [2n - 1]."""
    n = len(matrix)
    offsets = np.arange(1 - n, n)
    diagonals = [np.diagonal(matrix, k) for k in offsets]
    least, mean, greatest = (np.array([f(one) for one in diagonals]) for f in (np.min, np.mean, np.max))
    return offsets, least, mean, greatest


def toeplitz_error(matrix: np.ndarray) -> float:
    """Greatest difference between two entries of equal distance; 0: the matrix depends on the distance alone."""
    _, least, _, greatest = by_distance(matrix)
    return float((greatest - least).max())
