"""The gallery of the picture pages: composed scenes, whose true masks are known, and a few free photographs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.data.scenes import ASSETS, Background, Placed, Scene, compose, emoji, places
from core.types import Refused

SCENES = ASSETS / "lessons" / "scenes.json"
PHOTOGRAPHS = ASSETS / "pictures" / "photographs.json"
PLAIN = "emoji-"  # begins the name of an emoji's plain picture
WHITE = Background(first=(1.0, 1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the gallery: a scene, or the file of a photograph."""

    name: str  # in addresses
    title: str
    scene: Scene | None = None
    file: str = ""  # in assets/pictures
    licence: str = ""
    attribution: str = ""


@lru_cache(maxsize=1)
def gallery() -> dict[str, Picture]:
    """All pictures by name, scenes first."""
    scenes = {one["name"]: Picture(one["name"], one["title"], scene_from(one)) for one in _read(SCENES)}
    return scenes | {one["name"]: Picture(**one) for one in _read(PHOTOGRAPHS)}


def plain_names() -> tuple[str, ...]:
    """Names of all emoji's plain pictures, in the order of the table."""
    return tuple(PLAIN + one.key for one in emoji())


def plain(name: str) -> Picture | None:
    """An emoji alone on white, by PLAIN and its key; None for any other name."""
    key = name.removeprefix(PLAIN)
    if key == name or key not in places():
        return None
    return Picture(name, emoji()[places()[key]].names["en"], Scene((Placed(key, size=0.9),), WHITE))


def _read(path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))


def scene_from(said: dict) -> Scene:
    """A Scene from plain JSON values; Refused when a field has the wrong form."""
    try:
        behind = dict(said.get("background", {}))
        for side in ("first", "second"):
            if side in behind:
                red, green, blue = (float(value) for value in behind[side])
                behind[side] = (red, green, blue)
        placed = tuple(Placed(**one) for one in said["placed"])
        size = {side: int(said[side]) for side in ("width", "height") if side in said}
        return Scene(placed, Background(**behind), name=str(said.get("name", "")), **size)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"This scene cannot be read: {error}. Compose it again.") from error


def pixels(picture: Picture) -> np.ndarray:
    """The picture as uint8 [height, width, 3]."""
    if picture.scene is not None:
        drawn = compose([picture.scene]).pictures[0]
        return (drawn * 255).round().byte().permute(1, 2, 0).numpy()
    from PIL import Image

    with Image.open(ASSETS / "pictures" / picture.file) as file:
        return np.asarray(file.convert("RGB"))


def mask(picture: Picture) -> np.ndarray | None:
    """What share of each pixel emoji fill, float32 [height, width]; None for a photograph, where nobody knows."""
    if picture.scene is None:
        return None
    return compose([picture.scene]).masks[0].sum(0).clamp(0, 1).numpy()
