"""Pictures drawn upon: enlarged, ruled into patches, patches left out, boxes framed; colours from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Colour = tuple[float, float, float]

LINE: Colour = (1.0, 1.0, 1.0)
EDGE: Colour = (0.0, 0.0, 0.0)
SHADOW = 0.3  # of the edge beside a light line, which would be lost on a light picture
MARK: Colour = (1.0, 0.53, 0.0)


def as_colours(picture: np.ndarray) -> np.ndarray:
    """uint8 [height, width, 3] as float32 from 0 to 1."""
    return picture.astype(np.float32) / 255


def opaque(picture: np.ndarray) -> np.ndarray:
    """[..., 4] of a picture [..., 3]: nothing of the page shines through."""
    return np.concatenate([picture, np.ones_like(picture[..., :1])], axis=-1)


def resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 [height, width, 3] of another size."""
    from PIL import Image

    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def enlarged(picture: np.ndarray, least: int) -> np.ndarray:
    """Every pixel as a square of so many that the longer side has `least` or more."""
    times = max(1, -(-least // max(picture.shape[:2])))
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def within(picture: np.ndarray, most: int) -> np.ndarray:
    """Every so manieth pixel of a picture, so that it has no more than `most` of them."""
    height, width = picture.shape[:2]
    step = int(np.ceil((height * width / most) ** 0.5))
    while -(-height // step) * -(-width // step) > most:  # a last row or column that is not full counts too
        step += 1
    return picture[::step, ::step]


def ruled(picture: np.ndarray, numbers: np.ndarray, colour: Colour = LINE, thick: int = 1) -> np.ndarray:
    """Lines wherever neighbouring patches have different numbers [row, column]; light ones with a dark edge."""
    drawn = picture.copy()
    height, width = picture.shape[:2]
    rows, columns = numbers.shape
    down = np.arange(height) * rows // height
    across = np.arange(width) * columns // width
    per_pixel = numbers[np.ix_(down, across)]
    meets = np.zeros((height, width), dtype=bool)
    meets[1:] |= per_pixel[1:] != per_pixel[:-1]
    meets[:, 1:] |= per_pixel[:, 1:] != per_pixel[:, :-1]
    for wide, paint, share in ((thick + 2, EDGE, SHADOW), (thick, colour, 0.9)):
        lines = thickened(meets, wide)
        drawn[lines, :3] = (1 - share) * drawn[lines, :3] + share * np.asarray(paint, dtype=picture.dtype)
        drawn[lines, 3:] = 1
    return drawn


def marked(picture: np.ndarray, patch: tuple[int, int], grid: tuple[int, int], colour: Colour = MARK) -> np.ndarray:
    """A frame round one patch (row, column) of a grid."""
    (row, column), (rows, columns) = patch, grid
    thick = max(2, max(picture.shape[:2]) // 96)
    return framed(picture, [(column / columns, row / rows, 1 / columns, 1 / rows)], [colour], [thick])


def thickened(mask: np.ndarray, thick: int) -> np.ndarray:
    """A mask whose lines are `thick` pixels wide, from a mask of lines of one."""
    found = mask.copy()
    before = (thick - 1) // 2
    for step in range(-before, thick - before):
        for axis in (0, 1):
            moved = np.roll(mask, step, axis=axis)
            edge = [slice(None), slice(None)]
            edge[axis] = slice(0, step) if step > 0 else slice(step, None) if step < 0 else slice(0, 0)
            moved[tuple(edge)] = False  # what leaves on one side does not come in on the other
            found |= moved
    return found


def faded(picture: np.ndarray, kept: np.ndarray, share: float = 0.25) -> np.ndarray:
    """[height, width, 4]: patches that are not kept [row, column] let the page through, `share` of them stays."""
    height, width = picture.shape[:2]
    rows, columns = kept.shape
    inside = kept[np.ix_(np.arange(height) * rows // height, np.arange(width) * columns // width)]
    opaque = np.where(inside, 1.0, share).astype(np.float32)
    return np.concatenate([picture[..., :3], opaque[..., None]], axis=2)


def lit(picture: np.ndarray, weights: np.ndarray, ground: float = 0.25) -> np.ndarray:
    """The picture as bright as its weights [row, column]: the largest in full, 0 at `ground`."""
    height, width = picture.shape[:2]
    rows, columns = weights.shape
    share = weights / max(float(weights.max()), 1e-12)
    inside = share[np.ix_(np.arange(height) * rows // height, np.arange(width) * columns // width)]
    return picture * (ground + (1 - ground) * inside[..., None]).astype(np.float32)


def share_inside(weights: np.ndarray, box: tuple[float, float, float, float]) -> float:
    """How much of the weights [row, column] lies in a box (left, top, width, height) in shares of the picture."""
    left, top, wide, high = box

    def along(start: float, length: float, count: int) -> np.ndarray:
        edges = np.arange(count + 1) / count
        return np.clip(np.minimum(edges[1:], start + length) - np.maximum(edges[:-1], start), 0, None) * count

    rows, columns = weights.shape
    return float(along(top, high, rows) @ weights @ along(left, wide, columns) / max(float(weights.sum()), 1e-12))


def framed(
    picture: np.ndarray,
    boxes: Sequence[tuple[float, float, float, float]],
    colours: Sequence[Colour],
    thick: Sequence[int],
) -> np.ndarray:
    """Boxes (left, top, width, height), in shares of the picture, as frames with a dark edge; cut at its border."""
    drawn = picture.copy()
    height, width = picture.shape[:2]
    for (left, top, wide, high), colour, line in zip(boxes, colours, thick, strict=True):
        x, y = round(left * width), round(top * height)
        to_x, to_y = round((left + wide) * width) - 1, round((top + high) * height) - 1
        for more, paint in ((1, EDGE), (0, colour)):
            mask = np.zeros((height, width), dtype=bool)
            _fill(mask, x - more, y - more, to_x + more, to_y + more, value=True)
            _fill(mask, x + line + more, y + line + more, to_x - line - more, to_y - line - more, value=False)
            drawn[mask, :3] = paint
    return drawn


def _fill(mask: np.ndarray, left: int, top: int, right: int, bottom: int, *, value: bool) -> None:
    """Set what lies between, both ends included and cut at the border."""
    if right >= left and bottom >= top:
        mask[max(0, top) : max(0, bottom + 1), max(0, left) : max(0, right + 1)] = value
