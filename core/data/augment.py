"""Views of a picture as SimCLR makes them: cut, mirrored, recoloured, blurred, noisy; the same seed, the same view."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from core.types import Refused

SMALLEST_CUT, LARGEST_CUT = 0.25, 0.8  # of the area (Chen et al. 2020, appendix A cut from 0.08 on: too small here)
COLOUR = 0.4  # how far brightness, contrast and saturation go from 1
HUE = 24  # degrees either way, of 255 a turn
NOISE = 0.12  # standard deviation, of 1
WIDEST_BLUR = 0.05  # of the shorter side

#: How often a change is made in a view; the others are always made, more or less strongly.
OFTEN = {"flip": 0.5, "grey": 0.5}

Change = Callable[[Image.Image, random.Random], Image.Image]


def cut(image: Image.Image, chance: random.Random) -> Image.Image:
    """A part of the picture, blown up to its size."""
    share = chance.uniform(SMALLEST_CUT, LARGEST_CUT) ** 0.5
    width, height = max(1, round(share * image.width)), max(1, round(share * image.height))
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    return image.resize(image.size, Image.Resampling.BICUBIC, box=(left, top, left + width, top + height))


def flip(image: Image.Image, _chance: random.Random) -> Image.Image:
    """Mirrored."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def colour(image: Image.Image, chance: random.Random) -> Image.Image:
    """Brightness, contrast, saturation and hue."""
    for kind in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = kind(image).enhance(chance.uniform(1 - COLOUR, 1 + COLOUR))
    hue, saturation, value = image.convert("HSV").split()
    turn = chance.randint(-HUE, HUE)
    return Image.merge("HSV", (hue.point(lambda h: (h + turn) % 256), saturation, value)).convert("RGB")


def grey(image: Image.Image, _chance: random.Random) -> Image.Image:
    """Without colour."""
    return image.convert("L").convert("RGB")


def blur(image: Image.Image, chance: random.Random) -> Image.Image:
    """Gaussian, up to a twentieth of the shorter side."""
    return image.filter(ImageFilter.GaussianBlur(chance.uniform(0.4, 1) * WIDEST_BLUR * min(image.size)))


def noise(image: Image.Image, chance: random.Random) -> Image.Image:
    """Normal noise on every pixel and colour."""
    added = np.random.default_rng(chance.randrange(1 << 30)).normal(0, 255 * NOISE, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + added, 0, 255).round().astype(np.uint8))


#: In the order in which they are made.
CHANGES: dict[str, Change] = {"crop": cut, "flip": flip, "colour": colour, "grey": grey, "blur": blur, "noise": noise}


def view(pixels: np.ndarray, changes: Sequence[str], seed: int, *, always: bool = False) -> np.ndarray:
    """One view, uint8 [height, width, 3], of a picture of that shape; without a change, the picture itself.

    always: what is made by the toss of a coin is made in any case.
    """
    unknown = [name for name in changes if name not in CHANGES]
    if unknown:
        raise Refused(f"There is no augmentation {unknown[0]!r}: choose {', '.join(CHANGES)}.")
    image = Image.fromarray(pixels)
    for place, (name, change) in enumerate(CHANGES.items()):
        chance = random.Random(1_000 * seed + place)  # of its own: one more change leaves the others as they were
        if name in changes and (chance.random() < OFTEN.get(name, 1) or always):
            image = change(image, chance)
    return np.asarray(image)
