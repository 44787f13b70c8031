"""Each mistake differs from the right code as the class is told, and the page tells nothing before the guess."""

import html
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analyses import bugs as quiz
from core.analyses.bugs import order
from tests.apptest import PAGES
from tests.core.measures.test_bugs import both
from tests.drawn import drawn, said

PAGE = PAGES / "bugs.py"


def press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()
    assert not at.exception


def test_the_game_from_guess_to_score():
    at = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not at.exception
    first, second, *_ = order(122)
    assert "gaze-code" not in said(at) and first.mistake.title not in said(at)
    assert "0</b> of 0 found" in said(at)
    press(at, f"{first.wrong} is wrong")
    assert "gaze-code" in said(at) and first.mistake.title in said(at)
    assert "1</b> of 1 found" in said(at)
    press(at, "Next")
    assert "gaze-code" not in said(at) and second.mistake.drawn in said(at)
    press(at, f"{'A' if second.wrong == 'B' else 'B'} is wrong")
    assert "1</b> of 2 found" in said(at) and f"and {second.wrong} is wrong" in said(at)
    at.segmented_control[0].set_value(1).run()
    assert first.mistake.title in said(at)  # what was guessed stays guessed
    press(at, "Next")
    assert at.session_state["bugs:panel"] == 3
    press(at, "New order")
    assert "0</b> of 0 found" in said(at) and at.session_state["bugs:panel"] == 1


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_wrong_picture_stands_on_its_side(number):
    panel = order(122)[number - 1]
    right, wrong = both(panel.mistake.name)
    expected = [wrong, right] if panel.wrong == "A" else [right, wrong]
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.session_state["bugs:panel"] = number
    at.run()
    titles, values = drawn(at)
    assert titles == ["A", "B"]
    assert all(np.allclose(one, other) for one, other in zip(values, expected, strict=True))
    press(at, "A is wrong")
    titles, _ = drawn(at)
    lines = re.findall(r'data-kind="(\w+)">(.*?)</pre>', said(at))
    told = [(kind, html.unescape(re.sub("</?mark>", "", line))) for kind, line in lines]
    code = [("right", panel.mistake.code[0]), ("wrong", panel.mistake.code[1])]
    assert told == (code if panel.wrong == "B" else code[::-1])
    assert titles == (["A: wrong", "B: right"] if panel.wrong == "A" else ["A: right", "B: wrong"])


def test_a_link_leads_to_the_same_panel():
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.query_params["order"], at.query_params["panel"] = "7", "5"
    at.run()
    assert order(7)[4].mistake.drawn in said(at)


def test_all_guessed_next_still_leads_on():
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.session_state["bugs/guesses"] = {122: {number: "A" for number in range(1, 13)}}
    at.session_state["bugs:panel"] = 12
    at.run()
    assert "6</b> of 12 found" in said(at)
    press(at, "Next")
    assert at.session_state["bugs:panel"] == 1


def test_a_missing_model_is_said_and_the_others_go_on(monkeypatch):
    from core.cache import ANSWERS
    from core.types import Refused

    def missing(model):
        raise Refused("Gaze translator is not whole. Get Gaze's files again.")

    monkeypatch.setattr(quiz, "material", missing)
    ANSWERS.clear()
    at = AppTest.from_file(PAGE, default_timeout=60)
    at.session_state["bugs:panel"] = next(i for i, p in enumerate(order(122), 1) if p.mistake.modelled)
    at.run()
    assert "not whole" in said(at) and not at.exception
    at.segmented_control[0].set_value(1).run()
    assert "gaze-notes" in said(at)
    ANSWERS.clear()
