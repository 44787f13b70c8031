"""Cheaper attention: closed forms, another implementation for each method, and a page that answers."""

import pytest

from core.measures.efficient import METHODS
from tests.apptest import SHELL


@pytest.fixture
def page():
    from streamlit.testing.v1 import AppTest

    return AppTest.from_file(SHELL, default_timeout=60)


def lines(app) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


def test_the_page_opens_on_a_finished_picture_and_every_method_draws(page):
    page.switch_page("../pages/efficient.py").run()
    assert not page.exception and "output off by" in lines(page)
    for method in METHODS:
        page.session_state["efficient:method"] = method
        page.run()
        assert not page.exception and METHODS[method].title in lines(page), method


def test_the_page_by_hand_noise_and_nonsense(page):
    page.switch_page("../pages/efficient.py").run()
    for of in ("By hand", "Noise"):
        page.session_state["efficient:of"], page.session_state["efficient:causal"] = of, True
        page.run()
        assert not page.exception and "output off by" in lines(page)
    page.session_state["efficient:of"], page.session_state["efficient:text"] = "In a model", "cat " * 500
    page.run()
    assert not page.exception
    assert "Shorten it" in lines(page) and "output off by" in lines(page)
