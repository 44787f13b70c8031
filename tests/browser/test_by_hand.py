"""Words linked by hand in a real browser: clicks, keys, undo, and another pair."""

from playwright.sync_api import expect


def test_words_are_linked_by_clicks_and_keys(visit):
    page = visit("/alignment?view=By+hand")
    gold = page.locator(".gaze-gold")
    source, target = gold.locator(".source .word"), gold.locator(".target .word")
    expect(source.first).to_be_visible()
    source.nth(0).click()
    target.nth(0).click()
    expect(gold).to_have_attribute("data-links", "[[[0,0]],[]]")
    target.nth(0).click()  # the word that was chosen first stays chosen
    expect(gold).to_have_attribute("data-links", "[[],[[0,0]]]")
    target.nth(0).click()
    expect(gold).to_have_attribute("data-links", "[[],[]]")
    target.nth(1).click()
    expect(gold).to_have_attribute("data-links", "[[[0,1]],[]]")
    expect(page.get_by_text("You have linked 1 of 8 pairs")).to_be_visible()
    gold.get_by_role("button", name="undo").click()
    expect(gold).to_have_attribute("data-links", "[[],[]]")
    expect(page.get_by_text("You have linked 0 of 8 pairs")).to_be_visible()
    page.keyboard.press("Escape")
    source.nth(0).focus()
    for key in ("ArrowDown", "Enter", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(gold).to_have_attribute("data-links", "[[[1,1]],[]]")
    expect(gold.locator("path")).to_have_count(1)
    page.keyboard.press("z")
    expect(gold).to_have_attribute("data-links", "[[],[]]")
    expect(page.get_by_text("You have linked 0 of 8 pairs")).to_be_visible()
    page.keyboard.press("Enter")
    expect(gold).to_have_attribute("data-links", "[[[1,1]],[]]")
    expect(page.get_by_text("You have linked 1 of 8 pairs")).to_be_visible()  # the page has answered
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(gold).to_have_attribute("data-links", "[[[1,1],[1,2]],[]]")
    page.keyboard.press("z")
    expect(gold).to_have_attribute("data-links", "[[[1,1]],[]]")
    page.keyboard.press("n")
    expect(gold.get_by_text("Pair 2 of 8")).to_be_visible()
    expect(gold).to_have_attribute("data-links", "[[],[]]")
    gold.get_by_role("button", name="previous").click()
    expect(gold).to_have_attribute("data-links", "[[[1,1]],[]]")
