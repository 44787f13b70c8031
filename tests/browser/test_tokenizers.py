"""Tokenizers: counts by pencil, the pieces of transformers' own tokenizer, and the page."""

import pytest


@pytest.mark.browser
def test_a_piece_pointed_at_lights_up_in_the_other_texts(new_page, app_server):
    page = new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{app_server.url}/tokenizers?phrases=the+cat%0Athe+dog&tokenizers=translator")
    page.locator("[data-testid=stBidiComponentIsolated][data-ready]").first.wait_for()
    page.locator(".piece.common").first.hover()
    assert page.locator(".piece.lit").count() == 2
    assert "in texts 1, 2" in page.locator(".readout").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.browser
def test_every_view_can_be_read_and_pressed_on_a_laptop(new_page, app_server):
    page = new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{app_server.url}/tokenizers?phrases=the+cat&tokenizers=translator")
    page.locator("[data-testid=stBidiComponentIsolated][data-ready]").first.wait_for()
    views = page.get_by_role("radiogroup", name="View")
    assert views.evaluate("(group) => group.scrollWidth <= group.clientWidth + 1")
    label = page.get_by_text("More", exact=True)
    assert label.evaluate("(text) => text.scrollWidth <= text.clientWidth + 1")
