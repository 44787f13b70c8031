"""Alignment error rate against hand-made cases, and the links read off attention."""

import numpy as np
import pytest

from core.alignment import argmax, corpus_error_rate, diagonal, error_rate, from_attention, to_words


@pytest.mark.parametrize(
    ("found", "sure", "possible", "rate"),
    [
        ({(0, 0), (1, 1)}, {(0, 0), (1, 1)}, set(), 0.0),
        ({(0, 1)}, {(0, 0)}, set(), 1.0),
        ({(0, 0), (1, 0)}, {(0, 0)}, {(1, 0)}, 0.0),  # 1 - (1 + 2) / (2 + 1)
        ({(0, 0), (2, 2)}, {(0, 0), (1, 1)}, {(1, 2)}, 0.5),  # 1 - (1 + 1) / (2 + 2)
        (set(), {(0, 0)}, set(), 1.0),
        (set(), set(), set(), 0.0),
    ],
)
def test_error_rate_by_pencil(found, sure, possible, rate):
    assert error_rate(found, sure, possible) == pytest.approx(rate)


def test_over_sentences_links_are_counted_before_dividing():
    # sentence 1: 1 of 1 right; sentence 2: 0 of 3 right with 1 sure: 1 - (1 + 1) / (4 + 2)
    found = [{(0, 0)}, {(0, 1), (1, 1), (2, 1)}]
    assert corpus_error_rate(found, [{(0, 0)}, {(0, 0)}], [set(), set()]) == pytest.approx(1 - 2 / 6)


def test_links_of_attention():
    weights = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]])
    assert from_attention(weights) == {(1, 0), (0, 1), (1, 2)}


def test_the_diagonal_of_equal_lengths_and_of_others():
    assert diagonal(3, 3) == {(0, 0), (1, 1), (2, 2)}
    assert diagonal(2, 4) == {(0, 0), (0, 1), (1, 2), (1, 3)}


def test_argmax_keeps_links_that_both_directions_choose():
    similarity = np.array([[0.9, 0.1, 0.3], [0.8, 0.2, 0.1], [0.0, 0.7, 0.6]])
    assert argmax(similarity) == {(0, 0), (2, 1)}  # row 1 chooses column 0, which chooses row 0
    assert argmax(np.zeros((0, 3))) == set()
    assert argmax(np.ones((2, 2))) == {(0, 0)}  # ties go to the first


def test_pieces_become_words():
    assert to_words({(0, 0), (1, 0), (2, 2)}, [0, 0, 1], [0, 1, 1]) == {(0, 0), (1, 1)}
