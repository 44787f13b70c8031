"""The frame round every page: its name, the height of its picture, projector mode, and steps back and forward."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks.shots import settle
from tests.chromium import PHONE

pytestmark = pytest.mark.browser
HALL = (1920, 1080)
#: Where the lowest element of a page ends, in pixels of the page.
LOWEST = """() => Math.max(...[...document.querySelectorAll('.stMain [data-testid=stElementContainer]')]
    .map((one) => one.getBoundingClientRect()).filter((box) => box.height > 2).map((box) => box.bottom))"""
PICTURE = "[data-testid=stBidiComponentIsolated][data-ready]"


def ends_with_the_screen(page, lines: int) -> None:
    page.wait_for_function(f"() => Math.abs(innerHeight - ({LOWEST})()) < 40 && innerHeight === {lines}")


@pytest.mark.parametrize(
    "path", ["/attention", "/positions?show=Curves", "/bugs", "/attention?show=Table", "/alignment"]
)
@pytest.mark.parametrize("size", [HALL, (1366, 768)])
def test_a_page_ends_where_the_screen_does(visit, path, size):
    ends_with_the_screen(visit(path, size=size), size[1])


def test_the_page_says_its_name(visit):
    page = visit("/positions", size=PHONE)
    assert page.title() == "Gaze: Positions"
    heading = page.get_by_role("heading", level=1)
    assert heading.inner_text() == "Positions" and heading.bounding_box()["y"] < 60


def test_projector_mode_has_large_letters_and_no_list_of_pages(visit):
    page = visit("/tokenizers", size=HALL)
    page.keyboard.press("p")
    page.wait_for_url("**projector=1**")
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    letter = page.locator(".piece b").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    index = page.locator(".piece small").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert letter >= 20 and index >= 14
    page.reload()
    settle(page)
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_function("() => !location.search.includes('projector')")
    assert page.locator("[data-testid=stSidebar]").is_visible()


def test_a_key_that_is_typed_is_no_order(visit):
    page = visit("/attention")
    box = page.get_by_label("Text", exact=True)
    box.click()
    page.keyboard.type("pp")
    page.keyboard.press("Control+z")
    assert "projector" not in page.url and page.locator("[data-testid=stSidebar]").is_visible()


def test_a_slash_is_the_text_of_the_page(visit):
    page = visit("/attention")
    page.keyboard.press("/")
    box = page.get_by_label("Text", exact=True)
    expect(box).to_be_focused()
    page.keyboard.type("New")  # all that stood there was marked
    expect(box).to_have_value("New")
    page.keyboard.type("/")
    expect(box).to_have_value("New/")


def test_undo_and_the_browser_walk_through_what_was_looked_at(visit):
    page = visit("/attention")
    box = page.get_by_label("Text", exact=True)
    first, undo, redo = box.input_value(), page.locator(".undo"), page.locator(".redo")
    assert undo.is_disabled() and redo.is_disabled()
    box.fill("My dog is hungry.")
    box.press("Enter")
    page.wait_for_url("**text=My**")
    page.wait_for_function("() => navigation.currentEntry.index === 1")
    settle(page)
    page.locator(".left .layers canvas.top").first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => navigation.currentEntry.index === 2")
    assert "layer=" in page.url
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !location.search.includes('layer=')")
    page.keyboard.press("Control+z")
    typed = "(text) => document.querySelector('[data-testid=stTextInput] input')?.value === text"
    page.wait_for_function(typed, arg=first)
    page.wait_for_function("() => document.querySelector('.gaze-output')?.innerText.includes('Le chat noir')")
    assert undo.is_disabled() and "text=" not in page.url
    redo.click()
    page.wait_for_function("() => document.querySelector('.gaze-output')?.innerText.includes('Mon chien')")
    page.wait_for_function(typed, arg="My dog is hungry.")


def test_who_undoes_at_once_comes_back(visit):
    """A step is made of what was looked at for a while, or of what somebody goes back from."""
    page = visit("/attention")
    box = page.get_by_label("Text", exact=True)
    box.fill("My dog is hungry.")
    box.press("Enter")
    page.wait_for_url("**text=My**")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Control+z")
    page.wait_for_function("() => !location.search.includes('text=')")


def test_a_step_back_holds_the_words_of_before(visit):
    page = visit("/attention?model=mini-gpt&view=text&row=2_4")
    pointed = page.locator(".piece.pointed")
    expect(pointed).to_have_count(2)
    page.locator(".gaze-heads .piece").nth(1).click()
    page.wait_for_function("() => navigation.currentEntry.index === 1")
    expect(page).to_have_url(re.compile("row=2_4_1"))
    page.locator(".gaze-heads .text").focus()
    page.keyboard.press("Control+z")
    expect(page).to_have_url(re.compile("row=2_4(&|$)"))
    expect(pointed).to_have_count(2)
    page.go_forward()
    expect(pointed).to_have_count(3)
    page.get_by_role("button", name="let all go").click()  # and is written into the address again
    expect(page).not_to_have_url(re.compile("row="))


def test_back_from_another_page_finds_the_page_as_it_was(visit):
    page = visit("/positions")
    page.get_by_role("radio", name="Curves").click()
    page.wait_for_function("() => navigation.currentEntry.index === 1")
    page.locator("[data-testid=stSidebarNavLink]", has_text="Spot the bug").click()
    page.wait_for_url("**/bugs")
    settle(page)
    page.go_back()
    page.wait_for_url("**/positions?show=Curves")
    page.get_by_role("radio", name="Curves", checked=True).wait_for()
    page.go_back()
    page.get_by_role("radio", name="Shift", checked=True).wait_for()
    assert page.evaluate("location.pathname + location.search") == "/positions"


def test_a_key_blanks_the_screen_and_any_key_brings_it_back(visit):
    page = visit("/positions")
    page.keyboard.press("b")
    cover = page.get_by_role("alertdialog", name="The screen is blank: press any key")
    expect(cover).to_be_visible()
    assert cover.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(0, 0, 0)"
    page.keyboard.press("p")  # an order for nobody
    expect(cover).to_be_hidden()
    assert "projector" not in page.url


def test_a_key_that_a_page_uses_is_left_to_it(visit):
    page = visit("/bugs")
    page.keyboard.press("b")
    expect(page.get_by_text("Next", exact=True).first).to_be_visible()  # it was a guess
    expect(page.get_by_role("alertdialog")).to_be_hidden()


def test_f_is_the_whole_screen(visit):
    page = visit("/positions")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === document.documentElement")
    page.keyboard.press("f")
    page.wait_for_function("() => !document.fullscreenElement")


def test_space_goes_to_the_next_step(visit):
    page = visit("/inside?step=1")
    steps = page.locator(".gaze-grid").get_by_role("tab")
    expect(steps.nth(0)).to_have_attribute("aria-selected", "true")
    page.locator("body").press("Space")
    expect(steps.nth(1)).to_have_attribute("aria-selected", "true")
    box = page.locator(".stMain [data-testid=stTextInput] input").first
    box.click()
    page.keyboard.press("Space")  # typed
    expect(steps.nth(1)).to_have_attribute("aria-selected", "true")


def test_all_keys_are_listed(visit):
    page = visit("/positions")
    page.keyboard.press("Shift+?")
    listed = page.get_by_role("dialog", name="Keys")
    expect(listed).to_be_visible()
    for key in ("K", "P", "F", "B", "Space", "Ctrl Z"):
        expect(listed.locator("kbd", has_text=re.compile(f"^{key}$"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()


def test_on_a_phone_the_buttons_are_one_menu_and_the_name_is_whole(visit):
    page = visit("/alignment", size=PHONE)
    heading = page.get_by_role("heading", level=1)
    assert heading.evaluate("one => one.scrollWidth <= one.clientWidth")
    expect(page.locator("button.save")).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("dialog", name="Menu").get_by_role("button", name="Save").click()
    menu = page.get_by_role("dialog", name="Save")
    expect(menu.get_by_role("button", name="Copy link")).to_be_visible()
    box = menu.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]
