"""A picture's file as pixels: upright, small, 8 bits a colour, and what was done to it on the way."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.types import Refused

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 60_000_000  # that are unpacked
SMALLEST_SIDE = 8  # px
DEPTHS = (8, 10, 12, 14, 16)  # bits of cameras and scanners
TURNED = (5, 6, 7, 8)  # orientations of a camera on its side
HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """A picture that somebody brought."""

    pixels: np.ndarray | bytes  # uint8 [height, width, 3], or a JPEG of it
    size: tuple[int, int]  # width and height of the file's picture, upright
    remark: str = ""  # how its numbers became shades


def read_picture(data: bytes, side: int, most: int = MOST_PIXELS) -> Brought:
    """The first frame, upright as the camera held it, transparent parts on white.

    side: the longest, in px; larger pictures are made smaller. Refused: more than `most` pixels, or no picture.
    """
    from PIL import Image, ImageOps

    heic_opener(data)
    try:
        with Image.open(io.BytesIO(data)) as file:
            size = file.size
            if size[0] * size[1] > most:
                raise Refused(
                    f"This picture has {size[0]:,} x {size[1]:,} px; Gaze reads up to "
                    f"{most / 1e6:.0f} million. Make it smaller."
                )
            if file.getexif().get(0x0112) in TURNED:
                size = size[::-1]
            file.draft("RGB", (side, side))  # a large JPEG is unpacked small
            clear, remark = in_eight_bits(ImageOps.exif_transpose(file))
            clear.thumbnail((side, side), Image.Resampling.LANCZOS)
            clear = clear.convert("RGBA")
            whole = Image.new("RGBA", clear.size, "white")
            whole.alpha_composite(clear)
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused(
            f"This picture has more than the {most / 1e6:.0f} million pixels that Gaze reads. Make it smaller."
        ) from error
    except Exception as error:  # a broken file can fail anywhere in any reader
        raise Refused("This file is no picture that can be read. Choose a PNG, JPEG, WebP or GIF.") from error
    if min(whole.size) < SMALLEST_SIDE:
        raise Refused(f"This picture is {whole.width} x {whole.height} px: too small to show anything. Choose another.")
    return Brought(np.asarray(whole.convert("RGB")), size, remark)


def heic_opener(data: bytes) -> None:
    """Have Pillow read HEIC where pillow-heif is installed; Refused where a file needs it and it is not."""
    if data[4:8] != b"ftyp" or data[8:12] not in HEIC:
        return
    try:
        import pillow_heif
    except ImportError as error:
        raise Refused(
            "HEIC pictures are read where pillow-heif is installed: pip install pillow-heif. Or save this one as JPEG."
        ) from error
    pillow_heif.register_heif_opener()


def in_eight_bits(image: Image.Image) -> tuple[Image.Image, str]:
    """The same shades of grey in 8 bits where there are more, and which of them became white.

    Whole numbers from 0: white is the greatest number of the fewest bits (8, 10, 12, 14 or 16) that hold them all.
    Other numbers: from the least, black, to the greatest, white; what is no number is transparent.
    """
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        return image, ""
    shades = np.asarray(image).astype(np.float64)
    there = np.isfinite(shades)
    if not there.any():
        raise Refused("This picture holds no numbers: every pixel is NaN. Choose another.")
    low, high = float(shades[there].min()), float(shades[there].max())
    bits = next((depth for depth in DEPTHS if high < 2**depth), 0)
    if image.mode != "F" and low >= 0 and bits:
        low, high = 0.0, 2.0**bits - 1
        remark = f"{bits} of 16 bits used, {high:,.0f} is white" if bits < 16 else ""
    else:
        remark = f"from {low:.3g}, black, to {high:.3g}, white"
    scaled = (np.clip((np.where(there, shades, low) - low) / ((high - low) or 1), 0, 1) * 255).round().astype(np.uint8)
    if there.all():
        return Image.fromarray(scaled), remark
    clear = Image.merge("LA", [Image.fromarray(scaled), Image.fromarray((there * 255).astype(np.uint8))])
    return clear, f"{remark}; {int((~there).sum()):,} pixels without a number are white"


def as_jpeg(pixels: np.ndarray) -> bytes:
    """A picture as a JPEG, some 60 kB of 512 px."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=92)
    return file.getvalue()
