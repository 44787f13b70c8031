"""What each component draws, read back: a pixel or an element of known value, its colour included."""

import numpy as np
import pytest

from tests.chromium import ROOT, serve

pytestmark = pytest.mark.browser
HOST = "[data-testid=stBidiComponentIsolated][data-ready]"

APP = """
import sys
import numpy as np
import streamlit as st
sys.path.insert(0, {root!r})
st.set_page_config(layout="wide")
name = st.query_params["name"]
values = np.array([[-2.0, 0.0], [2.0, 2.0]])
if name == "panels":
    from ui.components.panels.message import Panel
    from ui.components.panels.view import panels_view
    panels_view([Panel("a", values)], key="a", height=300)
elif name == "grid":
    from ui.components.grid.view import Grid, grid_payload, grid_view
    grid_view(grid_payload((Grid("A", values, ("r", "s"), ("c", "d")),), cell=(1, 1)), key="a")
elif name == "board":
    from ui.components.board.view import BoardSide, board_view
    board_view([BoardSide("encoder", values, frozenset({{(0, 1)}}))], "loss", key="a")
elif name == "contrast":
    from ui.components.contrast.message import Contrast, Edge, pack_contrast
    from ui.components.contrast.view import contrast_view
    edges = (Edge("a"), Edge("b"))
    contrast_view(pack_contrast(Contrast(edges, edges, values / 2, 10.0)), key="a")
elif name == "points":
    from ui.components.points.message import Frame, PointsSide, pack_points
    from ui.components.points.view import points_view
    frame = Frame(0, "PCA", np.array([[0.0, 0.0], [4.0, 2.0]]), (), np.zeros((2, 0)), np.zeros((2, 0)))
    names = ("a", "b")
    side = PointsSide("m", ("0",), names, names, np.arange(2), (("kind", names),), (frame,))
    points_view(pack_points([side], 0), key="a")
elif name == "pair":
    from ui.components.pair.message import Label, PairSide, pair_payload
    from ui.components.pair.view import pair_view
    labels = (Label("a", 0), Label("b", 1))
    link = (frozenset({{(0, 0)}}),)
    side = PairSide("m", "cosine", labels, labels, (1,), 0, np.array([[[0.0, 0.0], [1.0, 0.0]]]), link, link, None)
    pair_view(pair_payload(("a", "b"), ("a", "b"), (side,)), key="a")
elif name in ("finds", "thumbnails"):
    from core.data.gallery import gallery
    shown = tuple(list(gallery())[:13])
    if name == "finds":
        from ui.components.finds.message import Find, pack_finds
        from ui.components.finds.view import finds_view
        finds_view(pack_finds([Find(one, one, 0.5, k == 1) for k, one in enumerate(shown)]), key="a")
    else:
        from ui.components.thumbnails.view import thumbnails_view
        thumbnails_view(shown, shown[1], key="a")
"""

#: [red, green, blue] at places (0 to 1) of the first canvas.
PIXELS = """([at, places]) => {
  const canvas = document.querySelector(at).shadowRoot.querySelector("canvas");
  const pen = canvas.getContext("2d");
  return places.map(([x, y]) => [...pen.getImageData(x * canvas.width, y * canvas.height, 1, 1).data.slice(0, 3)]);
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "app.py").write_text(APP.format(root=str(ROOT)), encoding="utf-8")
    with serve(folder / "log", folder / "app.py") as server:
        yield server.url


@pytest.fixture
def visit(new_page, address):
    def go(name: str):
        page = new_page()
        page.goto(f"{address}/?name={name}")
        page.locator(HOST).wait_for()
        return page

    return go


def hue(rgb) -> str:
    red, _, blue = (int(part) for part in rgb)
    return "blue" if blue > red + 40 else "orange" if red > blue + 40 else "ground"


# Low left and right of the middle lie inside the cells of the second row, high ones inside those of the first.
@pytest.mark.parametrize(
    ("name", "places", "hues"),
    [
        ("panels", [(0.3, 0.35), (0.8, 0.35), (0.8, 0.9)], ["blue", "ground", "orange"]),
        ("grid", [(0.35, 0.42), (0.75, 0.42), (0.45, 0.9)], ["blue", "ground", "orange"]),
        ("contrast", [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9)], ["orange", "ground", "blue"]),
    ],
)
def test_less_is_blue_and_more_is_orange(visit, name, places, hues):
    assert [hue(rgb) for rgb in visit(name).evaluate(PIXELS, [HOST, places])] == hues


def test_a_head_that_is_off_and_the_colours_of_the_board(visit):
    page = visit("board")
    squares = page.locator("[data-head]")
    assert squares.evaluate_all("all => all.map(one => one.dataset.head)") == [
        f"encoder.{layer}.{head}" for layer, head in np.ndindex(2, 2)
    ]
    assert (
        squares.evaluate_all("all => all.map(one => one.getAttribute('aria-pressed'))")
        == ["true", "false"] + ["true"] * 2
    )
    assert squares.nth(3).inner_text() == "2.00" and "2.00" in squares.first.inner_text()
    assert "orange" in squares.first.get_attribute("style") and "blue" in squares.nth(3).get_attribute("style")


def test_each_point_stands_where_it_belongs_in_its_own_colour(visit):
    page = visit("points")
    canvas = page.locator("figure canvas").first.evaluate("one => [one.clientWidth, one.clientHeight]")
    wide, high = canvas
    scale = min((wide - 52) / 4, (high - 52) / 2)
    places = [(0.5 - 2 * scale / wide, 0.5 + scale / high), (0.5 + 2 * scale / wide, 0.5 - scale / high)]
    first = PIXELS.replace('querySelector("canvas")', 'querySelector("figure canvas")')
    low, high = page.evaluate(first, [HOST, places])
    assert hue(low) == "blue" and hue(high) == "orange"


#: Pixels of the matrix in the scale's blue: how many, and whether some lie in its left half.
BLUE = """(at) => {
  const canvas = document.querySelector(at).shadowRoot.querySelector("canvas.matrix");
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const found = [];
  for (let k = 0; k < data.length; k += 4) if (data[k + 3] && data[k + 2] > data[k] + 40) found.push((k / 4) % width);
  return [found.length, Math.min(...found) < width / 2];
}"""


def test_a_similarity_is_coloured_where_it_is_great(visit):
    count, left = visit("pair").evaluate(BLUE, HOST)
    assert count > 200 and left


@pytest.mark.parametrize(("name", "element"), [("finds", ".square"), ("thumbnails", "button")])
def test_a_square_shows_its_part_of_the_sheet(visit, name, element):
    squares = visit(name).locator(f".gaze-{name} {element}")
    placed = squares.evaluate_all("all => all.map(one => [one.style.backgroundPosition, one.style.backgroundSize])")
    assert len(placed) == 13
    assert placed[0] == ["0% 0%", "1200% 200%"] and placed[11][0] == "100% 0%" and placed[12][0] == "0% 100%"
