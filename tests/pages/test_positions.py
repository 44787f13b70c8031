"""Positions against closed forms, pencils and transformers' own functions; shifted sentences against explicit ids."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analyses.position_schemes import SCHEMES, SchemeSettings, scores, words_of
from tests.apptest import PAGES
from tests.drawn import drawn, said

PAGE = PAGES / "positions.py"


SENTENCE = words_of("The cat sat on the mat.")


def page(**query) -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = str(value)
    at.run()
    assert not at.exception
    return at


def test_the_opening_shows_scores_and_what_a_shift_changes():
    at = page()
    titles, values = drawn(at)
    assert titles[0] == "Sinusoidal from position 8" and titles[2] == "RoPE from position 8"
    for scheme, there, change in (("sinusoidal", *values[:2]), ("rope", *values[2:])):
        first, second = (scores(scheme, SENTENCE, k, SchemeSettings()) for k in (0, 8))
        assert np.allclose(there, second, atol=1e-5)
        assert np.allclose(change, second - first, atol=1e-5)
    assert np.all(values[3] == 0) and "RoPE: no score changes" in said(at)


def test_an_address_with_a_slip_begins_like_one_without():
    _, values = drawn(page(d=7, base="abc", k=-3, show="Nothing", left="foo", n=9))
    assert np.allclose(values[0], scores("sinusoidal", SENTENCE, 8, SchemeSettings()), atol=1e-5)


@pytest.mark.parametrize("view", ["Shift", "Numbers", "Distance", "Curves", "Pair", "Model"])
def test_every_view_draws_and_explains(view):
    at = page(show=view, left="Table of a model", right="ViT grid")
    assert "gaze-advice" not in said(at)
    assert "gaze-notes" in said(at)


@pytest.mark.parametrize("pair", [("none", "shaw"), ("sinusoidal", "rope"), ("t5", "alibi")])
@pytest.mark.parametrize("view", ["Numbers", "Distance", "Curves"])
def test_every_scheme_has_its_pictures_down_to_one_position(pair, view):
    left, right = (SCHEMES[one].title for one in pair)
    assert "gaze-advice" not in said(page(show=view, left=left, right=right, n=1, d=4))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"left": "Table of a model", "k": 1000}, "ends at position"),
        ({"sentence": ""}, "no text"),
        ({"sentence": "word " * 40}, "40 words"),
        ({"right": "ALiBi", "head": 40}, "no head 40"),
        ({"show": "Model", "k": 1000}, "Shift by"),
        ({"show": "Model", "model": "nobody/nothing"}, "nobody/nothing"),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture_stays(query, says):
    text = said(page(**query))
    assert says in text
    assert "gaze-notes" in text
