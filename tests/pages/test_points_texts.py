"""Whole texts of points: what a name gives, which texts have a word, and what is refused."""

import numpy as np
import pytest

from core.types import Refused
from tests.core.analyses.test_embedding import small
from tests.drawn import unpacked
from ui.components.points.message import CUT, LONG, SHORT, pack_points
from ui.components.points.texts import MOST_POINTS, Whole, having, keep, named

TEXTS = ("The Cat sat.", "x" * 70 + " tail", "nothing")
PIECES = Whole(("cat", "sat", "x", "no"), TEXTS, np.array([0, 0, 1, 2]))


def test_a_point_is_told_by_its_name_and_the_text_it_is_from():
    key = keep(PIECES)
    assert named(key, [2, 0]) == [("x", TEXTS[1]), ("cat", TEXTS[0])]
    assert having(key, "TAIL").tolist() == [False, False, True, False]
    assert having(key, "cat").tolist() == [True, True, False, False]
    assert having(key, "no").tolist() == [False, False, False, True]


@pytest.mark.parametrize("points", [[4], [-1], [True], [0.0], "0", None, [0] * (MOST_POINTS + 1)])
def test_points_that_there_are_not_are_refused(points):
    with pytest.raises(Refused, match=r"Points are numbers from 0 to 3|a list of up to 50"):
        named(keep(PIECES), points)


@pytest.mark.parametrize("key", ["0" * 32, "", None, 5])
def test_texts_that_are_gone_are_refused(key):
    with pytest.raises(Refused, match="no longer here"):
        named(key, [0])


@pytest.mark.parametrize("word", ["", 3, None, "x" * 3000])
def test_no_word_is_refused(word):
    with pytest.raises(Refused, match="1 to 2,000 characters"):
        having(keep(PIECES), word)


@pytest.mark.parametrize(("count", "left"), [(LONG, None), (LONG + 1, CUT), (50_001, SHORT)])
def test_many_points_travel_with_the_beginnings_of_their_texts(count, left):
    texts = tuple(f"{k} " + "y" * 100 for k in range(count))
    header = unpacked(pack_points([small(count, texts)], 0))[0]["sides"][0]
    assert header["texts"][7] == texts[7][:left] and header.get("cut") == left
    if left:
        assert named(header["long"], [count - 1]) == [(texts[-1], texts[-1])]
    else:
        assert "long" not in header
