"""A view as one file: it opens from disk with no network, goes on, and shows the numbers that the app shows."""

import json
import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from playwright.sync_api import expect

from core import ask
from tests.said import phrases
from ui import state
from ui.components.mounting import HERE

pytestmark = pytest.mark.browser
LONG = " ".join(["The black cat sleeps on the old chair in the small house."] * 8)


def saved_page(page, folder) -> str:
    """The address of the file that the Save menu makes of the view."""
    page.keyboard.press("Control+s")
    menu = page.get_by_role("dialog", name="Save")
    with page.expect_download() as download:
        menu.get_by_role("button", name="Interactive page (HTML)").click()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    assert file.stat().st_size < 5_000_000
    return file.as_uri()


def says_of_a_cell(place, row: int, column: int, number: str) -> None:
    """Walk to a cell of the heatmap by keys: the tip names this number."""
    canvas = place.locator(".right .layers canvas.top")
    canvas.focus()
    for key, count in (("ArrowDown", row), ("ArrowRight", column)):
        for _ in range(count):
            canvas.press(key)
    expect(place.locator(".tip")).to_contain_text(number)


def test_the_heads_go_on_without_the_app(visit, from_disk, tmp_path):
    page = visit("/attention?kind=cross&layer=3&head=2&row=1")
    alone, view = from_disk(saved_page(page, tmp_path))
    expect(view.get_by_role("heading", name="Layer 4 · head 3")).to_be_visible()
    expect(view.get_by_text("What you see")).to_be_visible()
    overview = view.locator(".left .layers canvas.top")
    overview.focus()
    overview.press("ArrowLeft")
    expect(view.get_by_role("heading", name="Layer 4 · head 2")).to_be_visible()
    link = alone.get_by_role("link", name="Open in Gaze")
    expect(link).to_have_attribute("href", re.compile("layer=3&head=1.*row=1"))
    view.get_by_role("radio", name="Encoder").click()
    expect(view.get_by_role("heading", name="Layer 4 · head 2")).to_be_visible()
    view.get_by_role("radio", name="Lines").click()
    expect(view.locator("canvas.lines")).to_be_visible()
    view.get_by_role("button", name="switch this head off").click()
    expect(alone.get_by_text("This asks a model: open the view in Gaze.")).to_be_visible()


@pytest.mark.parametrize("text", ["The cat sleeps.", LONG], ids=["short", "long"])
def test_a_pointed_cell_says_what_the_app_says(visit, from_disk, tmp_path, text):
    weights = ask(replace(state.first().request, text=text)).attentions[0].weights[2, 1] * 100
    rounded = np.rint(np.sqrt(weights / 100) * 255) ** 2 / 255**2 * 100  # what 8 bits of its root say
    row, column = next(
        (row, column)
        for row, column in product(range(1, min(24, len(weights))), repeat=2)
        if 1 < weights[row, column] < 9.9 and f"{weights[row, column]:.2f}" != f"{rounded[row, column]:.2f}"
    )
    number = f"{weights[row, column]:.2f}\N{NO-BREAK SPACE}%"
    page = visit(f"/attention?kind=encoder&layer=2&head=1&text={text.replace(' ', '+')}")
    _, view = from_disk(saved_page(page, tmp_path))
    for place in (page, view):
        expect(place.get_by_role("heading", name="Layer 3 · head 2")).to_be_visible()
        says_of_a_cell(place, row, column, number)


