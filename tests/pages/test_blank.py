"""The page Fill the blank: every view draws, explains, and answers bad input where it is."""

import numpy as np
import pytest

from core.engine import ask
from core.requests import BlankRequest
from tests.apptest import page as opened_page
from tests.core.analyses.test_blank import made  # noqa: F401 - a fixture
from tests.drawn import drawn, said


@pytest.mark.parametrize("view", ["Fill", "Dice", "Pair", "Leak"])
def test_every_view_draws_and_explains(view):
    at = opened_page("blank", show=view)
    assert "gaze-advice" not in said(at) and "gaze-notes" in said(at)


def test_the_page_shows_what_the_model_says(made):  # noqa: F811
    folder = made["masked"][0]
    at = opened_page("blank", text="the cat sat on the mat", hide="cat₂", model=folder, second=folder)
    found = ask(BlankRequest(folder, "the cat sat on the mat", (1,)))
    titles, values = drawn(at)
    assert len(titles) == 1  # the same model twice is drawn once
    assert np.allclose(values[0], found.weights[:, :, 0].mean(axis=1), atol=1e-6)
    assert f">{found.choices[0][0].text}</code>" in said(at)


def test_another_text_hides_another_word_and_an_example_fills_the_box():
    at = opened_page("blank")
    assert at.session_state["blank:hide"] == ["book₅"]
    at.text_input(key="blank:text").set_value("Where is the station?").run()
    assert at.session_state["blank:hide"] == ["station₄"] and not at.exception
    at.selectbox(key="blank:example").set_value(1).run()
    assert at.text_input(key="blank:text").value == "The cat chased the mouse."
    assert at.session_state["blank:hide"] == ["cat₂"] and not at.exception


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"text": " "}, "no text"),
        ({"text": "x " * 80}, "80 words"),
        ({"model": "translator"}, "not trained to fill"),
        ({"model": "nobody/nothing"}, "nobody/nothing"),
        ({"text": "The cat", "hide": "nonsense"}, ""),
        ({"text": "<img src=x onerror=alert(1)> cat"}, ""),
        ({"show": "Pair", "pair": ""}, "no pair to judge"),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture_stays(query, says):
    at = opened_page("blank", **query)
    assert says in said(at)
    assert "gaze-notes" in said(at) and "<img" not in said(at)
