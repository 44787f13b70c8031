"""Two of anything side by side: what the page concludes, what it draws, and its refusals."""

import numpy as np
import pytest

from core.analyses.head_differences import KindDifference
from core.data.examples import COUNTERPARTS, EXAMPLES
from core.engine import ask
from core.requests import TextRequest
from core.types import Display
from tests.apptest import page
from tests.checkpoints import saved, tiny_bert
from tests.drawn import said
from ui.views.attention import compare

BERT = "mini-bert-wordpiece"


def sides(first: TextRequest, second: TextRequest, head: int = 0, other: int = 0) -> list[compare.Side]:
    return [
        compare.Side(ask(request), (ask(request).attentions[0].kind, 0, at))
        for request, at in ((first, head), (second, other))
    ]


def test_the_head_that_differs_most_is_named_by_the_models_own_layer():
    values = np.array([[0.1, 0.2], [0.4, 0.0]])
    found = (KindDifference("encoder", (2, 6), values), KindDifference("cross", (2, 6), values / 2))
    assert compare.strongest(found) == (("encoder", 6, 0), 0.4)
    assert compare.most_of(found).startswith("Head encoder 7.1 differs most: 40 % of a row's weight")


def test_where_nothing_differs_none_is_named():
    assert compare.strongest((KindDifference("encoder", (0,), np.zeros((1, 2))),)) is None
    assert compare.most_of(()) == compare.SEE


def test_two_texts_share_a_scale_and_the_third_map_is_second_less_first():
    one, other = sides(TextRequest(BERT, "The cat sat."), TextRequest(BERT, "The dog sat."))
    first, second, less = compare.panels(one, other, Display())
    assert first.group == second.group == "weight" and less.group == less.scale == "difference"
    assert np.array_equal(less.values, second.values - first.values)
    assert "cat → dog" in less.rows and "cat → dog" in less.columns
    assert np.array_equal(first.values, ask(one.encoding.request).attentions[0].weights[0, 0])


def test_two_heads_of_one_answer():
    one, other = sides(TextRequest(BERT, "The cat sat."), TextRequest(BERT, "The cat sat."), 0, 3)
    first, second, _ = compare.panels(one, other, Display())
    assert first.title.endswith(", 1.1") and second.title.endswith(", 1.4")
    assert np.array_equal(second.values, one.encoding.attentions[0].weights[0, 3])


def test_how_much_goes_elsewhere_is_said_with_where_most():
    one, other = sides(TextRequest(BERT, "The cat sat."), TextRequest(BERT, "The dog sat."))
    apart = np.abs(np.subtract(*(side.attention.weights[0, 0] for side in (one, other)))).sum(-1) / 2
    told = compare.told(one, other, Display())
    assert f"On average {100 * apart.mean():.0f} %" in told or f"On average {100 * apart.mean():.1f} %" in told
    assert f"most at “{one.attention.queries[int(apart.argmax())].text}”" in told and "counterpart" not in told
    longer = sides(TextRequest(BERT, "The old cat sat."), TextRequest(BERT, "The cat sat."))
    assert "Rows without a counterpart: 1 of 7." in compare.told(*longer, Display())


def test_every_example_has_a_counterpart_that_is_another_text():
    texts = [one.text for some in EXAMPLES.values() for one in some]
    assert all(COUNTERPARTS[text] != text for text in texts)


@pytest.mark.parametrize("units", ["pieces", "words"])
def test_it_opens_on_a_difference(units):
    at = page("attention", show="Compare", units=units)
    assert not at.exception and "differs most" in said(at) and "goes elsewhere, most at" in said(at)
    assert at.text_input(key="attention:second_text").value == "The black dog sleeps on the old chair."


def test_a_second_model_of_another_shape_is_shown_without_a_board():
    at = page("attention", show="Compare", model=BERT, second_model="mini-gpt")
    assert not at.exception and compare.SEE in said(at) and "differs most" not in said(at)
    second = ask(TextRequest("mini-gpt", COUNTERPARTS["The [MASK] chased the mouse."]))
    assert at.selectbox(key="attention:second_head").value in compare.heads_of(second)


def test_a_model_of_ones_own_is_compared_with_itself(any_folder, tmp_path):
    own = str(saved(tiny_bert(), tmp_path / "own"))
    at = page("attention", show="Compare", model=own)
    assert at.selectbox(key="attention:second_model").value == own


def test_what_cannot_be_compared_is_refused_in_its_place():
    at = page("attention", show="Compare", second_model="/no/such/folder")
    assert not at.exception and "gaze-advice" in said(at)
    at = page("attention", show="Compare", second_text=" ")
    assert not at.exception and "gaze-advice" in said(at)
