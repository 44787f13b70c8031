"""The order in which heads go, by pencil."""

import pytest

from core.measures.surgery import best_kept, ranked


@pytest.mark.parametrize(
    ("worth", "order"), [({"a": 2.0, "b": 0.5, "c": 1.0}, ("b", "c", "a")), ({"a": 1, "b": 1, "c": 0}, ("c", "a", "b"))]
)
def test_the_head_that_is_worth_least_goes_first(worth, order):
    assert ranked(worth) == order


def test_one_head_a_layer_stays_the_one_that_is_worth_most():
    worth = {("encoder", 0, 0): 1.0, ("encoder", 0, 1): 3.0, ("encoder", 1, 0): 2.0, ("cross", 0, 0): 0.0}
    assert best_kept(worth) == (("encoder", 0, 0),)
