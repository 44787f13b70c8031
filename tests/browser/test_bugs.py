"""Each mistake differs from the right code as the class is told, and the page tells nothing before the guess."""

import pytest

from benchmarks.shots import RAN
from tests.chromium import LAPTOP


@pytest.mark.browser
def test_a_class_guesses_by_key_and_sees_the_code(new_page, app_server):
    page = new_page(size=LAPTOP)
    page.goto(f"{app_server.url}/bugs")
    page.locator("[data-testid=stBidiComponentIsolated][data-ready]").first.wait_for()
    page.wait_for_function(RAN)  # a key that comes while the page is made may be lost
    assert page.locator(".gaze-code").count() == 0
    page.keyboard.press("b")
    page.locator(".gaze-code").first.wait_for()
    assert "1 of 1 found" in page.locator(".gaze-output").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
