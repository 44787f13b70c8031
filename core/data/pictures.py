"""Pictures that users bring, by the hash of what they brought: read once, made upright and small, bounded in memory."""

from __future__ import annotations

import hashlib
import io
import os
from typing import TYPE_CHECKING

import numpy as np

from core.cache import Cache
from core.data.gallery import Picture, gallery, mask, pixels, plain
from core.data.scenes import Scene
from core.types import Refused

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 25_000_000  # of a file
MOST_PIXELS = 60_000_000  # that are unpacked
MOST_SIDE = 1_024  # px; larger pictures are made smaller: no model here reads more
SIDE_OF_MANY = 512  # px, of one among hundreds, which is kept as a JPEG: some 60 kB each, 2,000 in half of the room
SMALLEST_SIDE = 8  # px
VIEW = "view:"  # begins the name of a changed picture
KEPT_BYTES = int(os.environ.get("GAZE_PICTURE_BYTES", 256_000_000))

#: What visitors brought: it cannot be made again, so it has a budget of its own.
STORE = Cache(KEPT_BYTES)


def add_picture(data: bytes, *, many: bool = False) -> str:
    """The name of a picture from its file's bytes; Refused when it is too large or no picture.

    many: it is one of hundreds, and is kept smaller (a JPEG of at most 512 px).
    """
    if len(data) > MOST_BYTES:
        raise Refused(
            f"This file has {len(data) / 1e6:,.0f} MB; Gaze reads pictures up to {MOST_BYTES / 1e6:.0f} MB. "
            "Make it smaller."
        )
    name = ("many-" if many else "own-") + hashlib.sha256(data).hexdigest()[:24]
    if STORE.find(name) is None:
        STORE.put(name, _packed(read(data, SIDE_OF_MANY)) if many else read(data))
    return name


def _packed(pixels: np.ndarray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=92)
    return file.getvalue()


def read(data: bytes, side: int = MOST_SIDE) -> np.ndarray:
    """uint8 [height, width, 3]: the first frame, upright as the camera held it, transparent parts on white.

    side: the longest, in px; larger pictures are made smaller.
    """
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as file:
            if file.width * file.height > MOST_PIXELS:
                raise Refused(
                    f"This picture has {file.width:,} x {file.height:,} px; Gaze reads up to "
                    f"{MOST_PIXELS / 1e6:.0f} million. Make it smaller."
                )
            file.draft("RGB", (side, side))  # a large JPEG is unpacked small
            upright = ImageOps.exif_transpose(file)
            upright.thumbnail((side, side), Image.Resampling.LANCZOS)
            clear = in_eight_bits(upright).convert("RGBA")
            whole = Image.new("RGBA", clear.size, "white")
            whole.alpha_composite(clear)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused(
            f"This picture has more than the {MOST_PIXELS / 1e6:.0f} million pixels that Gaze reads. Make it smaller."
        ) from error
    except Exception as error:  # a broken file can fail anywhere in any reader
        raise Refused("This file is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.") from error
    if min(whole.size) < SMALLEST_SIDE:
        raise Refused(f"This picture is {whole.width} x {whole.height} px: too small to show anything. Choose another.")
    return np.asarray(whole.convert("RGB"))


def in_eight_bits(image: Image.Image) -> Image.Image:
    """The same shades of grey in 8 bits where there are more: Pillow itself would turn all but the darkest white."""
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        return image
    shades = np.asarray(image, dtype=np.float64)
    low, high = (0.0, 65_535.0) if image.mode != "F" else (float(shades.min()), float(shades.max()))
    return Image.fromarray((np.clip((shades - low) / ((high - low) or 1), 0, 1) * 255).round().astype(np.uint8))


def take_in_scene(scene: Scene) -> str:
    """The name of a scene that a user composed."""
    name = "scene-" + hashlib.sha256(repr(scene).encode()).hexdigest()[:24]
    STORE.put(name, Picture(name, scene.name or "Your scene", scene))
    return name


def _found(name: str) -> np.ndarray | Picture:
    if name in gallery():
        return gallery()[name]
    found = STORE.find(name)
    if found is not None:
        return read(found) if isinstance(found, bytes) else found
    if (alone := plain(name)) is not None:
        return alone
    if name.startswith(VIEW):
        return _view(name)
    raise Refused("This picture is no longer here. Choose it again, or one of the gallery.")


def view_name(name: str, changes: tuple[str, ...], seed: int, *, always: bool = False) -> str:
    """The name of a view of a picture: what core.augment makes of it; made again whenever it is asked for."""
    return f"{VIEW}{'always+' * always}{'+'.join(changes)}:{seed}:{name}"


def _view(name: str) -> np.ndarray:
    from core.data.augment import view

    said, seed, inner = name.removeprefix(VIEW).split(":", 2)
    changes = [change for change in said.split("+") if change]
    always = "always" in changes
    return view(picture(inner), [change for change in changes if change != "always"], int(seed), always=always)


def picture(name: str) -> np.ndarray:
    """uint8 [height, width, 3] of a picture of the gallery, or of one that was taken in; Refused when it is gone."""
    found = _found(name)
    return found if isinstance(found, np.ndarray) else pixels(found)


def true_mask(name: str) -> np.ndarray | None:
    """What share of each pixel emoji fill, float32 [height, width]; None where nobody knows."""
    found = _found(name)
    return None if isinstance(found, np.ndarray) else mask(found)


def display_name(name: str) -> str:
    """What a picture is called where it is chosen."""
    found = gallery().get(name) or plain(name)
    if found is not None:
        return found.title
    if name.startswith(VIEW):
        return display_name(name.split(":", 3)[3])
    return "Your scene" if name.startswith("scene-") else "Your picture"


def scene_of(name: str) -> Scene | None:
    """The scene that a picture was composed from; None for others, and for what is no longer here."""
    try:
        found = _found(name)
    except Refused:
        return None
    return found.scene if isinstance(found, Picture) else None
