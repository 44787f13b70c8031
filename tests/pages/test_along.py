"""A sentence goes along from page to page, and its model where the other page can ask it."""

import pytest

from tests.apptest import page as opened_page
from ui.along import GOALS, address_of


@pytest.mark.parametrize(
    ("name", "query", "parameter"),
    [
        ("attention", {"text": "My dog is hungry.", "model": "mini-gpt"}, "text"),
        ("next_token", {"text": "My dog is", "model": "mini-gpt"}, "text"),
        ("tokenizers", {"phrases": "My dog is hungry.\nSecond"}, "phrases"),
        ("positions", {"sentence": "My dog is hungry."}, "sentence"),
        ("blank", {"text": "My dog is hungry."}, "text"),
        ("translation", {"text": "My dog is hungry."}, "text"),
        pytest.param(
            *("surgery", {"text": "My dog is hungry.", "model": "mini-bert-wordpiece"}, "text"), marks=pytest.mark.slow
        ),
        ("inside", {"where": "In a model", "text": "My dog is hungry."}, "text"),
        ("journey", {"text": "My dog is hungry."}, "text"),
    ],
)
def test_a_sentence_can_be_taken_along_to_every_other_page_that_takes_one(name, query, parameter):
    at = opened_page(name, **query)
    wanted = [one.title for file, one in GOALS.items() if file != name]
    offered = [one.label for one in at.button if one.key and ":along " in one.key]
    assert offered == wanted and GOALS[name].text == parameter


def test_a_model_goes_along_only_where_it_can_be_asked():
    gpt = {"text": "a b", "model": "mini-gpt"}
    assert address_of("attention", "a b", "mini-gpt") == gpt
    assert address_of("blank", "a b", "mini-gpt") == {"text": "a b"}
    assert address_of("tokenizers", "a b", "mini-gpt") == {"phrases": "a b"}
    assert address_of("journey", "a b", "translator", "de") == {"text": "a b", "model": "translator", "into": "German"}
    assert address_of("surgery", "a b", "translator", "de") == {"text": "a b", "model": "translator"}
