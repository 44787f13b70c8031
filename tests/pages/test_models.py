"""The page of models: what its filters leave, and that a row opens its model on a page that can ask it."""

import pytest
from streamlit.testing.v1 import AppTest

from core.store.shelf import SHELF, available_offline
from tests.apptest import SHELL, page


def named(at: AppTest) -> set[str]:
    """The models whose rows are seen."""
    said = " ".join(one.proto.body for one in at.get("html"))
    return {name for name, card in SHELF.items() if f"<b>{card.title}</b>" in said}


def test_filters_leave_what_was_asked_for():
    at = page("models")
    assert named(at) == set(SHELF)
    at.selectbox(key="models:kind").select_index(
        [one.split(":")[0] for one in at.selectbox(key="models:kind").options].index("Decoders")
    ).run()
    assert named(at) == {name for name, card in SHELF.items() if card.family == "decoder"}
    at.segmented_control(key="models:where").set_value("Here").run()
    assert named(at) == {"mini-gpt"}


def test_a_link_keeps_the_filter():
    here = set(available_offline())
    assert named(page("models", where="Here")) == here
    assert named(page("models", where="To fetch")) == set(SHELF) - here


@pytest.mark.parametrize(("model", "key"), [("rnn-dot", "attention:model"), ("mini-gpt", "next_token:model")])
def test_a_row_opens_its_model(model, key):
    at = AppTest.from_file(str(SHELL), default_timeout=120)
    at.switch_page("../pages/models.py").run()
    at.button(key=f"models:open {model}").click().run()
    assert not at.exception and at.session_state[key] == model


@pytest.mark.parametrize(
    ("model", "screen"), [("HuggingFaceTB/SmolVLM-256M-Instruct", "Words"), ("facebook/detr-resnet-50", "DETR")]
)
def test_a_row_opens_its_model_on_the_screen_that_can_ask_it(monkeypatch, model, screen):
    monkeypatch.setattr("core.store.shelf.available_offline", lambda: [model])
    at = AppTest.from_file(str(SHELL), default_timeout=120)
    at.switch_page("../pages/models.py").run()
    at.button(key=f"models:open {model}").click().run()
    assert not at.exception
    assert (at.session_state["vision:model"], at.session_state["vision:screen"]) == (model, screen)
