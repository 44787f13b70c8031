"""Scenes: emoji on a background made by code, and for each of them the pixels where it is seen.

One compositor serves training, the gallery and whoever composes a scene in the page: what a model was trained on is
what it is shown, and the true mask is always known.
"""

from __future__ import annotations

import json
import lzma
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from core.types import Refused

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SHEET, NAMES = ASSETS / "emoji" / "sheet.webp", ASSETS / "emoji" / "names.jsonl.xz"
SPRITE = 64  # px, of each picture in the sheet
COLUMNS = 40  # pictures in a row of the sheet
MOST_PLACED = 12
MOST_PIXELS = 1_024  # a side of a scene
BACKGROUNDS = ("plain", "gradient", "stripes", "checks", "noise")

Colour = tuple[float, float, float]  # red, green, blue, 0 to 1


@dataclass(frozen=True, slots=True)
class Emoji:
    """One emoji as shipped; its picture is the one at its place in the table."""

    key: str
    sign: str
    group: str
    subgroup: str
    names: dict[str, str]  # by language
    keywords: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Placed:
    """An emoji in a scene; later ones cover earlier ones."""

    key: str
    x: float = 0.5  # of its centre, as a share of the width
    y: float = 0.5  # as a share of the height
    size: float = 0.6  # as a share of the shorter side
    turn: float = 0.0  # degrees, clockwise
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class Background:
    """What is behind: two colours and how they meet."""

    kind: str = "plain"
    first: Colour = (0.93, 0.93, 0.9)
    second: Colour = (0.7, 0.75, 0.8)
    turn: float = 0.0  # degrees, of a gradient, stripes or checks
    waves: float = 4.0  # stripes or checks across the picture
    seed: int = 0  # of the noise


@dataclass(frozen=True, slots=True)
class Scene:
    """What is to be composed."""

    placed: tuple[Placed, ...]
    background: Background = Background()
    width: int = 64  # px
    height: int = 64
    name: str = ""

    def __post_init__(self) -> None:
        if not (8 <= self.width <= MOST_PIXELS and 8 <= self.height <= MOST_PIXELS):
            raise Refused(f"A scene of {self.width} x {self.height} px: choose sides from 8 to {MOST_PIXELS:,} px.")
        if len(self.placed) > MOST_PLACED:
            raise Refused(f"{len(self.placed)} emoji in a scene: place up to {MOST_PLACED}.")
        if self.background.kind not in BACKGROUNDS:
            raise Refused(f"Background {self.background.kind!r} is unknown: choose one of {', '.join(BACKGROUNDS)}.")
        for one in self.placed:
            if not all(map(math.isfinite, (one.x, one.y, one.size, one.turn))) or not 0.02 <= one.size <= 4:
                raise Refused(f"{one.key} at a size of {one.size:g}: choose 0.02 to 4 times the shorter side.")


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """Pictures and what is seen in them."""

    pictures: torch.Tensor  # [scene, 3, height, width], 0 to 1
    masks: torch.Tensor  # [scene, emoji, height, width]: the share of each pixel that the emoji fills, covered parts 0


@lru_cache(maxsize=1)
def emoji() -> tuple[Emoji, ...]:
    """All emoji, in the order of the sheet."""
    return tuple(read_names(NAMES))


