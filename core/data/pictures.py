"""Pictures that users bring, by the hash of what they brought: read once, made upright and small, bounded in memory."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import numpy as np

from core.cache import Cache
from core.data.gallery import Picture, gallery, mask, pixels, plain
from core.data.picture_files import MOST_PIXELS, Brought, as_jpeg, read_picture
from core.data.scenes import Scene
from core.public import uploaded
from core.types import Refused

MOST_BYTES = 25_000_000  # of a file
MOST_SIDE = 1_024  # px; larger pictures are made smaller: no model here reads more
SIDE_OF_MANY = 512  # px, of one among hundreds, which is kept as a JPEG: some 60 kB each, 2,000 in half of the room
VIEW = "view:"  # begins the name of a changed picture
KEPT_BYTES = int(os.environ.get("GAZE_PICTURE_BYTES", 256_000_000))

#: What visitors brought: it cannot be made again, so it has a budget of its own.
STORE = Cache(KEPT_BYTES)


def add_picture(data: bytes, *, many: bool = False) -> str:
    """The name of a picture from its file's bytes; Refused when it is too large or no picture.

    many: it is one of hundreds, and is kept smaller (a JPEG of at most 512 px).
    """
    most = uploaded(MOST_BYTES)
    if len(data) > most:
        raise Refused(
            f"This file has {len(data) / 1e6:,.0f} MB; Gaze reads pictures up to {most / 1e6:.0f} MB. Make it smaller."
        )
    name = ("many-" if many else "own-") + hashlib.sha256(data).hexdigest()[:24]
    if STORE.find(name) is None:
        found = read_picture(data, SIDE_OF_MANY if many else MOST_SIDE, MOST_PIXELS)
        STORE.put(name, replace(found, pixels=as_jpeg(_pixels(found))) if many else found)
    return name


def is_kept(name: str) -> bool:
    """Whether a picture that somebody brought is still here."""
    return STORE.find(name) is not None


def read(data: bytes, side: int = MOST_SIDE) -> np.ndarray:
    """uint8 [height, width, 3]: the first frame, upright, transparent parts on white, no side longer than `side`."""
    return _pixels(read_picture(data, side, MOST_PIXELS))


def _pixels(brought: Brought) -> np.ndarray:
    if isinstance(brought.pixels, bytes):
        return _pixels(read_picture(brought.pixels, MOST_SIDE))
    return brought.pixels


def described(name: str) -> str:
    """The true size of a picture that somebody brought, and how its numbers became shades; '' for all others."""
    found = STORE.find(name)
    if not isinstance(found, Brought):
        return ""
    width, height = found.size
    return f"{width:,} × {height:,} px" + (f"; {found.remark}" if found.remark else "")


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
        return _pixels(found) if isinstance(found, Brought) else found
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
