"""The view Attribution: it opens on every family that answers, and its sentence says which method finds the words."""

import numpy as np
import pytest

from core.analyses.attribution import Attributed, Attribution
from core.analyses.relevance import FaithfulnessCurves
from core.engine import ask
from core.requests import TextRequest
from core.types import Token
from tests.apptest import page as opened_page
from tests.drawn import said
from ui.views.attention.attribution import answers, method_row, missed, verdict, whole


@pytest.mark.parametrize("model", ["translator", "mini-bert-wordpiece", "mini-gpt"])
def test_it_draws_and_explains(model):
    at = opened_page("attention", model=model, show="Attribution")
    assert "Integrated gradients" in said(at) and "down fastest" in said(at) and "gaze-advice" not in said(at)


def made(deletions, gap=0.0, share=0.5, gone=0.05):
    """A picture of methods with constant curves of these heights; the last one is chance."""
    curves = [FaithfulnessCurves(np.array([0, 1]), np.full(2, at), np.full(2, 1 - at)) for at in deletions]
    tokens = (Token("[CLS]", 1, -1, special=True), Token("one", 2, 0), Token("two", 3, 1))
    methods = tuple(Attributed(name, np.array([9.0, 2, -1]), one) for name, one in zip("ABC", curves, strict=False))
    return Attribution(tokens, 1, "dog", share, gone, "[MASK]", methods[:-1], curves[-1], gap)


def test_the_verdict_names_the_least_area_and_who_does_no_better_than_chance():
    assert verdict(made([0.1, 0.2, 0.3])) == (
        "A brings “dog” down fastest (area 0.100, by chance 0.300); every method beats chance."
    )
    assert verdict(made([0.4, 0.2, 0.3])).startswith("B brings “dog” down fastest (area 0.200")
    assert verdict(made([0.4, 0.2, 0.3])).endswith("no better than chance: A.")


def test_a_sum_that_is_missed_is_said():
    assert missed(made([0.1, 0.2, 0.3], gap=0.1)) == ""  # of ln 10 = 2.3
    assert "miss 0.5 of 2.3 nats" in missed(made([0.1, 0.2, 0.3], gap=-0.5))


def test_special_tokens_do_not_set_the_tint():
    one = made([0.1, 0.2, 0.3])
    row = method_row(one.methods[0], one)
    assert "#3583d9 70%" in row and "#e08a2c 35%" in row and ">2.00<" in row and ">-1.00<" in row
    assert row.endswith("<td>0.100</td><td>0.900</td></tr>")
    assert "50 %" in whole(one) and "5.0 %" in whole(one) and "[MASK]" in whole(one)


def test_answers_are_the_likeliest_of_each_place_and_the_words_that_were_written():
    two = answers(ask(TextRequest("mini-bert-wordpiece", "The [MASK] chased the [MASK].")))
    assert len(two) == 10 and two[0][:2] == (2, 0) and two[0][2].startswith("3: “")
    written = answers(ask(TextRequest("translator", "The black cat sleeps.", language="fr")))
    assert [name for *_, name in written][:2] == ["1: “Le”", "2: “chat”"] and all(rank == 0 for _, rank, _ in written)
    assert len(answers(ask(TextRequest("mini-gpt", "The cat sat on")))) == 5
