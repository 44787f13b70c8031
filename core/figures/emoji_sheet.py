"""Emoji without ground as one sheet for the browser: WebP, whose clear parts let the page and other points through."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.data.scenes import SPRITE, places, sprites

ACROSS = 12
MOST = 600


@lru_cache(maxsize=8)
def cutouts(keys: tuple[str, ...]) -> bytes:
    """The sheet, ACROSS squares of 64 px a row, in the order of the keys."""
    from PIL import Image

    if len(keys) > MOST:
        raise ValueError(f"{len(keys):,} emoji: at most {MOST} go into one sheet")
    whole = np.zeros((-(-len(keys) // ACROSS) * SPRITE, ACROSS * SPRITE, 4), np.uint8)
    for place, pixels in enumerate(clear(keys)):
        row, column = (SPRITE * at for at in divmod(place, ACROSS))
        whole[row : row + SPRITE, column : column + SPRITE] = pixels
    data = io.BytesIO()
    Image.fromarray(whole, "RGBA").save(data, "WEBP", quality=85)
    return data.getvalue()


def clear(keys: Sequence[str]) -> np.ndarray:
    """uint8 [emoji, 64, 64, 4] with colours as they are, not multiplied by opacity."""
    held = sprites()[[places()[key] for key in keys]].permute(0, 2, 3, 1).numpy().astype(np.float32)
    opacity = held[..., 3:]
    held[..., :3] = np.where(opacity > 0, held[..., :3] * 255 / np.maximum(opacity, 1), 0).clip(0, 255)
    return held.round().astype(np.uint8)
