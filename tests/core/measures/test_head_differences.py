"""Tokens that stand for each other, and how much of a row goes elsewhere, by pencil."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.measures.head_differences import difference, elsewhere, matched


def pairs(first: str, second: str) -> list[tuple[int, int]]:
    one, other = matched(first.split(), second.split())
    return list(zip(one.tolist(), other.tolist(), strict=True))


def test_a_changed_word_stands_for_the_one_before():
    assert pairs("the cat sat", "the dog sat") == [(0, 0), (1, 1), (2, 2)]


def test_a_word_more_stands_for_none():
    assert pairs("the cat sat", "the old cat sat") == [(0, 0), (1, 2), (2, 3)]
    assert pairs("the cat sat", "the very old dog sat") == [(0, 0), (2, 4)]


def test_nothing_in_common():
    assert pairs("a b", "c d e") == [] and pairs("", "a") == []


ALL = np.arange(2), np.arange(2)


def test_half_of_what_changes_goes_elsewhere():
    one, other = np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([[0.8, 0.2], [0.0, 1.0]])
    assert elsewhere(one, other, ALL, ALL) == pytest.approx([0.3, 1.0])
    assert difference(one, other, ALL, ALL) == pytest.approx(np.array([[0.3, -0.3], [-1.0, 1.0]]))


def test_what_the_other_has_not_counts_as_elsewhere():
    one, other = np.array([[0.5, 0.5]]), np.array([[0.4, 0.2, 0.4]])  # the middle key is new
    rows, columns = (np.array([0]), np.array([0])), (np.array([0, 1]), np.array([0, 2]))
    # (|.5 - .4| + |.5 - .4| + the new key's .2) / 2
    assert elsewhere(one, other, rows, columns) == pytest.approx([0.2])
    assert difference(one, other, rows, columns) == pytest.approx(np.array([[-0.1, -0.1]]))


@given(st.integers(1, 6), st.integers(0, 9))
def test_it_is_a_share_and_the_same_both_ways(count, seed):
    chance = np.random.default_rng(seed)
    one, other = (chance.dirichlet(np.ones(count), size=(3, count)) for _ in range(2))
    every = np.arange(count), np.arange(count)
    found = elsewhere(one, other, every, every)
    assert found.shape == (3, count) and (found >= 0).all() and (found <= 1 + 1e-9).all()
    assert found == pytest.approx(elsewhere(other, one, every, every))
    assert elsewhere(one, one, every, every) == pytest.approx(np.zeros((3, count)))
