"""Model surgery: pencils and other implementations for the measures, tiny models of every family, and the page."""

import pytest

from tests.apptest import SHELL


@pytest.fixture
def page():
    from streamlit.testing.v1 import AppTest

    return AppTest.from_file(SHELL, default_timeout=90)


def lines(app) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


@pytest.mark.slow
def test_the_page_shows_every_screen_and_heads_that_are_off(page):
    page.query_params["off"] = "cross 4.1 4.2 4.3 4.4 4.5 4.6"
    page.switch_page("../pages/surgery.py").run()
    assert not page.exception and "6 of 72 heads off" in lines(page)
    page.session_state["surgery:off"] = "cross 9.9"
    page.run()
    assert "no cross head 9.9" in lines(page) and not page.exception
    for view, says in (("Weights", "Size of a file"), ("Distillation", "bits"), ("By hand", "zeros on 7 levels")):
        page.session_state["surgery:view"] = view
        page.run()
        assert not page.exception and says in lines(page), view
    page.session_state["surgery:view"], page.session_state["surgery:text"] = "Heads", "  "
    page.run()
    assert not page.exception and "no text" in lines(page).lower()
