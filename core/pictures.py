"""Pictures that users bring, by the hash of what they brought: read once, made upright and small, bounded in memory."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections import OrderedDict

import numpy as np

from core.gallery import Picture, gallery, mask, pixels
from core.scenes import Scene
from core.types import Refused

MOST_BYTES = 25_000_000  # of a file
MOST_PIXELS = 60_000_000  # that are unpacked
MOST_SIDE = 1_024  # px; larger pictures are made smaller: no model here reads more
SMALLEST_SIDE = 8  # px
KEPT_BYTES = int(os.environ.get("GAZE_PICTURE_BYTES", 256_000_000))

_lock = threading.Lock()
_kept: OrderedDict[str, np.ndarray | Picture] = OrderedDict()
_bytes = 0


def take_in(data: bytes) -> str:
    """The name of a picture from its file's bytes; Refused when it is too large or no picture."""
    if len(data) > MOST_BYTES:
        raise Refused(
            f"This file has {len(data) / 1e6:,.0f} MB; Gaze reads pictures up to {MOST_BYTES / 1e6:.0f} MB. "
            "Make it smaller."
        )
    name = "own-" + hashlib.sha256(data).hexdigest()[:24]
    with _lock:
        if name in _kept:
            _kept.move_to_end(name)
            return name
    _keep(name, read(data))
    return name


def read(data: bytes) -> np.ndarray:
    """uint8 [height, width, 3]: the first frame, upright as the camera held it, transparent parts on white."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as file:
            if file.width * file.height > MOST_PIXELS:
                raise Refused(
                    f"This picture has {file.width:,} x {file.height:,} px; Gaze reads up to "
                    f"{MOST_PIXELS / 1e6:.0f} million. Make it smaller."
                )
            file.draft("RGB", (MOST_SIDE, MOST_SIDE))  # a large JPEG is unpacked small
            upright = ImageOps.exif_transpose(file)
            upright.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
            clear = upright.convert("RGBA")
            whole = Image.new("RGBA", clear.size, "white")
            whole.alpha_composite(clear)
    except Refused:
        raise
    except Exception as error:  # a broken file can fail anywhere in any reader
        raise Refused("This file is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.") from error
    if min(whole.size) < SMALLEST_SIDE:
        raise Refused(f"This picture is {whole.width} x {whole.height} px: too small to show anything. Choose another.")
    return np.asarray(whole.convert("RGB"))


def take_in_scene(scene: Scene) -> str:
    """The name of a scene that a user composed."""
    name = "scene-" + hashlib.sha256(repr(scene).encode()).hexdigest()[:24]
    _keep(name, Picture(name, scene.name or "Your scene", scene))
    return name


def _keep(name: str, value: np.ndarray | Picture) -> None:
    global _bytes
    with _lock:
        if name in _kept:
            return
        _kept[name] = value
        _bytes += _size(value)
        while _bytes > KEPT_BYTES and len(_kept) > 1:
            _bytes -= _size(_kept.popitem(last=False)[1])


def _size(value: np.ndarray | Picture) -> int:
    return value.nbytes if isinstance(value, np.ndarray) else 2_000


def _found(name: str) -> np.ndarray | Picture:
    if name in gallery():
        return gallery()[name]
    with _lock:
        if name in _kept:
            _kept.move_to_end(name)
            return _kept[name]
    raise Refused("This picture is no longer here. Choose it again, or one of the gallery.")


def picture(name: str) -> np.ndarray:
    """uint8 [height, width, 3] of a picture of the gallery, or of one that was taken in; Refused when it is gone."""
    found = _found(name)
    return found if isinstance(found, np.ndarray) else pixels(found)


def true_mask(name: str) -> np.ndarray | None:
    """What share of each pixel emoji fill, float32 [height, width]; None where nobody knows."""
    found = _found(name)
    return None if isinstance(found, np.ndarray) else mask(found)
