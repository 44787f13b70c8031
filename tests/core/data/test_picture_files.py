"""Pictures of more than 8 bits, of floats, of one channel, from telephones: the shades they have, the size they had."""

import importlib.util
import io

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
