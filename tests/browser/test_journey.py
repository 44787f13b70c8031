"""The journey in a browser: stops, layers and tokens say their numbers, and a stop opens its page."""

import pytest
from playwright.sync_api import expect

from core.engine import ask
from core.requests import JourneyRequest, TextRequest

pytestmark = pytest.mark.browser
GPT = TextRequest("mini-gpt", "The cat sat on the mat because it was")


def test_layers_and_tokens_change_what_is_said(visit):
    found = ask(JourneyRequest(GPT))
    page = visit("/journey?model=mini-gpt&stop=Guess&layer=0")
    sentence = page.locator(".gaze-journey .sentence")
    word, share = found.guesses[1][8]
    last, _ = found.guesses[-1][8]
    assert (
        f"ended after layer 1: “{word}”, {100 * share:.0f} %" in sentence.inner_text()
        and f"“{last}”" in sentence.inner_text()
    )
    page.locator(".gaze-journey .box").last.click()
    assert sentence.inner_text().startswith(f"Behind “was” the model says “{last}”")
    page.locator(".gaze-journey .token").nth(3).click()
    assert sentence.inner_text().startswith(f"Behind “on” the model says “{found.guesses[-1][3][0]}”")
    page.wait_for_url("**token=3**")
    guesses = page.locator(".gaze-journey .guess").all_inner_texts()
    assert [one.split("\n")[0] for one in guesses] == [one for one, _ in found.guesses[-1]]


def test_the_text_goes_along_to_the_page_of_a_stop(visit):
    page = visit("/journey?model=mini-bert-wordpiece&text=My+dog+is+hungry.")
    page.get_by_role("radio", name="Attention").press("ArrowRight")
    assert page.get_by_role("radio", name="Feed-forward").get_attribute("aria-checked") == "true"
    page.get_by_role("radio", name="Attention").click()
    page.locator(".gaze-journey select").first.select_option("2")
    page.get_by_role("button", name="Attention →").click()
    page.wait_for_url("**/attention?**")
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value("My dog is hungry.")
    page.wait_for_url("**head=1**")


def test_a_phone_scrolls_the_way_and_nothing_else(visit):
    page = visit("/journey", size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".gaze-journey .token").first.is_visible()
