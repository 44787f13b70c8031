"""A picture's file as pixels: upright, small, 8 bits a colour, and what was done to it on the way."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.types import Refused

if TYPE_CHECKING:
    from PIL import Image, ImageFile

MOST_PIXELS = 60_000_000  # that are unpacked
SMALLEST_SIDE = 8  # px
DEPTHS = (8, 10, 12, 14, 16)  # bits of cameras and scanners
TURNED = (5, 6, 7, 8)  # orientations of a camera on its side
#: How Pillow calls 16 bits a colour, of which it reads the upper 8 -> the form in which it reads the lower 8 of them.
LOWER = {f"{mode};16{order}": f"{mode};16{other}" for mode in ("RGB", "RGBA") for order, other in ("BL", "LB")}
LOWER |= {f"{mode};16N": f"{mode};16{'B' if sys.byteorder == 'little' else 'L'}" for mode in ("RGB", "RGBA")}
GREY = "LA;16B"  # and opacity
LOWER[GREY] = "RGBA"
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
            size, raw = file.size, raw_mode(file)  # asking for its orientation reads a PNG whole
            if size[0] * size[1] > most:
                raise Refused(
                    f"This picture has {size[0]:,} x {size[1]:,} px; Gaze reads up to "
                    f"{most / 1e6:.0f} million. Make it smaller."
                )
            if file.getexif().get(0x0112) in TURNED:
                size = size[::-1]
            file.draft("RGB", (side, side))  # a large JPEG is unpacked small
            clear, remark = in_eight_bits(ImageOps.exif_transpose(in_few_bits(data, file, raw)))
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


def in_few_bits(data: bytes, file: ImageFile.ImageFile, raw: str) -> Image.Image:
    """Colours of 16 bits of which 14 or fewer are used, with all that are; any other picture as Pillow reads it.

    Its upper 8 bits alone, which is what Pillow reads, would be dark, or black. What was found stands in info["bits"].
    raw: its raw_mode.
    """
    from PIL import Image

    if raw not in LOWER:
        return file
    upper = np.asarray(file)
    if upper[..., :3].max() >= 2 ** (DEPTHS[-2] - 8):
        return file
    with Image.open(io.BytesIO(data)) as again:
        again.tile = [tile._replace(args=lower_args(tile.args)) for tile in again.tile]
        lower = np.asarray(again)
    if raw == GREY:  # its four bytes a pixel were read as four channels: grey, then how opaque
        upper, lower = lower[..., [0, 0, 0, 2]], lower[..., [1, 1, 1, 3]]
    whole = upper.astype(np.uint16) << 8 | lower
    bits = next(depth for depth in DEPTHS if whole[..., :3].max() < 2**depth)
    shades = (np.arange(2**bits) / (2**bits - 1) * 255).round().astype(np.uint8)
    parts = [shades[whole[..., :3]]]
    if upper.shape[2] == 4:  # how opaque it is may use all bits where colours do not
        parts.append(upper[..., 3:] if whole[..., 3].max() >= 2**bits else shades[whole[..., 3:]])
    scaled = Image.fromarray(np.concatenate(parts, axis=2))
    scaled.info = {"exif": file.getexif().tobytes(), "bits": bits}
    return scaled


def raw_mode(file: ImageFile.ImageFile) -> str:
    """How Pillow calls the form of the numbers in a file, before it has read them."""
    args = file.tile[0].args if file.tile else ""
    return str(args[0] if isinstance(args, tuple) and args else args)


def lower_args(args: Any) -> Any:
    """What tells a reader of Pillow to take the lower 8 of 16 bits."""
    return LOWER[args] if isinstance(args, str) else (LOWER[args[0]], *args[1:])


def in_eight_bits(image: Image.Image) -> tuple[Image.Image, str]:
    """The same shades of grey in 8 bits where there are more, and which of them became white.

    Whole numbers from 0: white is the greatest number of the fewest bits (8, 10, 12, 14 or 16) that hold them all.
    Other numbers: from the least, black, to the greatest, white; what is no number is transparent.
    """
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        return image, said(image.info["bits"]) if "bits" in image.info else ""
    shades = np.asarray(image).astype(np.float64)
    there = np.isfinite(shades)
    if not there.any():
        raise Refused("This picture holds no numbers: every pixel is NaN. Choose another.")
    low, high = float(shades[there].min()), float(shades[there].max())
    bits = next((depth for depth in DEPTHS if high < 2**depth), 0)
    if image.mode != "F" and low >= 0 and bits:
        low, high = 0.0, 2.0**bits - 1
        remark = said(bits)
    else:
        remark = f"from {low:.3g}, black, to {high:.3g}, white"
    scaled = (np.clip((np.where(there, shades, low) - low) / ((high - low) or 1), 0, 1) * 255).round().astype(np.uint8)
    if there.all():
        return Image.fromarray(scaled), remark
    clear = Image.merge("LA", [Image.fromarray(scaled), Image.fromarray((there * 255).astype(np.uint8))])
    return clear, f"{remark}; {int((~there).sum()):,} pixels without a number are white"


def said(bits: int) -> str:
    """Which numbers became white, where not all bits are used."""
    return f"{bits} of 16 bits used, {2**bits - 1:,} is white" if bits < 16 else ""


def as_jpeg(pixels: np.ndarray) -> bytes:
    """A picture as a JPEG, some 60 kB of 512 px."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=92)
    return file.getvalue()
