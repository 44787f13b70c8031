"""Patches of two pictures and how alike they are as a message for the browser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.pictures import picture
from core.types import Patches, Refused
from ui.components.message import pack
from ui.components.patches.message import as_jpeg

MOST_BYTES = 2_000_000  # of all three maps
STEPS = 255  # of a value from the least to the greatest


@dataclass(frozen=True, slots=True, eq=False)
class AlikeMaps:
    """What every patch of the first picture is beside all patches; [patch of the first picture, patch]."""

    own: np.ndarray  # cosines within the first picture
    other: np.ndarray  # cosines with the second picture
    attention: np.ndarray  # weights within the first picture, heads averaged
    layer: str  # in words


def pack_alike(images: tuple[str, str], grids: tuple[Patches, Patches], maps: AlikeMaps, height: int) -> bytes:
    """The browser's message. Refused: more patches than it holds."""
    if sum(one.size for one in (maps.own, maps.other, maps.attention)) > MOST_BYTES:
        counts = " and ".join(f"{grid.rows * grid.columns:,}" for grid in grids)
        raise Refused(f"These pictures have {counts} patches, too many to compare. Choose the shape of the model.")
    low = float(min(maps.own.min(), maps.other.min()))
    most = float(maps.attention.max()) or 1.0
    arrays, sides = {}, []
    for place, (image, grid) in enumerate(zip(images, grids, strict=True)):
        jpeg, wide, high = as_jpeg(picture(image))
        arrays[f"picture {place}"] = np.frombuffer(jpeg, np.uint8)
        box = [grid.left, grid.top, grid.width, grid.height]
        sides.append({"size": [wide, high], "grid": [grid.rows, grid.columns], "box": box})
    arrays |= {"own": coded(maps.own, low, 1.0), "other": coded(maps.other, low, 1.0)}
    arrays["attention"] = coded(maps.attention, 0.0, most)
    header = {"sides": sides, "low": low, "most": most, "layer": maps.layer, "height": height}
    return pack(header, arrays)


def coded(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values from low to high as 0 to STEPS."""
    return np.rint(np.clip((values - low) / max(high - low, 1e-9), 0, 1) * STEPS).astype(np.uint8)
