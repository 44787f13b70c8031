"""A picture as PDF: colours and outlines are read as CSS and SVG mean them, and stand where the browser drew them."""

import base64
import io
import re
import zlib

import numpy as np
import pytest
from PIL import Image

from core.figures.colours import rgba
from core.figures.outlines import outline
from core.figures.pdf import as_pdf, decoded, lacking, texts_of
from core.types import Refused


@pytest.mark.parametrize(
    ("text", "opacity", "wanted"),
    [
        ("#ff0000", 1, (1, 0, 0, 1)),
        ("#00f", 0.5, (0, 0, 1, 0.5)),
        ("rgb(255 0 51)", 1, (1, 0, 0.2, 1)),
        ("rgba(0, 255, 0, 0.25)", 0.5, (0, 1, 0, 0.125)),
        ("rgb(100%, 0%, 20%)", 1, (1, 0, 0.2, 1)),
        ("color(srgb 0.5 0 1 / 0.5)", 1, (0.5, 0, 1, 0.5)),
        ("transparent", 1, (0, 0, 0, 0)),
        ("white", 1, (1, 1, 1, 1)),
    ],
)
def test_colours_are_read_as_css_means_them(text, opacity, wanted):
    assert rgba(text, opacity) == pytest.approx(wanted)


@pytest.mark.parametrize("text", ["", "rgb(1)", "url(#a)", "var(--x)", "blurple"])
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(Refused, match="is no colour"):
        rgba(text)


def test_outlines_in_every_form_of_a_square():
    square = [(1, 2), (4, 2), (4, 5), (1, 5)]
    for text in ("M1 2L4 2L4 5L1 5Z", "M1,2 4,2 4,5 1,5z", "m1 2l3 0 0 3-3 0Z", "M1 2H4V5H1Z", "m1 2h3v3h-3z"):
        assert outline(text).vertices[:4].tolist() == [list(map(float, point)) for point in square], text


@pytest.mark.parametrize("text", ["M5 0A5 5 0 1 1 0 -5A5 5 0 0 1 5 0Z", "M-3 4a5 5 0 1 0 6 0a5 5 0 0 0 -6 0"])
def test_an_arc_keeps_its_distance_from_the_centre(text):
    found = outline(text)
    points = np.vstack([bezier(np.linspace(0, 1, 9)) for bezier, _ in found.iter_bezier()])
    if text.startswith("M5"):
        assert np.hypot(*points.T) == pytest.approx(5, abs=0.01)
    else:  # chord of 6 below the middle: the large way round, centre at (0, 8)
        assert np.hypot(points[:, 0], points[:, 1] - 8).max() == pytest.approx(5, abs=0.01)


def test_curves_that_go_on_mirror_the_point_before():
    assert outline("M0 0C0 1 1 1 1 0S2 -1 2 0").vertices.tolist()[4] == [1, -1]
    assert outline("M0 0Q1 1 2 0T4 0").vertices.tolist()[3] == [3, -1]


@pytest.mark.parametrize("text", ["M1", "M1 2L3", "1 2", "M1 2A1 1 0 0"])
def test_what_is_no_outline_is_refused_or_empty(text):
    if text == "1 2":
        assert outline(text).vertices.size == 0
    else:
        with pytest.raises(Refused, match="cannot be read"):
            outline(text)


def scene(*items, **more) -> dict:
    return {
        "width": 100,
        "height": 50,
        "ground": "#ffffff",
        "title": "t",
        "caption": ["c"],
        "items": list(items),
    } | more


