"""The sentences over which heads are measured."""

import pytest

from core.data.sentences import MOST, SPOKEN, made, own, sentences, written
from core.data.small_pairs import small_pairs
from core.types import Refused


@pytest.mark.parametrize("language", SPOKEN)
def test_a_thousand_different_sentences_a_language_ours_first(language):
    some = sentences(language)
    assert len(some) == len(set(some)) == MOST == 1_000 and some[: len(own(language))] == own(language)
    assert len(own(language)) >= 40 and all(text == text.strip() and text for text in some)
    rest = some[len(own(language)) :]
    assert not set(rest) & set(own(language)) and set(rest) < set(made(language))
    assert len(made(language)) == len(set(made(language))) >= 2 * MOST  # enough is left that no card has seen


@pytest.mark.parametrize("language", SPOKEN)
def test_they_are_the_same_at_each_call(language):
    first = made(language)
    made.cache_clear()
    assert made(language) == first


def test_french_is_of_both_of_its_grammars():
    pairs = {french for _, french in small_pairs()}
    assert pairs < set(made("fr")) and len(set(sentences("fr")) & pairs) > 100
    assert len(set(sentences("fr")) - pairs) > 500


def test_a_line_is_written_as_people_write():
    assert written("this girl is a lady , and her name is mary .") == "This girl is a lady, and her name is Mary."
    assert written("the french flag flies over paris .") == "The French flag flies over Paris."


def test_a_language_without_sentences_is_refused_with_those_that_have():
    with pytest.raises(Refused, match="no sentences in 'Finnish': choose English, French"):
        sentences("fi")
