"""Agreement of two annotators, by pencil."""

import pytest

from core.measures.agreement import agreement, kappa
from core.requests import Gold


def gold(sure=(), possible=()) -> Gold:
    return Gold(frozenset(sure), frozenset(possible) | frozenset(sure))


def test_kappa_by_pencil():
    # Of 100 cells 20 both, 5 one alone, 10 the other, 65 neither: observed .85, by chance .25 x .30 + .75 x .70 = .60
    assert kappa(20, 5, 10, 65) == pytest.approx((0.85 - 0.6) / 0.4)
    assert kappa(7, 0, 0, 3) == 1
    # Each says yes to half of the cells, and they agree on half: no better than chance
    assert kappa(1, 1, 1, 1) == 0
    assert kappa(0, 5, 5, 0) == -1
    assert kappa(0, 0, 0, 9) is None and kappa(9, 0, 0, 0) is None


def test_both_ways_over_all_pairs():
    first = [gold([(0, 0), (1, 1)], [(2, 1)]), gold([(0, 0)])]
    second = [gold([(0, 0)], [(1, 1)]), gold([(0, 1)])]
    found = agreement(first, second, [(3, 2), (1, 2)])
    assert (found.pairs, found.both, found.only_first, found.only_second, found.neither) == (2, 2, 2, 1, 3)
    # 8 cells: observed 5/8; yes by 4/8 and 3/8: chance .1875 + .3125
    assert found.kappa == pytest.approx((5 / 8 - 0.5) / 0.5)
    # the first links 4 against 2 sure ones: 1 of them sure, 2 possible
    assert found.first_error == pytest.approx(1 - (1 + 2) / (4 + 2))
    # the second links 3 against 3 sure ones: 2 of them sure, 2 possible
    assert found.second_error == pytest.approx(1 - (2 + 2) / (3 + 3))


def test_annotators_who_agree():
    same = [gold([(0, 0)], [(0, 1)])]
    found = agreement(same, same, [(2, 2)])
    # of a possible link the other one's sure ones know nothing: AER is 0 all the same
    assert (found.kappa, found.first_error, found.second_error) == (1, 0, 0)


def test_what_cannot_be_compared_is_a_mistake():
    for sides in (([], [], []), ([gold()], [gold()], []), ([gold()], [], [(1, 1)])):
        with pytest.raises(ValueError, match="cannot be compared"):
            agreement(*sides)