def strokes(pdf: bytes) -> str:
    """What draws the page, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    found = []
    for stream in streams:
        try:
            found.append(zlib.decompress(stream).decode("latin-1"))
        except zlib.error:
            continue
    return "\n".join(found)


def test_a_square_stands_where_the_browser_drew_it():
    item = {
        "kind": "path",
        "d": "M10 10H20V20H10Z",
        "fill": "rgb(255, 0, 0)",
        "matrix": [1, 0, 0, 1, 5, 0],
        "opacity": 1,
    }
    found = as_pdf(scene(item))
    assert re.search(rb"/MediaBox ?\[ ?0 0 75 37.5 ?\]", found) and found.count(b"/Type /Page ") == 1
    drawn = strokes(found)
    assert "1 0 0 rg" in drawn
    assert re.search(r"11\.25 30 m\n18\.75 30 l\n18\.75 22\.5 l\n11\.25 22\.5 l", drawn)  # (15, 10) px, three quarters


@pytest.mark.parametrize("text", ["cat", "قطة", "我妹妹", "$x_2$", "</script>", "नमस्ते"])
def test_letters_can_be_selected(text):
    item = {
        "kind": "text", "text": text, "matrix": [0, -1, 1, 0, 40, 40], "width": 30, "size": 12, "family": "monospace",
        "weight": 650, "italic": True, "fill": "#112233", "opacity": 1,
    }  # fmt: skip
    if lacking([text]):
        pytest.skip("no font here has these letters")
    assert b"/ToUnicode" in as_pdf(scene(item))


def test_letters_that_no_font_has_are_named():
    assert lacking(["cat", "\U0010fffd"]) == "\U0010fffd"


def as_address(pixels: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def test_a_picture_within_it_stands_upright():
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, :, 0] = pixels[..., 3] = 255  # the first row is red
    address = as_address(pixels)
    assert np.array_equal(decoded(address), pixels)
    item = {"kind": "image", "href": address, "matrix": [1, 0, 0, 1, 10, 5], "width": 20, "height": 40, "opacity": 1}
    pdf = as_pdf(scene(item))
    # 20 x 40 px from (10, 5): 15 x 30 points, its lower end 45 px below the top; PDF lays its first row on top.
    assert "15 0 0 30 7.5 3.75 cm" in strokes(pdf)
    told, packed = re.search(rb"(/Subtype /Image.*?)>>\r?\nstream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL).groups()
    rows = zlib.decompress(packed)  # a filter's byte, then two pixels of a bit each: 0 is the first of the colours
    assert b"(\xff\x00\x00\x00\x00\x00)" in told and (rows[1] >> 6, rows[3] >> 6) == (0b00, 0b11)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"items": 3}, "no picture"),
        ({"items": [3]}, "no picture"),
        ({"width": 0}, "pixels wide"),
        ({"height": 1e9}, "pixels wide"),
        ({"width": "9"}, "pixels wide"),
        ({"items": [{"kind": "path"}] * 60_001}, "60,001 strokes"),
        ({"items": [{"kind": "circle"}]}, "cannot be read"),
        ({"items": [{"kind": "path", "fill": "red"}]}, "cannot be read"),
        ({"items": [{"kind": "image", "href": "http://x/y.png", "matrix": [1, 0, 0, 1, 0, 0]}]}, "no data address"),
        ({"items": [{"kind": "image", "href": "data:image/png;base64,AAAA"}]}, "cannot be read"),
        ({"ground": "nonsense"}, "no colour"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(wrong, says):
    with pytest.raises(Refused, match=says):
        as_pdf(scene() | wrong)


def page(said: str, width: int = 200) -> dict:
    face = {"size": 12, "family": "sans-serif", "weight": 400, "fill": "#000"}
    text = {"kind": "text", "text": said, "matrix": [1, 0, 0, 1, 10, 20], "width": 60, **face}
    return {"width": width, "height": 100, "ground": "#fff", "items": [text]}


def test_a_sheet_has_a_page_for_each_picture_as_large_as_that():
    made = as_pdf({"title": "Lab sheet, Ada", "pages": [page("one", 200), page("two", 400)]})
    boxes = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", made)
    assert [tuple(map(float, box)) for box in boxes] == [(150, 75), (300, 75)]  # 72 points are 96 pixels
    assert b"(Lab sheet, Ada)" in made and b"/Type0" in made  # letters embedded whole, not drawn as Type 3


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([], "1 to 200 pages, and this has 0"),
        ([page("x")] * 201, "and this has 201"),
        ("many", "holds no pages"),
        ([{"title": "", "pages": []}], "holds no pages"),
        ([page("x"), {"width": 1, "height": 1}], "holds no picture"),
    ],
)
def test_a_sheet_that_is_none_is_refused(pages, says):
    with pytest.raises(Refused, match=says):
        as_pdf({"title": "", "pages": pages})


def test_letters_that_are_lacking_are_looked_for_on_every_page():
    assert texts_of({"pages": [page("one"), page("two")]}) == ["one", "two"]
