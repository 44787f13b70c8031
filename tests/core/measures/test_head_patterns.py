"""Patterns of heads in one text, by pencil."""

import numpy as np
import pytest

from core.measures.attention import layer_measures
from core.measures.head_patterns import (
    asking,
    between,
    given_and_taken,
    induction,
    likeness,
    patterns,
    shares,
    strongest,
    words_of,
)  # fmt: skip
from core.types import Token

#: [CLS] The cat saw the cat s . [SEP], where "cat s" is a word in two pieces and the first "cat" another word
TEXT = (
    Token("[CLS]", 1, -1, special=True), Token("The", 2, 0), Token("cat", 3, 1), Token("saw", 4, 2), Token("the", 5, 3),
    Token("cat", 3, 4), Token("s", 6, 4), Token(".", 7, 5), Token("[SEP]", 8, -1, special=True),
)  # fmt: skip
COUNTS = {"the": 90, "cat": 8, "cats": 5, "saw": 5, ".": 1}


def found(rows=TEXT, columns=TEXT, *, itself=True):
    return patterns(rows, columns, lambda word: COUNTS.get(word, 0), self_attention=itself)


def cells(pattern) -> set[tuple[int, int]]:
    return {(int(row), int(column)) for row, column in np.argwhere(pattern)}


def test_words_are_joined_from_their_pieces():
    assert words_of(TEXT) == ["", "the", "cat", "saw", "the", "cats", "cats", ".", ""]


def test_where_each_pattern_lies():
    where = found()
    assert cells(where["same"]) == {(1, 4), (4, 1)}  # "The" and "the"; "cat" is not "cats"
    assert cells(where["subword"]) == {(5, 6), (6, 5)}
    assert cells(where["punctuation"]) == {(row, 7) for row in range(9)}
    assert cells(where["separator"]) == {(row, 8) for row in range(9)}
    assert cells(where["first"]) == {(row, 0) for row in range(9)}
    assert cells(where["previous"]) == {(row, row - 1) for row in range(1, 9)}
    assert cells(where["next"]) == {(row, row + 1) for row in range(8)}
    # "saw" and "cats" stand equally often: the first one; a sign is not asked. Not from "saw" itself.
    assert cells(where["rare"]) == {(row, 3) for row in range(9) if row != 3}


def test_the_pieces_of_the_rarest_word_do_not_count_for_it():
    rare = patterns(TEXT, TEXT, lambda word: 0 if word == "cats" else 3, self_attention=True)["rare"]
    assert cells(rare) == {(row, column) for row in (0, 1, 2, 3, 4, 7, 8) for column in (5, 6)}


def test_between_two_texts_places_are_not_compared():
    where = found(TEXT[1:3], TEXT, itself=False)
    assert set(where) == {"first", "separator", "punctuation", "same", "rare"}
    assert cells(where["same"]) == {(0, 1), (0, 4), (1, 2)}


def test_shares_are_means_over_the_rows_that_have_the_pattern():
    maps = np.zeros((2, 9, 9), np.float32)
    maps[0, 1, 4], maps[0, 4, 1], maps[0, 2, 2] = 0.5, 0.1, 0.9
    maps[1, 5, 6] = 1
    some = shares(maps, found())
    np.testing.assert_allclose(some["same"], [0.3, 0], atol=1e-7)
    np.testing.assert_allclose(some["subword"], [0, 0.5], atol=1e-7)
    plain = tuple(Token(c, i, i) for i, c in enumerate("ab"))
    assert np.isnan(shares(np.ones((1, 2, 2)) / 2, patterns(plain, plain, lambda _: 1, self_attention=True))["same"])


def test_shares_equal_the_measures_of_the_same_name():
    maps = np.random.default_rng(0).dirichlet(np.ones(9), (3, 9)).astype(np.float32)
    measured, some = layer_measures(maps, TEXT, TEXT, self_attention=True), shares(maps, found())
    for name in ("previous", "next", "diagonal", "first", "separator"):
        np.testing.assert_allclose(some[name], measured[name], rtol=1e-5)


def test_the_strongest_edge_is_looked_for_where_it_may_be():
    maps = np.zeros((2, 9, 9))
    maps[0, 0, 0], maps[0, 1, 0], maps[0, 3, 8], maps[0, 4, 2] = 1, 0.9, 0.8, 0.7
    maps[1, 5, 5], maps[1, 7, 6] = 0.6, 0.5
    rows, columns, weights = strongest(maps, asking(TEXT, TEXT, self_attention=True))
    assert (rows.tolist(), columns.tolist(), weights.tolist()) == ([3, 5], [8, 5], [0.8, 0.6])
    rows, columns, weights = strongest(maps, between(TEXT, TEXT, self_attention=True))
    assert (rows.tolist(), columns.tolist(), weights.tolist()) == ([4, 7], [2, 6], [0.7, 0.5])


def test_a_decoder_is_not_judged_by_rows_that_see_nothing_else():
    plain = tuple(Token(c, i, i) for i, c in enumerate("abc"))
    assert asking(plain, plain, self_attention=True).tolist() == [[False] * 3, [False] * 3, [True] * 3]
    assert asking(plain[:2], plain, self_attention=False).all()


def test_what_a_word_is_given_and_takes():
    words = (TEXT[0], *(Token(c, i, i) for i, c in enumerate("ab")))
    maps = np.array([[[1, 0, 0], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1]]])
    given, taken = given_and_taken(maps, between(words, words, self_attention=True))
    assert np.isnan(given[0, 0]) and given[0, 1:].tolist() == [0.8, 0.5]
    assert np.isnan(taken[0, 0]) and taken[0, 1:].tolist() == [0.5, 0.8]
    given, _ = given_and_taken(maps[:, :2], np.array([[False, True, True], [False, True, True]]))
    np.testing.assert_allclose(given[0, 1:], [0.15, 0.25])  # of two rows


def test_induction_is_the_token_that_came_next():
    ids = (0, 5, 6, 7, 8, 9, 6, 7, 8)  # from place 1: 5 6 7 8 and 9 6 7 8; the first token differs
    maps = np.zeros((1, 9, 9))
    maps[0, 6, 3], maps[0, 7, 4], maps[0, 5, 2], maps[0, 8, 5] = 0.5, 0.3, 1, 1
    assert induction(maps, ids, 1, 4).tolist() == [0.4]  # of the second 6 and 7 alone
    for wrong in ((0, 5, 6, 7, 8, 9, 6, 6, 8), ids[:8]):
        with pytest.raises(ValueError, match="not said twice"):
            induction(maps, wrong, 1, 4)
    with pytest.raises(ValueError, match="not said twice"):
        induction(maps, (1, 2, 1, 2), 0, 2)


def test_likeness_of_equal_half_and_apart():
    # Jensen-Shannon of (1, 0) and (.5, .5): the middle is (.75, .25); H(.75, .25) - H(.5, .5) / 2 = .8113 - .5
    one = np.array([[1.0, 0], [1, 0], [1, 0]])
    other = np.array([[2.0, 0], [0.5, 0.5], [0, 1]])
    np.testing.assert_allclose(likeness(one, other), [1, 1 - 0.3112781, 0], atol=1e-6)
    np.testing.assert_allclose(likeness(other, one), likeness(one, other))
