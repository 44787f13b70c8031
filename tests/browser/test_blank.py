"""Fill the blank: against transformers' own heads, pencils for the dice and the leak, and the page."""

import pytest


@pytest.mark.browser
def test_a_click_hides_a_word(new_page, app_server):
    page = new_page()
    page.set_default_timeout(30_000)
    page.goto(f"{app_server.url}/blank")
    page.locator("[data-testid=stBidiComponentIsolated][data-ready]").first.wait_for()
    assert page.locator(".gaze-guess h4").count() == 0
    page.get_by_role("button", name="garden₈").click()
    page.locator(".gaze-guess h4").first.wait_for()  # two blanks are named
    page.wait_for_url("**hide=**")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
