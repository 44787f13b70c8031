"""The main job in a browser, every other host blocked: type a sentence, see every head; nonsense gets a sentence."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks.shots import settle
from tests.chromium import LAPTOP, PHONE

pytestmark = pytest.mark.browser
PICTURE = "[data-testid=stBidiComponentIsolated][data-ready]"


def key(page) -> str:
    return page.locator(PICTURE).first.get_attribute("data-ready")


def wait_for_another(page, before: str) -> None:
    page.wait_for_function(
        "([at, before]) => document.querySelector(at) && document.querySelector(at).dataset.ready !== before",
        arg=[PICTURE, before],
    )


def test_a_typed_sentence_is_translated_and_drawn(visit):
    page = visit("/attention")
    before = key(page)
    page.get_by_label("Text", exact=True).fill("Where is my little brother?")
    wait_for_another(page, before)
    assert "frère" in page.locator(".gaze-output").first.inner_text()
    page.wait_for_url("**text=Where**")


def test_a_link_restores_the_view(visit):
    path = "/attention?text=I+am+very+tired.&into=German&units=words&kind=encoder&layer=1&head=3&view=lines"
    page = visit(path)
    at = page.locator(PICTURE).first
    found = [at.get_attribute(f"data-{name}") for name in ("kind", "layer", "head", "view")]
    assert found == ["encoder", "1", "3", "lines"]
    assert page.get_by_label("Text", exact=True).input_value() == "I am very tired."
    assert "müde" in page.locator(".gaze-output").first.inner_text()


def test_every_language_of_the_translator_writes_its_own_letters(visit):
    page = visit("/attention?text=I+read+a+book.&into=Japanese")
    assert re.search("[\u3040-\u30ff\u4e00-\u9fff]", page.locator(".gaze-output").first.inner_text())


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("text=", "no text"),
        ("text=%00%07", "no text"),
        ("text=" + "x" * 3 + "&model=nobody%2Fnothing", "translator"),
        ("text=" + "cat+" * 600, "reads up to"),
        ("off=9.9", "layer 9"),
        ("off=nonsense", "names no head"),
    ],
)
def test_nonsense_gets_a_sentence_and_the_picture_stays(visit, query, says):
    page = visit(f"/attention?{query}")
    assert says in page.get_by_role("alert").first.inner_text()
    assert page.locator(PICTURE).count() >= 1
    assert page.locator("[data-testid=stException]").count() == 0


def test_a_hundred_thousand_characters(visit):
    page = visit("/attention")
    page.get_by_label("Text", exact=True).fill("x" * 100_000)
    page.get_by_role("alert").first.wait_for()
    assert "20,000" in page.get_by_role("alert").first.inner_text()
    assert page.locator(PICTURE).count() == 1


def test_html_in_the_text_and_the_address_stays_text(visit):
    evil = "%3C%2Fscript%3E%3Cimg+src%3Dx+onerror%3D%22window.hit%3D1%22%3E+cat"
    page = visit(f"/attention?text={evil}&layer=99&head=x&view={evil}")
    assert page.evaluate("window.hit") is None
    assert page.locator("img[src=x]").count() == 0
    assert re.search("Layer 100 does not exist|not a head", page.locator(".gaze-heads").first.inner_text())


def test_an_edit_shows_before_and_after_together(visit):
    page = visit("/attention?off=cross+4.1+4.2+4.3+4.4+4.5+4.6&layer=3&head=0&kind=cross")
    page.wait_for_function("picture => document.querySelectorAll(picture).length === 2", arg=PICTURE)
    assert [page.locator(PICTURE).nth(i).get_attribute("data-head") for i in (0, 1)] == ["0", "0"]
    lines = page.locator(".gaze-output").all_inner_texts()
    before, after = (next(line for line in lines if line.startswith(when)) for when in ("before", "after"))
    assert before.removeprefix("before").strip() != after.removeprefix("after").strip()


def test_the_button_switches_a_head_off_and_on(visit):
    page = visit("/attention?kind=cross&layer=2&head=1")
    page.get_by_role("button", name="switch this head off").click()
    page.wait_for_function("picture => document.querySelectorAll(picture).length === 2", arg=PICTURE)
    page.wait_for_url("**off=cross**")
    page.get_by_role("button", name="switch on again").click()
    page.wait_for_function("picture => document.querySelectorAll(picture).length === 1", arg=PICTURE)


def test_examples_fill_the_text(visit):
    page = visit("/attention")
    before = key(page)
    page.get_by_role("button", name="More").click()
    page.get_by_label("Example").click()
    page.get_by_role("option").nth(3).click()
    wait_for_another(page, before)
    page.keyboard.press("Escape")
    page.get_by_label("Text", exact=True).fill("Thank you very much.")
    page.wait_for_url(re.compile("text=Thank"))
    assert page.get_by_label("Text", exact=True).input_value() == "Thank you very much."


def test_bertviz_draws_offline(new_page, app_server):
    page = new_page()
    page.set_default_timeout(30_000)
    page.goto(app_server.url + "/attention?show=BertViz")
    frame = page.frame_locator("iframe").first
    frame.locator("svg").first.wait_for()
    assert "chair" in frame.locator("body").inner_text()


def test_the_table_lists_every_head(new_page, app_server):
    page = new_page()
    page.set_default_timeout(30_000)
    page.goto(app_server.url + "/attention?show=Table")
    page.locator("[data-testid=stDataFrame]").wait_for()


@pytest.mark.parametrize(("size", "dark"), [(LAPTOP, False), (LAPTOP, True), (PHONE, False)])
def test_the_first_screen_needs_no_scrolling_sideways(visit, size, dark):
    page = visit("/attention", size=size, dark=dark)
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    box = page.locator(PICTURE).first.bounding_box()
    assert box["y"] < size[1] * (0.45 if size == PHONE else 0.2)
    if size != PHONE:
        assert box["height"] >= 0.65 * size[1]
        assert box["y"] + box["height"] <= size[1]


def test_start_and_models_are_there(visit, new_page, app_server):
    page = visit("/")
    page.get_by_role("link", name="Models").first.click()
    page.get_by_text("Card: data, training, scores").first.click()
    page.get_by_text("Tatoeba").first.wait_for()


def test_health_and_numbers(visit, new_page, app_server):
    visit("/attention?text=A+model+answers.")
    page = new_page()
    assert page.goto(app_server.url + "/healthz").text() == "ok"
    assert "gaze_requests_total" in page.goto(app_server.url + "/metrics").text()


def test_a_head_switched_off_on_the_start_page_leads_to_before_and_after(visit):
    page = visit("/")
    page.get_by_role("button", name="switch this head off").click()
    page.wait_for_function("picture => document.querySelectorAll(picture).length === 2", arg=PICTURE)
    assert "/attention" in page.url


def test_guesses_and_files_outlast_a_reload(visit):
    page = visit("/bugs")
    page.get_by_role("button", name="A is wrong").click()
    expect(page.get_by_text("of 1 found")).to_be_visible()
    settle(page)
    page.reload()
    settle(page)
    expect(page.get_by_text("of 1 found")).to_be_visible()
    page.goto(page.url.replace("/bugs", "/alignment?view=File"))
    mine = {"name": "mine.txt", "mimeType": "text/plain", "buffer": b"the cat ||| le chat ||| 0-0 1-1\n"}
    page.locator("input[type=file]").first.set_input_files(mine)
    expect(page.get_by_text("1 pair of mine.txt").first).to_be_visible()
    settle(page)
    page.reload()
    settle(page)
    expect(page.get_by_text("1 pair of mine.txt").first).to_be_visible()
