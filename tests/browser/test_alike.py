"""Alike in a real browser: a patch is clicked and walked from, and the best ones follow."""

from contextlib import suppress

from playwright.sync_api import TimeoutError, expect


def test_a_patch_is_clicked_and_walked_from(visit):
    page = visit("/vision?screen=Alike")
    view = page.locator(".gaze-alike")
    expect(view).to_have_attribute("data-patch", "36")
    picture = view.locator("figure.own canvas")
    expect(picture).to_be_visible()
    for _ in range(5):  # the picture may be fitted to its room between a look at its size and the click
        width, height = picture.evaluate("one => [one.clientWidth, one.clientHeight]")
        with suppress(TimeoutError):
            picture.click(position={"x": width * 2.5 / 8, "y": height * 1.5 / 8}, timeout=3000)
            break
    expect(view).to_have_attribute("data-patch", "10")
    before = view.get_attribute("data-best")
    page.keyboard.press("ArrowDown")
    expect(view).to_have_attribute("data-patch", "18")
    expect(view).not_to_have_attribute("data-best", before)
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
    expect(view).to_have_attribute("data-patch", "16")
    expect(view.get_by_text("Patch 3,1, after layer 5: most like")).to_be_visible()
