"""Heads that look differently in two texts: against the weights themselves, and where there is nothing to compare."""

import numpy as np
import pytest

from core.analyses.head_differences import places
from core.engine import ask
from core.requests import HeadDifferencesRequest, TextRequest

TEXT, CHANGED = "The cat sat on the mat.", "The cat sat on the bed."


def test_one_model_over_two_texts():
    first, second = TextRequest("mini-bert-wordpiece", TEXT), TextRequest("mini-bert-wordpiece", CHANGED)
    (side,) = ask(HeadDifferencesRequest(first, second))
    one, other = (ask(request).attentions[0] for request in (first, second))
    assert side.kind == "encoder" and side.values.shape == one.weights.shape[:2]
    rows, _ = places(one, other)
    assert len(rows[0]) == len(one.queries) == len(other.queries)
    for layer, head in ((0, 0), (3, 5)):
        apart = np.abs(one.weights[layer, head] - other.weights[layer, head]).sum(-1) / 2
        assert side.values[layer, head] == pytest.approx(apart.mean(), abs=1e-6)


def test_one_text_differs_nowhere():
    same = TextRequest("mini-gpt", TEXT)
    (side,) = ask(HeadDifferencesRequest(same, same))
    assert np.abs(side.values).max() < 1e-6 and side.numbers == tuple(range(len(side.values)))


def test_a_translator_has_three_kinds_and_models_of_other_kinds_have_none_in_common():
    one = TextRequest("translator", "The black cat sleeps.", language="fr")
    two = TextRequest("translator", "The black dog sleeps.", language="fr")
    assert [side.kind for side in ask(HeadDifferencesRequest(one, two))] == ["encoder", "decoder", "cross"]
    assert ask(HeadDifferencesRequest(TextRequest("mini-bert-wordpiece", TEXT), TextRequest("mini-gpt", TEXT))) == ()
