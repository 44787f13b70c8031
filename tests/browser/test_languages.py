"""The page in another language, as the browser wishes or by hand: mirrored where it is read so; what is typed stays."""

import pytest
from playwright.sync_api import expect

from benchmarks.shots import settle
from tests.chromium import ROOT
from tests.said import phrases
from ui.lessons.book import lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = ["", *sorted(file.stem for file in (ROOT / "pages").glob("*.py") if file.stem != "start")]
#: Words that stand in nearly every English sentence and are no words of the languages tried.
ENGLISH = r"\b(the|of|with|which|and|its|is|are|each|every|from|that|this|may|be|not|two|than|what|how|by|in|to)\b"
#: Texts and labels below a root and below all roots within; what is data, code or English by its nature is marked so.
LEFT = """(pattern) => {
    const english = new RegExp(pattern, "i"), left = [];
    const data = '[translate="no"], [dir="auto"], code, pre, kbd, style, script, noscript, textarea, svg, [lang="en"]';
    const look = (root) => root.querySelectorAll("*").forEach((one) => {
        if (one.shadowRoot) look(one.shadowRoot);
        if (one.closest(data)) return;
        const own = [...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data);
        const said = ["title", "aria-label", "placeholder"].map((name) => one.getAttribute(name));
        const bare = [...own, ...said].filter(Boolean).map((text) => text.replace(/“[^”]*”|\\S*\\/\\S*/g, ""));
        const whole = (text) => (text.match(/[a-z]{2,}/gi) || []).length >= 5; // not a token, a name, a class
        left.push(...bare.filter((text) => whole(text) && english.test(text)));
    });
    look(document.body);
    return [...new Set(left)];
}"""


def said_in(code):
    """said(English): its translation."""
    return phrases.catalogue(code).__getitem__


def test_a_french_browser_reads_french_and_another_choice_is_kept(visit):
    page = visit("/attention", locale="fr-FR")
    french, german = said_in("fr"), said_in("de")
    expect(page.get_by_role("heading", level=1)).to_have_text(french("Attention"))
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("button", name=french("Language")).click()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("link", name=german("Word alignment"))).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_role("link", name=german("Word alignment"))).to_be_visible()
    expect(page.get_by_role("combobox", name=german("Into"))).to_have_value(german("French"))


def test_an_english_browser_and_one_of_another_language_read_english(visit):
    for locale in ("en-US", "nl-NL"):
        expect(visit("/attention", locale=locale).get_by_role("heading", level=1)).to_have_text("Attention")


def test_arabic_is_mirrored_but_pictures_are_not(visit):
    page = visit("/attention", locale="ar-EG")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    width = page.viewport_size["width"]
    assert page.get_by_test_id("stSidebar").bounding_box()["x"] > width / 2
    expect(page.locator(".gaze-heads")).to_have_css("direction", "ltr")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


#: Words that every catalogue knows, and no page of texts says by itself.
TYPED = ["blur", "crop", "flip", "noise", "spotlight", "majority"]
#: How often each text that holds one of the words stands on the page, and in what.
HELD = """(words) => {
    const held = [];
    const look = (root) => root.querySelectorAll("*").forEach((one) => {
        if (one.shadowRoot) look(one.shadowRoot);
        [...one.childNodes].filter((node) => node.nodeType === 3).forEach((node) => words.forEach((word) => {
            if (node.data.includes(word)) held.push(`${word} in ${one.tagName}`);
        }));
    });
    look(document.body);
    return held.sort();
}"""


@pytest.mark.parametrize(
    "address",
    [
        "/attention?model=mini-bert-wordpiece&view=text&text={}",
        "/journey?text={}",
        "/next_token?text={}",
        "/next_token?show=Lens&text={}",
        "/blank?text={}",
        "/tokenizers?phrases={}",
        "/translation?show=Spans&text={}",
    ],
)
def test_what_was_typed_and_what_models_write_is_never_translated(visit, address):
    assert all(word in phrases.catalogue("zh") for word in TYPED)
    typed = address.format("+".join(TYPED))
    english, chinese = (visit(typed, locale=locale).evaluate(HELD, TYPED) for locale in ("en-US", "zh-CN"))
    assert english and chinese == english


def test_words_that_a_page_begins_with_are_words_of_a_text(visit):
    words = ["Tuesday", "grey", "seven"]
    english, chinese = (visit("/contrast", locale=locale).evaluate(HELD, words) for locale in ("en-US", "zh-CN"))
    assert len(english) >= len(words) and chinese == english


@pytest.mark.parametrize("name", PAGES)
def test_no_sentence_of_a_page_stays_english(visit, name):
    page = visit(f"/{name}", locale="zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    settle(page)
    titles = [one.title for one in lessons().values()]  # a lesson is in the language of who wrote it
    left = page.evaluate(LEFT, ENGLISH)
    assert [text for text in left if not any(title in text for title in titles)] == []