def read_names(path: Path) -> list[Emoji]:
    """The table of names: one JSON object a line, compressed."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Emoji(r["key"], r["emoji"], r["group"], r["subgroup"], r["names"], r["keywords"]) for r in rows]


@lru_cache(maxsize=1)
def places() -> dict[str, int]:
    """Key -> its place in the table and in the sheet."""
    return {one.key: place for place, one in enumerate(emoji())}


@lru_cache(maxsize=1)
def sprites() -> torch.Tensor:
    """All pictures, uint8 [emoji, 4, 64, 64]: red, green and blue multiplied by opacity, and opacity."""
    from PIL import Image

    with Image.open(SHEET) as sheet:
        pixels = np.asarray(sheet.convert("RGBA"))
    rows = pixels.shape[0] // SPRITE
    cells = pixels.reshape(rows, SPRITE, COLUMNS, SPRITE, 4).transpose(0, 2, 4, 1, 3).reshape(-1, 4, SPRITE, SPRITE)
    cells = cells[: len(emoji())].copy()
    for start in range(0, len(cells), 128):  # a block at a time, to need little memory
        block = cells[start : start + 128]
        block[:, :3] = (block[:, :3].astype(np.uint16) * block[:, 3:] + 127) // 255
    return torch.from_numpy(cells)


def compose(scenes: Sequence[Scene]) -> Composed:
    """Draw scenes of one size; Refused for an unknown key or for sizes that differ."""
    height, width = scenes[0].height, scenes[0].width
    if any((s.height, s.width) != (height, width) for s in scenes):
        raise Refused("These scenes differ in size: compose those of one size together.")
    most = max(1, *(len(s.placed) for s in scenes)) if len(scenes) > 1 else max(1, len(scenes[0].placed))
    pictures = backgrounds([s.background for s in scenes], height, width)
    drawn = _drawn(scenes, most, height, width)
    masks = torch.zeros(len(scenes), most, height, width)
    for place in range(most):
        opacity = drawn[:, place, 3:]
        pictures = pictures * (1 - opacity) + drawn[:, place, :3]
        masks[:, :place] *= 1 - opacity
        masks[:, place] = opacity[:, 0]
    return Composed(pictures.clamp_(0, 1), masks)


def _drawn(scenes: Sequence[Scene], most: int, height: int, width: int) -> torch.Tensor:
    """Every placed emoji alone, [scene, place, 4, height, width], with multiplied colours."""
    where, numbers = torch.zeros(len(scenes), most, 6), []
    short = min(height, width)
    for row, scene in enumerate(scenes):
        for place, one in enumerate(scene.placed):
            if one.key not in places():
                raise Refused(f"There is no emoji {one.key!r}: choose one of the {len(emoji()):,} in the list.")
            numbers.append((row, place, places()[one.key]))
            angle, side = math.radians(one.turn), one.size * short / 2
            flip = -1.0 if one.flipped else 1.0
            where[row, place] = torch.tensor(
                [one.x * width, one.y * height, math.cos(angle) / side, math.sin(angle) / side, flip, 1]
            )
    drawn = torch.zeros(len(scenes), most, 4, height, width)
    if not numbers:
        return drawn
    rows, spots, keys = (torch.tensor(n) for n in zip(*numbers, strict=True))
    x, y, cosine, sine, flips, _ = where[rows, spots].unbind(1)
    right = torch.arange(width) + 0.5 - x[:, None]  # [placed, width]
    down = torch.arange(height) + 0.5 - y[:, None]
    across = right[:, None] * cosine[:, None, None] + down[:, :, None] * sine[:, None, None]
    along = down[:, :, None] * cosine[:, None, None] - right[:, None] * sine[:, None, None]
    grid = torch.stack([across * flips[:, None, None], along], dim=-1)  # places in the sprite, -1 to 1
    chosen = sprites()[keys].float() / 255
    drawn[rows, spots] = torch.nn.functional.grid_sample(chosen, grid, align_corners=False)
    return drawn


def backgrounds(some: Sequence[Background], height: int, width: int) -> torch.Tensor:
    """[background, 3, height, width]."""
    turn = torch.tensor([math.radians(b.turn) for b in some])[:, None, None]
    waves = torch.tensor([b.waves for b in some])[:, None, None]
    across = torch.linspace(-0.5, 0.5, width)[None, None]
    down = torch.linspace(-0.5, 0.5, height)[None, :, None]
    u, v = across * turn.cos() + down * turn.sin(), down * turn.cos() - across * turn.sin()
    share = torch.zeros(len(some), height, width)
    kinds = [b.kind for b in some]

    def rows(kind: str) -> list[int]:
        return [i for i, k in enumerate(kinds) if k == kind]

    if chosen := rows("gradient"):
        share[chosen] = (u[chosen] * 0.8 + 0.5).clamp(0, 1)
    if chosen := rows("stripes"):
        share[chosen] = (torch.sin(2 * math.pi * waves[chosen] * u[chosen]) > 0).float()
    if chosen := rows("checks"):
        both = torch.sin(math.pi * waves[chosen] * u[chosen]) * torch.sin(math.pi * waves[chosen] * v[chosen])
        share[chosen] = (both > 0).float()
    for i in rows("noise"):
        coarse = torch.rand(1, 1, 7, 7, generator=torch.Generator().manual_seed(some[i].seed))
        share[i] = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=True)[0, 0]
    first, second = (torch.tensor([getattr(b, side) for b in some])[:, :, None, None] for side in ("first", "second"))
    return first * (1 - share[:, None]) + second * share[:, None]


def random_background(chooser: random.Random) -> Background:
    def colour() -> Colour:
        return chooser.random(), chooser.random(), chooser.random()

    return Background(
        kind=chooser.choice(BACKGROUNDS),
        first=colour(),
        second=colour(),
        turn=chooser.uniform(0, 360),
        waves=chooser.uniform(2, 8),
        seed=chooser.randrange(1 << 30),
    )


def random_scene(chooser: random.Random, keys: Sequence[str], count: int, width: int = 64, height: int = 64) -> Scene:
    """`count` (1 to 3) emoji at random places, sizes and turns, apart from each other where there is room."""
    smallest, largest = ((0.45, 0.95), (0.35, 0.6), (0.3, 0.48))[count - 1]
    placed: list[Placed] = []
    for _ in range(count):
        size = chooser.uniform(smallest, largest)
        for _attempt in range(12):
            x, y = (chooser.uniform(0.45 * size, 1 - 0.45 * size) for _ in range(2))
            if all(math.hypot(x - p.x, y - p.y) > 0.4 * (size + p.size) for p in placed):
                break
        placed.append(Placed(chooser.choice(keys), x, y, size, turn=chooser.uniform(-40, 40)))
    return Scene(tuple(placed), random_background(chooser), width, height)
