"""Many small pictures as a message for the browser: their names, and one sheet that holds them all."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache

import numpy as np

from core.data.gallery import Picture, pixels
from core.data.pictures import display_name, picture, scene_of
from ui.components.message import pack

SIDE = 96  # px of a thumbnail, a square cut from the middle
ACROSS = 12
MOST = 600


@lru_cache(maxsize=24)
def sheet(names: tuple[str, ...]) -> bytes:
    """All thumbnails, ACROSS in a row, as JPEG."""
    from PIL import Image, ImageOps

    if len(names) > MOST:
        raise ValueError(f"{len(names):,} thumbnails: at most {MOST} go into one sheet")
    whole = Image.new("RGB", (ACROSS * SIDE, -(-len(names) // ACROSS) * SIDE))
    for place, name in enumerate(names):
        row, column = divmod(place, ACROSS)
        small = ImageOps.fit(Image.fromarray(small_picture(name)), (SIDE, SIDE), Image.Resampling.LANCZOS)
        whole.paste(small, (column * SIDE, row * SIDE))
    data = io.BytesIO()
    whole.save(data, "JPEG", quality=85)
    return data.getvalue()


def small_picture(name: str) -> np.ndarray:
    """uint8 [height, width, 3]; scenes are composed small to begin with: many are wanted at once."""
    scene = scene_of(name)
    if scene is None:
        return picture(name)
    scale = SIDE / min(scene.width, scene.height)
    small = replace(scene, width=round(scene.width * scale), height=round(scene.height * scale))
    return pixels(Picture(name, name, small))


def pack_thumbnails(names: tuple[str, ...], chosen: str) -> bytes:
    """The browser's message."""
    header = {
        "side": SIDE,
        "across": ACROSS,
        "chosen": chosen,
        "pictures": [{"name": name, "title": display_name(name)} for name in names],
    }
    return pack(header, {"sheet": np.frombuffer(sheet(names), np.uint8)})
