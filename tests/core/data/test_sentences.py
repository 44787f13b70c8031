"""The sentences over which heads are measured."""

import pytest

from core.data.sentences import MOST, SPOKEN, made, own, sentences, written
from core.types import Refused


@pytest.mark.parametrize("language", SPOKEN)
def test_sentences_are_different_ours_first_and_no_more_than_promised(language):
    some = sentences(language)
    assert len(some) == len(set(some)) <= MOST and some[: len(own(language))] == own(language)
    assert len(own(language)) >= 40 and all(text == text.strip() and text for text in some)


def test_two_languages_are_filled_up_by_grammars():
    assert len(sentences("en")) == MOST and len(sentences("fr")) > 700 and not made("de")
    assert len(made("en")) > 2 * MOST  # enough is left that no card has seen


def test_a_line_is_written_as_people_write():
    assert written("this girl is a lady , and her name is mary .") == "This girl is a lady, and her name is Mary."
    assert written("the french flag flies over paris .") == "The French flag flies over Paris."


def test_a_language_without_sentences_is_refused_with_those_that_have():
    with pytest.raises(Refused, match="no sentences in 'Finnish': choose English, French"):
        sentences("fi")
