"""The map of an embedding space in a browser: a loop round points, and the slider of layers."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.chromium import PHONE, ROOT, serve

PICTURE = "[data-testid=stBidiComponentIsolated][data-ready]"


@pytest.mark.browser
def test_a_loop_lists_points_and_the_slider_changes_the_layer(new_page, app_server):
    page = new_page()
    page.set_default_timeout(40_000)
    page.goto(app_server.url + "/embedding?method=PCA&beside=no+second+model")
    page.wait_for_selector(PICTURE)
    box = page.locator(".gaze-points canvas.points").bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 3)
    page.mouse.down()
    for x, y in ((0.99, 0.01), (0.99, 0.99), (0.01, 0.99)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.up()
    page.get_by_text("400 points").wait_for()
    page.locator("[data-testid=stDataFrame]").wait_for()
    page.get_by_label("layer", exact=True).fill("5")
    page.wait_for_url("**layer=5**")
    assert "layer 4" in page.locator(".gaze-points .title").inner_text()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.wait_for_function("() => document.documentElement.scrollWidth <= window.innerWidth")


def opened(page, app_server, query: str):
    page.set_default_timeout(40_000)
    page.goto(app_server.url + "/embedding?method=PCA" + query)
    page.wait_for_selector(PICTURE)
    return page.locator("canvas.points").first


@pytest.mark.browser
def test_the_map_comes_nearer_by_wheel_keys_and_buttons_and_goes_back(new_page, app_server):
    page = new_page()
    canvas = opened(page, app_server, "")
    figure = page.locator(".gaze-points .side").first
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -400)
    expect(figure).to_have_attribute("data-zoom", "1.82")  # e to the power of 0.6
    canvas.press("+")
    expect(figure).to_have_attribute("data-zoom", "2.73")
    figure.get_by_role("button", name="Farther").click()
    expect(figure).to_have_attribute("data-zoom", "1.82")
    canvas.press("0")
    expect(figure).to_have_attribute("data-zoom", "1.00")


@pytest.mark.browser
def test_words_are_found_and_a_loop_in_one_map_marks_both(new_page, app_server):
    page = new_page()
    opened(page, app_server, "")
    page.get_by_placeholder("a word").fill("medicine")
    found = page.locator(".found")
    expect(found).to_have_text("1 found")
    page.get_by_placeholder("a word").press("Enter")
    expect(page.get_by_text("Nearest to “Take this medicine after dinner.”")).to_be_visible()
    page.get_by_label("Colour").select_option("agreement")
    expect(page.locator(".agreed")).to_contain_text("of the 5 nearest")
    page.keyboard.press("Escape")
    page.get_by_placeholder("a word").fill("")
    expect(found).to_have_text("")


MANY = """
import sys
sys.path.insert(0, {root!r})
import numpy as np
import streamlit as st
from ui.components.points.message import Frame, PointsSide, pack_points
from ui.components.points.view import points_view
st.set_page_config(layout="wide")
count = 12_000
places = np.zeros((count, 2), np.float32)
places[:4] = [(-1, -1), (1, 1), (-1, 1), (1, -1)]
none = np.zeros((count, 0), np.float32)
texts = tuple(f"text {{k}}" + " and so on" * (9 - k % 9) + " zebra" * (k % 1000 == 0) for k in range(count))
kinds = tuple("abcd"[k] if k < 4 else "e" for k in range(count))
frame = Frame(0, "PCA", places, (), none, none)
side = PointsSide("many", ("one",), texts, texts, np.arange(count), (("kind", kinds),), (frame,))
points_view(pack_points([side], 0, 400), key="many")
"""

WITH_ROUTES = """
import sys
sys.path.insert(0, {root!r})
from streamlit import App
from ui.server.routes import ROUTES
app = App({page!r}, routes=ROUTES)
"""
READ_BACK = """() => {
  const root = document.querySelector("[data-ready]").shadowRoot;
  window.dispatchEvent(new Event("gaze:redraw"));
  const canvas = root.querySelector("canvas.many");
  const card = canvas.getContext("webgl2");
  const pixels = new Uint8Array(4 * canvas.width * canvas.height);
  card.readPixels(0, 0, canvas.width, canvas.height, card.RGBA, card.UNSIGNED_BYTE, pixels);
  return [canvas.width, canvas.height, Array.from(pixels)];
}"""


@pytest.fixture(scope="module")
def many_server(tmp_path_factory):
    """Serves a map of 12,000 points with all that the app answers beside its pages."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "page.py").write_text(MANY.format(root=str(ROOT)), encoding="utf-8")
    (folder / "app.py").write_text(WITH_ROUTES.format(root=str(ROOT), page=str(folder / "page.py")), encoding="utf-8")
    with serve(folder / "log.txt", folder / "app.py") as server:
        yield server


def many_points(page, server):
    page.set_default_timeout(40_000)
    page.goto(server.url)
    page.wait_for_selector("[data-ready]")
    page.locator("canvas.many").wait_for(state="attached")
    return page


@pytest.mark.browser
def test_many_points_stand_on_the_card_where_they_belong(new_page, many_server):
    width, height, pixels = many_points(new_page(), many_server).evaluate(READ_BACK)
    drawn = np.array(pixels).reshape(height, width, 4)[::-1]  # the card's first row is the lowest
    # PCA's axes have one unit, so the square fills the height less 26 pixels on each side.
    half = height / 2 - 26
    middle = np.array([height / 2, width / 2])
    colours = []
    for up, across in ((1, -1), (-1, 1), (-1, -1), (1, 1)):
        y, x = (middle + half * np.array([up, across])).round().astype(int)
        near = drawn[y - 2 : y + 3, x - 2 : x + 3]
        assert near[..., 3].max() > 150
        far = drawn[y - 12 : y - 6, x - 12 : x - 6] if up < 0 else drawn[y + 6 : y + 12, x - 12 : x - 6]
        assert far[..., 3].max() == 0
        colours.append(tuple(near.reshape(-1, 4)[near[..., 3].argmax()][:3]))
    assert len(set(colours)) == 4  # each group has its own


@pytest.mark.browser
def test_the_whole_text_of_a_point_is_told_and_searched(new_page, many_server):
    """Of 12,000 texts the browser has the first 60 characters."""
    page = many_points(new_page(), many_server)
    page.locator("canvas.points").press("ArrowRight")
    expect(page.locator(".readout b")).to_have_text("text 0" + " and so on" * 9 + " zebra")
    page.get_by_placeholder("a word").fill("ZEBRA")
    expect(page.locator(".found")).to_have_text("12 found")


@pytest.mark.browser
def test_where_texts_are_not_to_be_had_their_beginnings_do(new_page, many_server):
    page = new_page()
    page.route("**/gaze/texts", lambda route: route.fulfill(status=422, body="{}"))
    canvas = many_points(page, many_server).locator("canvas.points")
    with page.expect_response("**/gaze/texts"):
        canvas.press("ArrowRight")
    expect(page.locator(".readout b")).to_have_text(("text 0" + " and so on" * 9)[:60])