def test_a_file_is_light_or_dark_and_forbids_the_network(visit, from_disk, tmp_path):
    file = saved_page(visit("/attention"), tmp_path)
    alone, view = from_disk(file, color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    expect(view.locator(".left canvas.base")).to_be_visible()
    assert alone.evaluate(ground) == view.locator("html").evaluate(f"() => {ground}") == "rgb(15, 20, 27)"
    alone.get_by_role("button", name="Light or dark").click()
    expect(view.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    policy = alone.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
    assert "default-src 'none'" in policy and "connect-src" not in policy


def test_words_that_are_held_stay_held_in_the_file(visit, from_disk, tmp_path):
    page = visit("/attention?model=mini-gpt&view=text&row=1_3")
    expect(page.locator(".piece.pointed")).to_have_count(2)
    alone, view = from_disk(saved_page(page, tmp_path))
    expect(view.locator(".piece.pointed")).to_have_count(2)
    view.locator(".piece").nth(4).click()
    expect(view.locator(".piece.pointed")).to_have_count(3)
    expect(alone.get_by_role("link", name="Open in Gaze")).to_have_attribute("href", re.compile("row=1_3_4"))


#: Views that hold, together, every component that draws on a page.
VIEWS = {
    "": {"heads"},
    "attention?show=Effects": {"board"},
    "journey": {"journey"},
    "next_token": {"writer"},
    "next_token?show=Beam": {"tree"},
    "blank": {"panels"},
    "tokenizers": {"pieces"},
    "alignment": {"pair"},
    "alignment?view=By+hand": {"gold"},
    "embedding?method=PCA": {"points"},
    "vision": {"patches"},
    "vision?screen=Alike": {"alike"},
    "clip": {"contrast"},
    "clip?screen=Retrieval": {"finds"},
    "inside": {"grid"},
    "contrast": {"forces"},
    "training": {"run"},
    "transfer": set(),  # a chart alone
}
NO_PICTURE = {
    "frame",
    "address",
    "offers",
    "snapshot",
    "sheets",
    "thumbnails",
    "lasting",
    "lesson",
    "lessons",
    "recall",
    "start",
}


@pytest.mark.parametrize("path", VIEWS)
def test_every_component_draws_from_the_file(visit, from_disk, tmp_path, path):
    page = visit(f"/{path}")
    alone, view = from_disk(saved_page(page, tmp_path))
    rows = json.loads(alone.locator("#gaze-sheet").text_content())["pins"][0]["view"]["rows"]
    parts = [part for columns in rows for column in columns for part in column["parts"]]
    live = [part["name"] for part in parts if part["kind"] == "live"]
    assert set(live) >= VIEWS[path] and (live or any(part["kind"] == "drawn" for part in parts))
    for name in live:
        expect(view.locator(f".gaze-{name}[data-ready]").first).to_be_visible()
    expect(view.get_by_text("What you see")).to_be_visible()
    assert view.locator(".drawn img").count() == sum(part["kind"] == "drawn" for part in parts)


def test_no_component_is_forgotten():
    there = {path.parent.name for path in HERE.glob("*/view.js")} - NO_PICTURE
    assert there == set.union({"heads"}, *VIEWS.values())


@pytest.mark.parametrize(("locale", "direction"), [("de-DE", "ltr"), ("ar-EG", "rtl")])
def test_a_file_speaks_the_language_in_which_it_was_saved(visit, from_disk, tmp_path, locale, direction):
    said = phrases.catalogue(locale[:2]).__getitem__
    page = visit("/attention?kind=cross&layer=3&head=2", locale=locale)
    page.keyboard.press("Control+s")
    with page.expect_download() as download:
        page.get_by_role("button", name=said("Interactive page (HTML)")).click()
    download.value.save_as(tmp_path / "saved.html")
    alone, view = from_disk((tmp_path / "saved.html").as_uri(), locale="en-US")
    expect(alone.get_by_role("link", name=said("Open in Gaze"))).to_be_visible()
    expect(alone.get_by_role("button", name=said("Light or dark"))).to_be_visible()
    expect(view.get_by_text(said("What you see"))).to_be_visible()
    assert alone.locator("html").get_attribute("lang") == locale[:2]
    for html in (alone.locator("html"), view.locator("html")):
        expect(html).to_have_attribute("dir", direction)
    expect(view.locator(".gaze-heads")).to_have_css("direction", "ltr")
    view.get_by_role("radio", name=said("Lines"), exact=True).click()  # what is said later is said so too
    view.get_by_role("button", name=said("switch this head off")).click()
    expect(alone.get_by_text(said("This asks a model: open the view in Gaze."))).to_be_visible()
    lefts = [view.locator(place).bounding_box()["x"] for place in (".gaze-heads .left", ".gaze-heads .right")]
    assert lefts == sorted(lefts)
