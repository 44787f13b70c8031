"""What languages cost: fertility left, the premium over English right, each tokenizer in its colour."""

import pytest

from core.figures.tokenizers import COLOURS, Costs, costs

FIRST = Costs("mBERT", (1.25, 2.5), (1.0, 1.6), (0.0, 0.125))
SECOND = Costs("XLM-R", (1.5, 1.75), (1.0, 1.2), (0.001, 0.0))


@pytest.mark.parametrize(("axis", "field"), [("x", "fertility"), ("x2", "premium")])
@pytest.mark.parametrize("some", [(FIRST, SECOND), (SECOND, FIRST)])
def test_bars_are_the_numbers_of_their_half(axis, field, some):
    figure = costs(("English", "Thai"), some, 400)
    bars = [one for one in figure.data if one.xaxis == axis]
    assert [one.name for one in bars] == [one.title for one in some]
    assert [list(one.y) for one in bars] == [list(getattr(one, field)) for one in some]
    assert all(list(one.x) == ["English", "Thai"] for one in bars)
    assert [one.marker.color for one in bars] == list(COLOURS[:2])


def test_halves_are_titled_unknown_pieces_said_and_one_is_a_line():
    figure = costs(("English", "Thai"), (FIRST, SECOND), 400)
    titles = [one.text for one in figure.layout.annotations]
    assert titles == ["<b>pieces per word</b>", "<b>pieces for what English says in one</b>"]
    assert list(figure.data[0].customdata) == ["0.0 %", "12.5 %"] and list(figure.data[2].customdata) == [
        "0.1 %",
        "0.0 %",
    ]
    assert {(one.y0, one.y1) for one in figure.layout.shapes} == {(1, 1)} and len(figure.layout.shapes) == 2
    assert [one.showlegend for one in figure.data] == [True, False, True, False]
