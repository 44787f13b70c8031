"""Which of two models aligns better: the bootstrap against all draws and a closed form; groups and words by pencil."""

from itertools import product

import numpy as np
import pytest

from core.measures.alignment import Counts
from core.measures.comparing import Linked, WordErrors, difference, group, groups, source_counts, word_errors
from core.requests import Gold, Pair

#: (found, sure, found and sure, found and possible) of three pairs, by two models
FIRST = (Counts(4, 4, 3, 3), Counts(2, 3, 1, 2), Counts(5, 2, 2, 4))
SECOND = (Counts(4, 4, 4, 4), Counts(3, 3, 0, 1), Counts(3, 2, 1, 3))


def rate(some) -> float:
    return 1 - sum(c.found_sure + c.found_possible for c in some) / sum(c.found + c.sure for c in some)


def test_the_difference_is_that_of_the_error_rates():
    found = difference(FIRST, SECOND)
    assert found.value == pytest.approx(rate(FIRST) - rate(SECOND)) and found.drawn == 3
    other = difference(SECOND, FIRST)
    assert (other.value, other.first_better) == (pytest.approx(-found.value), found.second_better)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low), abs=1e-9)


def test_draws_are_those_of_all_equally_likely_ones():
    """3 pairs: 27 draws, all of them counted out."""
    every = np.array(
        [rate([FIRST[k] for k in one]) - rate([SECOND[k] for k in one]) for one in product(range(3), repeat=3)]
    )
    found = difference(FIRST, SECOND, rounds=60_000)
    assert found.first_better == pytest.approx((every < 0).mean(), abs=0.01)
    assert found.second_better == pytest.approx((every > 0).mean(), abs=0.01)
    cumulated = [(every <= edge + 1e-9).mean() for edge in (found.low, found.high)]
    assert cumulated[0] >= 0.025 and (every < found.low - 1e-9).mean() <= 0.026
    assert cumulated[1] >= 0.974 and (every < found.high - 1e-9).mean() <= 0.976


def test_the_interval_of_many_pairs_is_the_normal_one():
    # one sure link a pair, one found: the error rate is the share of pairs that are wrong
    chance = np.random.default_rng(1)
    hits = chance.random((2, 900)) < np.array([[0.8], [0.7]])
    sides = [[Counts(1, 1, int(hit), int(hit)) for hit in side] for side in hits]
    found = difference(*sides, rounds=4_000)
    apart = hits[1].astype(float) - hits[0]
    error = apart.std() / np.sqrt(len(apart))
    assert found.value == pytest.approx(apart.mean())
    assert (found.low, found.high) == pytest.approx(
        (apart.mean() - 1.96 * error, apart.mean() + 1.96 * error), abs=0.004
    )
    assert found.clear and found.first_better > 0.99


def test_models_that_link_alike_differ_by_nothing():
    found = difference(FIRST, FIRST)
    assert (found.value, found.low, found.high, found.first_better, found.second_better) == (0, 0, 0, 0, 0)
    assert not found.clear


def test_pairs_of_one_source_are_drawn_together():
    twice = difference(FIRST * 2, SECOND * 2, units=[0, 1, 2, 0, 1, 2])
    once = difference(FIRST, SECOND)
    assert (twice.value, twice.low, twice.high) == pytest.approx((once.value, once.low, once.high))
    assert twice.drawn == 3
    apart = difference(FIRST * 2, SECOND * 2)
    assert apart.high - apart.low < twice.high - twice.low and apart.drawn == 6


def test_nothing_to_compare_is_a_mistake():
    with pytest.raises(ValueError, match="cannot be compared"):
        difference([], [])
    with pytest.raises(ValueError, match="3 and 2 pairs"):
        difference(FIRST, SECOND[:2])


def linked(source: str, target: str, sure, possible, first, second, language="fr") -> Linked:
    gold = Gold(frozenset(sure), frozenset(possible) | frozenset(sure))
    pair = Pair(tuple(source.split()), tuple(target.split()), language, gold)
    return Linked(pair, gold, frozenset(first), frozenset(second))


SET = (
    linked("the cat sat", "le chat assis", {(0, 0), (1, 1)}, {(2, 2)}, {(0, 0), (1, 1), (2, 2)}, {(1, 0), (1, 1)}),
    linked("The dog", "der Hund", {(0, 0), (1, 1)}, (), {(0, 0)}, {(0, 0), (1, 1)}, "de"),
)


def test_groups_by_language_length_and_rare_words():
    found = {one.title: one for one in groups(SET, {"fr": "French", "de": "German"})}
    assert list(found) == [
        "all pairs", "French", "German", "up to 7 words", "words that come once", "words that come 2 to 4 times",
    ]  # fmt: skip
    # first model: 3 found, 2 sure, 2 + 3 right; 1 found, 2 sure, 1 + 1 right
    assert found["all pairs"].first == pytest.approx(1 - 7 / 8) and found["German"].first == pytest.approx(1 - 2 / 3)
    assert found["French"].second == pytest.approx(1 - 2 / 4) and found["German"].second == 0
    # "the" comes twice, whatever its first letter: links of word 0 alone
    often = found["words that come 2 to 4 times"]
    assert (often.first, often.pairs) == (0, 2) and often.second == pytest.approx(1 - 2 / 3)
    assert found["words that come once"].first == pytest.approx(1 - 3 / 4)
    assert found["all pairs"].difference.drawn == 2


def test_one_language_is_no_group_of_its_own():
    assert [one.title for one in groups(SET[:1], {})][:2] == ["all pairs", "up to 7 words"]
    assert group("none", []) is None and groups([], {}) == []


def test_a_source_with_several_translations_is_counted_once():
    again = linked("the cat sat", "die Katze sass", {(0, 0)}, (), (), (), "de")
    assert source_counts([*SET, again])["cat"] == 1


def test_words_by_their_errors():
    rows = {(row.side, row.word): row for row in word_errors(SET)}
    # second model: "the" misses (0, 0); "cat" takes "le" wrongly. First: "dog" misses (1, 1).
    assert rows["source", "the"] == WordErrors("source", "the", 2, (0, 1), (0, 0))
    assert rows["source", "cat"] == WordErrors("source", "cat", 1, (0, 0), (0, 1))
    assert rows["translation", "le"] == WordErrors("translation", "le", 1, (0, 1), (0, 1))
    assert rows["translation", "hund"].missed == (1, 0) and rows["source", "dog"].errors == (1, 0)
    assert ("source", "sat") not in rows  # a possible link is not wrong
    assert word_errors(SET)[0].word == "le"
