"""The screen Words in a browser: a word that is clicked asks, and the address keeps it with the head."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core import ask
from tests.browser.test_accessible import AXE, serious
from tests.browser.test_snapshot import saved_page
from tests.vision_language import QUESTION, asked, saved_vision_language


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved_vision_language("smolvlm", tmp_path_factory.mktemp("models") / "smolvlm")


def percent(share):
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"


def shares(page):
    return page.locator(".gaze-patches .classes > .class b").all_inner_texts()[:3]


def expected(folder, token, layer, head):
    maps = np.asarray(ask(asked(folder)).attentions[0].weights[layer])
    row = (maps.mean(0) if head == "mean" else maps[head])[token]
    picture, first = row[4:20].sum(), row[0]
    return [percent(one) for one in (picture, first, 1 - picture - first)]


def test_a_word_that_is_clicked_asks_and_a_head_shows_its_own_row(new_page, app_server, folder):
    page = new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{app_server.url}/vision?screen=Words&model={folder}&question={QUESTION}")
    chips = page.locator(".gaze-patches .words button")
    expect(page.locator(".gaze-patches h3").first).to_have_text(re.compile("“on”"))
    assert shares(page) == expected(folder, 25, 2, "mean")
    chips.filter(has_text="cat").click()
    expect(page.locator(".gaze-patches h3").first).to_have_text(re.compile("“cat”"))
    expect(page).to_have_url(re.compile("word=24"))
    assert shares(page) == expected(folder, 24, 2, "mean")
    page.locator(".gaze-patches .left canvas").focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("head=3"))
    assert shares(page) == expected(folder, 24, 2, 3)
    page.reload()
    expect(page.locator(".gaze-patches h2")).to_have_text("Layer 3 · head 4")
    assert shares(page) == expected(folder, 24, 2, 3)
    assert chips.filter(has_text="cat").get_attribute("aria-pressed") == "true"


def test_a_phone_shows_words_above_the_picture_and_nothing_sideways(new_page, app_server, folder):
    page = new_page(size=(390, 844), has_touch=True)
    page.set_default_timeout(60_000)
    page.goto(f"{app_server.url}/vision?screen=Words&model={folder}&question={QUESTION}&picture=photo-cat")
    words, stage = page.locator(".gaze-patches .words"), page.locator(".gaze-patches .holder canvas")
    stage.wait_for()
    assert words.bounding_box()["y"] + words.bounding_box()["height"] <= stage.bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_picture_goes_on_in_a_file(visit, from_disk, tmp_path, folder):
    page = visit(f"/vision?screen=Words&model={folder}&question={QUESTION}&word=24&layer=0&head=1")
    page.locator(".gaze-patches .words button").first.wait_for()
    _, view = from_disk(saved_page(page, tmp_path))
    expect(view.get_by_role("heading", name="Layer 1 · head 2")).to_be_visible()
    overview = view.locator(".left canvas")
    overview.focus()
    overview.press("ArrowRight")
    expect(view.get_by_role("heading", name="Layer 1 · head 3")).to_be_visible()
    assert shares(view) == expected(folder, 24, 0, 2)


@pytest.mark.slow
def test_axe_finds_nothing_serious(visit, folder):
    if not AXE.exists():
        pytest.skip("axe-core is not here: npm ci fetches it")
    page = visit(f"/vision?screen=Words&model={folder}&question={QUESTION}", bypass_csp=True)
    page.locator(".gaze-patches .words button").first.wait_for()
    page.add_script_tag(path=str(AXE))
    assert serious(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert serious(page) == []
