"""Shares of a row between a picture and the words around it, by pencil."""

import numpy as np

from core.measures.beside_words import PARTS, on_picture_tokens, shares, words_first
from core.types import Patches

ROW = np.array([[0.5, 0.1, 0.05, 0.15, 0.1, 0.1], [1, 0, 0, 0, 0, 0]])


def test_a_row_goes_to_the_picture_to_the_first_token_and_to_other_words():
    assert PARTS == ("picture", "first token", "other words")
    np.testing.assert_allclose(shares(ROW, Patches(1, 2, 2)), [[0.2, 0.5, 0.3], [0, 1, 0]])


def test_a_first_token_of_the_picture_counts_to_the_picture():
    np.testing.assert_allclose(shares(ROW, Patches(2, 2, 0)), [[0.8, 0, 0.2], [1, 0, 0]])


def test_words_stand_in_front_and_the_picture_behind():
    places = np.arange(6)
    assert words_first(places, Patches(1, 2, 2)).tolist() == [0, 1, 4, 5, 2, 3]
    assert on_picture_tokens(places, Patches(1, 2, 2)).tolist() == [2, 3]
