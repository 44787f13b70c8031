"""From the picture of a head to its card, and from the card back to the picture, in a real browser."""

import re

from playwright.sync_api import expect


def test_a_card_opens_with_one_click_and_leads_back(visit):
    page = visit("/attention?model=mini-bert-wordpiece&kind=encoder&layer=2&head=5")
    heads = page.locator(".gaze-heads")
    expect(heads.get_by_role("heading", name="Layer 3 · head 6")).to_be_visible()
    heads.get_by_role("button", name="its card").click()
    expect(page.get_by_text("Encoder head 3.6", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"card=encoder(\+|%20)3\.6"))
    board = page.locator(".gaze-board")
    expect(board.locator(".square.chosen")).to_have_attribute("data-head", "encoder.2.5")
    board.locator('[data-head="encoder.0.2"]').click()
    expect(page.get_by_text("Encoder head 1.3", exact=True)).to_be_visible()
    expect(board.locator(".square.chosen")).to_have_count(1)
    page.get_by_role("button", name="Show in Heads").click()
    expect(heads.get_by_role("heading", name="Layer 1 · head 3")).to_be_visible()
    expect(page).to_have_url(re.compile(r"layer=0&head=2"))


def test_a_sentence_of_a_card_opens_with_its_edge_held(visit):
    page = visit("/attention?model=mini-bert-wordpiece&show=Cards")
    first = page.locator(".gaze-edges").locator("bdi").first
    expect(first).to_be_visible()
    page.get_by_role("combobox", name="Open a sentence").click()
    page.get_by_role("option").first.click()
    heads = page.locator(".gaze-heads")
    expect(heads.get_by_role("heading", name="Layer 3 · head 1")).to_be_visible()
    expect(page).to_have_url(re.compile(r"row=\d+&column=\d+"))
    expect(page.get_by_role("textbox", name="Text", exact=True)).not_to_have_value("The [MASK] chased the mouse.")


def test_heads_that_do_not_fit_stand_back(visit):
    page = visit("/attention?model=mini-bert-wordpiece&show=Cards&find_previous=90")
    board = page.locator(".gaze-board")
    expect(board.locator(".square.faint")).to_have_count(23)
    expect(page.get_by_text("1 of 24 heads fit: encoder 3.1")).to_be_visible()
