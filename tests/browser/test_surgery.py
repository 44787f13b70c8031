"""Model surgery: pencils and other implementations for the measures, tiny models of every family, and the page."""

import pytest

from tests.apptest import SHELL


@pytest.fixture
def page():
    from streamlit.testing.v1 import AppTest

    return AppTest.from_file(SHELL, default_timeout=90)


@pytest.mark.browser
def test_a_click_switches_a_head_off_and_the_address_says_so(new_page, app_server):
    page = new_page()
    page.set_default_timeout(60_000)
    page.goto(app_server.url + "/surgery")
    page.get_by_role("button", name="cross head 4.6, on").click()
    page.get_by_text("1 of 72 heads off").wait_for()
    page.wait_for_url("**off=cross**")
    page.get_by_role("button", name="cross head 4.6, off").click()
    page.get_by_text("1 of 72 heads off").wait_for(state="detached")
