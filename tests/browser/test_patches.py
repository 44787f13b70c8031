"""The overlay in a real browser: every patch on its block of pixels, whatever shape and prefix; clicks ask nobody."""

import numpy as np
import pytest

from core.requests import ImageRequest
from core.types import Attention, Choice, ImageEncoding, Patches, Prediction, Token
from tests.chromium import PHONE, ROOT, serve
from ui.components.patches.message import pack_patches

pytestmark = pytest.mark.browser
ROWS, COLUMNS, PREFIXES = 3, 5, (0, 1, 2, 5)
SEEN = Patches(ROWS, COLUMNS, left=0.25, width=0.5)  # the middle of a wide picture
HOST = "[data-testid=stBidiComponentIsolated]"
FIRST, CLICKED, THEN = (2, 1), (1, 3), (0, 4)  # (row, column): looked at first; clicked; looked at from there
EVIL = "<img src=x onerror='window.hit=1'>"

APP = """
import sys
from pathlib import Path
import streamlit as st
sys.path.insert(0, {root!r})
from ui.components.patches.view import patches_view
st.set_page_config(layout="wide")
patches_view((Path(__file__).parent / f"{{st.query_params.get('prefix', '1')}}.bin").read_bytes(), key="patches")
"""
#: Lightness of the middle of each patch of the large picture, [row][column], and of what the model did not see.
LIGHT = """([at, rows, columns]) => {
  const canvas = document.querySelector(at).shadowRoot.querySelector(".middle canvas");
  const pen = canvas.getContext("2d");
  const light = (x, y) => {
    const [r, g, b] = pen.getImageData(Math.round(x * canvas.width), Math.round(y * canvas.height), 1, 1).data;
    return (r + g + b) / 3;
  };
  return Array.from({ length: rows }, (_, r) => Array.from({ length: columns },
    (_, c) => light(0.25 + 0.5 * (c + 0.5) / columns, (r + 0.5) / rows)));
}"""


def encoding(prefix: int) -> ImageEncoding:
    """The last layer's heads look at FIRST, patch CLICKED at THEN, on average as without a class token too."""
    patches = Patches(ROWS, COLUMNS, prefix, SEEN.left, SEEN.top, SEEN.width, SEEN.height)
    tokens = tuple(Token(EVIL if i == 1 else f"t{i}", i, i) for i in range(prefix + ROWS * COLUMNS))

    def token(place: tuple[int, int]) -> int:
        return prefix + place[0] * COLUMNS + place[1]

    weights = np.full((2, 2, len(tokens), len(tokens)), 1 / len(tokens), np.float32)
    weights[1] = 0
    weights[1, :, :, token(FIRST)] = 1
    weights[1, :, token(CLICKED)] = np.eye(len(tokens))[token(THEN)]
    attention = Attention("vision", tokens, tokens, weights)
    choices = (Choice(EVIL, 0.7, 3), Choice("other", 0.3, 4))
    predictions = (Prediction("picture", 0, choices),)
    request = ImageRequest("m", "beach-panorama")
    return ImageEncoding(request, "m", tokens, (attention,), predictions=predictions, patches=patches)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("patches")
    for prefix in PREFIXES:
        (folder / f"{prefix}.bin").write_bytes(pack_patches(encoding(prefix)))
    (folder / "app.py").write_text(APP.format(root=str(ROOT)), encoding="utf-8")
    with serve(folder / "log", folder / "app.py") as server:
        yield server.url


@pytest.fixture
def visit(new_page, address):
    def go(query, prepare=lambda page: None, **options):
        page = new_page(**options)
        page.set_default_timeout(30_000)
        page.route("**/gaze/**", lambda route: route.abort())  # this small app has no such routes
        prepare(page)
        page.goto(f"{address}/?{query}")
        page.locator(f"{HOST}[data-painted='1']").wait_for()
        return page

    return go


def brightest(page) -> tuple[int, int]:
    light = np.array(page.evaluate(LIGHT, [HOST, ROWS, COLUMNS]))
    return tuple(int(i) for i in np.unravel_index(light.argmax(), light.shape))


def click_patch(page, place: tuple[int, int]) -> None:
    stage = page.locator(".middle canvas")
    box = stage.bounding_box()
    x = SEEN.left + SEEN.width * (place[1] + 0.5) / COLUMNS
    stage.click(position={"x": x * box["width"], "y": (place[0] + 0.5) / ROWS * box["height"]})


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_patch_lies_on_its_block_and_a_click_asks_nobody(visit, prefix):
    sent = []

    def spy(page):
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append("frame")))
        page.on("request", lambda request: "favicon" in request.url or sent.append(request.url))

    page = visit(f"prefix={prefix}&layer=1&head=0", spy)
    assert brightest(page) == FIRST
    page.locator(f"{HOST}[data-complete='1']").wait_for()  # distances have been asked for
    sent.clear()
    click_patch(page, CLICKED)
    assert page.locator(HOST).get_attribute("data-token") == str(prefix + CLICKED[0] * COLUMNS + CLICKED[1])
    assert brightest(page) == THEN
    page.locator(".middle canvas").press("Escape")
    assert brightest(page) == FIRST
    page.locator(".left canvas").first.press("ArrowUp")
    assert page.locator(HOST).get_attribute("data-layer") == "0"
    page.wait_for_timeout(250)
    assert not sent


def test_first_tokens_are_asked_like_patches_and_names_stay_text(visit):
    page = visit("prefix=5&layer=1&head=mean", size=PHONE)
    chip = page.get_by_role("button", name=EVIL).first
    chip.click()
    assert page.locator(HOST).get_attribute("data-token") == "1"
    assert brightest(page) == FIRST
    assert page.evaluate("window.hit") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_all_patches_on_average_look_elsewhere_than_the_class_token(visit):
    page = visit("prefix=1&layer=1&head=1")
    page.locator(f"{HOST}[data-complete='1']").wait_for()  # what this small app has no route for has failed
    page.get_by_role("button", name="all patches").click()
    assert page.locator(HOST).get_attribute("data-token") == "-1"
    stage = page.locator(".middle canvas")
    box = stage.bounding_box()
    for place, share in (
        (FIRST, "93 %"),
        (THEN, "6.7 %"),
    ):  # fourteen of the fifteen patches look at FIRST, one at THEN
        x = SEEN.left + SEEN.width * (place[1] + 0.5) / COLUMNS
        stage.hover(position={"x": x * box["width"], "y": (place[0] + 0.5) / ROWS * box["height"]})
        assert page.locator("output.readout").inner_text().endswith(f"gets {share}")
    stage.press("Escape")
    assert page.locator(HOST).get_attribute("data-token") == "0"


def test_keeping_little_leaves_the_brightest_alone(visit):
    page = visit("prefix=1&layer=0&head=0")
    before = np.array(page.evaluate(LIGHT, [HOST, ROWS, COLUMNS]))
    page.get_by_role("slider", name="Keep").fill("20")
    after = np.array(page.evaluate(LIGHT, [HOST, ROWS, COLUMNS]))
    # Fifteen patches of one sixteenth each: three hold a fifth of what falls on patches.
    assert (after > before - 8).sum() == 3
