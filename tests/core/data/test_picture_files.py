"""Pictures of more than 8 bits, of floats, of one channel, from telephones: the shades they have, the size they had."""

import importlib.util
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.data.picture_files import in_eight_bits, read_picture
from core.data.pictures import add_picture, described, picture
from core.types import Refused

RAMP = np.linspace(0, 1, 24 * 32).reshape(24, 32)


def file(pixels: np.ndarray, kind: str = "PNG", **more) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_the_bits_that_are_used_give_black_to_white(bits, kind):
    shades = (RAMP * (2**bits - 1)).round().astype(np.uint16)
    name = add_picture(file(shades, kind))
    found = picture(name)
    assert np.abs(found[..., 0] - RAMP * 255).max() <= 1.01
    said = f"32 × 24 px; {bits} of 16 bits used, {2**bits - 1:,} is white" if bits < 16 else "32 × 24 px"
    assert described(name) == said


def png_of_sixteen_bits(numbers: np.ndarray, more: bytes = b"") -> bytes:
    """numbers: [height, width, 2, 3 or 4]; Pillow writes no such file."""

    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    height, width, channels = numbers.shape
    head = struct.pack(">IIBBBBB", width, height, 16, {2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in numbers)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + more + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def tiff_of_sixteen_bits(numbers: np.ndarray) -> bytes:
    """numbers: [height, width, 3], one strip, not compressed, the low byte first."""
    height, width, _ = numbers.shape
    start = 10 + 12 * 9 + 4
    long, short = "<HHII", "<HHIHxx"
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, start), (259, 3, 1, 1), (262, 3, 1, 2),
            (273, 4, 1, start + 6), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, 6 * height * width)]  # fmt: skip
    entries = b"".join(struct.pack(short if tag[1:3] == (3, 1) else long, *tag) for tag in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0)
    return head + struct.pack("<3H", 16, 16, 16) + numbers.astype("<u2").tobytes()


COLOURS = np.stack([RAMP, RAMP[::-1], RAMP[:, ::-1] / 2], axis=-1)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("write", [png_of_sixteen_bits, tiff_of_sixteen_bits])
def test_colours_of_sixteen_bits_of_which_few_are_used(bits, write):
    numbers = (COLOURS * (2**bits - 1)).round().astype(np.uint16)
    found = read_picture(write(numbers), 1_024)
    assert np.abs(found.pixels - COLOURS * 255).max() <= 1.01
    assert found.remark == (f"{bits} of 16 bits used, {2**bits - 1:,} is white" if bits < 16 else "")


@pytest.mark.parametrize("opaque", [65_535, 4_095])
@pytest.mark.parametrize("colours", [COLOURS, RAMP[..., None]], ids=["colours", "grey"])
def test_twelve_bits_with_a_channel_of_opacity(opaque, colours):
    """Opacity has all 16 bits in the files of some programs, as many as the colours in those of others."""
    numbers = np.concatenate([colours * 4_095, np.full((24, 32, 1), opaque)], axis=-1).round().astype(np.uint16)
    numbers[0, 0, -1] = 0
    found = read_picture(png_of_sixteen_bits(numbers), 1_024)
    assert (found.pixels[0, 0] == 255).all()
    assert np.abs(found.pixels[1:] - colours[1:] * 255).max() <= 1.01


def test_a_picture_of_twelve_bits_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    content = exif.tobytes()[6:]  # without its name, which PNG does not write
    turned = struct.pack(">I", len(content)) + b"eXIf" + content + struct.pack(">I", zlib.crc32(b"eXIf" + content))
    found = read_picture(png_of_sixteen_bits((COLOURS * 4_095).round().astype(np.uint16), turned), 1_024)
    assert found.size == (24, 32) and found.pixels.shape == (32, 24, 3)
    assert np.abs(found.pixels - np.rot90(COLOURS, -1) * 255).max() <= 1.01


def test_a_dim_picture_of_twelve_bits_stays_dim():
    found = picture(add_picture(file((RAMP * 2_047).round().astype(np.uint16))))
    assert found.max() == round(255 * 2_047 / 4_095)


def test_numbers_below_zero_go_from_the_least_to_the_greatest():
    found = read_picture(file((RAMP * 3_000 - 1_000).astype(np.int32), "TIFF"), 1_024)
    assert found.pixels.min() == 0 and found.pixels.max() == 255
    assert found.remark == "from -1e+03, black, to 2e+03, white"


def test_floats_with_holes_are_shown_and_the_holes_are_white_and_counted():
    values = (RAMP * 4 - 1).astype(np.float32)
    values[:3, :5] = np.nan
    values[5, 5] = np.inf
    found = read_picture(file(values, "TIFF"), 1_024)
    assert (found.pixels[:3, :5] == 255).all() and (found.pixels[5, 5] == 255).all()
    assert found.pixels[3:].min() < 40 and found.pixels[-1, -1, 0] == 255
    assert found.remark.endswith("; 16 pixels without a number are white")
    with pytest.raises(Refused, match="every pixel is NaN"):
        read_picture(file(np.full((20, 20), np.nan, np.float32), "TIFF"), 1_024)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("CMYK", "TIFF"), ("YCbCr", "TIFF")],
)
def test_every_kind_of_channels_is_shown(mode, kind):
    out = io.BytesIO()
    given = Image.fromarray((RAMP * 255).astype(np.uint8))
    (given if mode in ("1", "L", "LA") else given.convert("RGB")).convert(mode).save(out, kind)
    found = read_picture(out.getvalue(), 1_024).pixels
    assert found.shape == (24, 32, 3) and found[-1, -1].min() > 240 and found[0, 0].max() < 15


def test_the_true_size_is_that_of_the_file_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.zeros((1_500, 3_000, 3), np.uint8)
    name = add_picture(file(pixels, "JPEG", exif=exif))
    assert picture(name).shape == (1_024, 512, 3) and described(name) == "1,500 × 3,000 px"
    many = add_picture(file(pixels), many=True)
    assert picture(many).shape == (256, 512, 3) and described(many) == "3,000 × 1,500 px"
    assert described("cat-and-dog") == "" and described("own-nobody") == ""


def test_heic_is_read_where_its_reader_is_installed_and_truly_refused_elsewhere():
    if importlib.util.find_spec("pillow_heif"):
        import pillow_heif

        out = io.BytesIO()
        pillow_heif.from_pillow(Image.new("RGB", (64, 48), "white")).save(out)
        found = read_picture(out.getvalue(), 1_024)
        assert found.size == (64, 48) and found.pixels.min() > 240
        return
    with pytest.raises(Refused, match="pip install pillow-heif"):
        read_picture(b"\0\0\0\x18ftypheic" + b"\0" * 40, 1_024)


def test_eight_bits_stay_as_they_are():
    image = Image.fromarray((RAMP * 100).astype(np.uint8))
    assert in_eight_bits(image) == (image, "")
