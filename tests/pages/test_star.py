"""A word followed through all languages, and sentences of a text: what the page marks and says."""

import pytest

from core.analyses.alignment_links import Aligned
from core.data.pairs import lesson
from core.measures.sentence_alignment import Bead
from core.requests import Gold, Pair
from tests.apptest import page
from tests.drawn import said
from ui.views.alignment import paragraphs, star

GOLD = Gold(frozenset({(1, 1)}), frozenset({(1, 1), (1, 2)}))
PAIRS = (
    Pair(("the", "cat"), ("le", "chat", "<b>"), "fr", GOLD, "the cat", "le chat <b>"),
    Pair(("the", "cat"), ("die", "Katze"), "de", GOLD, "the cat", "die Katze"),
)


def links(*found) -> Aligned:
    return Aligned(frozenset(found), None, (0.0, 0.0))


def test_what_is_linked_and_what_is_gold_are_marked_in_the_text():
    text = star.marked(PAIRS[0], links((1, 1), (0, 0)), 1)
    assert text == 'le <mark class="linked gold">chat</mark> <mark class="gold">&lt;b&gt;</mark>'
    assert star.marked(PAIRS[0], links((1, 1), (0, 0)), 0) == '<mark class="linked">le</mark> chat &lt;b&gt;'


def test_it_is_counted_in_how_many_languages_a_word_is_found():
    found = [[links((1, 1)), links((1, 0))], [links((1, 1), (1, 2)), links()]]
    told = star.said(PAIRS, found, 1, ["A one", "B two"])
    assert told == (
        "“cat” in 2 languages: A one links it in 2, in 1 as people did; B two links it in 1, in 1 as people did. "
        "Both say the same in 0."
    )
    bare = tuple(Pair(one.source, one.target, one.language) for one in PAIRS)
    told = star.said(bare, [found[0], found[0]], 1, ["A one", "B two"])
    assert told == "“cat” in 2 languages: A one links it in 2; B two links it in 2. Both say the same in 2."


def test_words_that_come_twice_are_told_apart():
    assert star.numbered(("the", "cat", "the", "the")) == ["the", "cat", "the 2", "the 3"]


@pytest.mark.parametrize(("number", "languages"), [(0, 8), (8, 9)])
def test_the_page_follows_a_word_through_all_languages(number, languages):
    pairs = star.sentences()[number]
    at = page("alignment", view="Star", star=f"{number + 1}  {pairs[0].source_text}")
    found = said(at)
    assert found.count("<tr>") == languages + 1 and f"in {languages} languages" in found
    assert ("as people did" in found) == (number < 8)


def test_all_sentences_are_there_with_their_gold_first():
    some = star.sentences()
    assert len(some) == 48 and [pairs[0] for pairs in some[:8]] == list(lesson("fr"))
    assert all(pairs[0].gold is None and pairs[-1].language == "vi" for pairs in some[8:])


BEADS = [Bead((0, 1), (0, 2), 0.5, 0.6), Bead((1, 2), (2, 2), 0.3, None), Bead((2, 3), (2, 3), 0.1, 0.9)]


def test_sentences_stand_side_by_side():
    table = paragraphs.rows(BEADS, ("A.", "B.", "C."), ("a.", "a2.", "c."))
    assert list(table["sentences"]) == ["1–2", "1–0", "1–1"]
    assert list(table["translation"]) == ["a. a2.", "", "c."] and list(table["source"]) == ["A.", "B.", "C."]
    assert paragraphs.said(BEADS) == (
        "1 of 3 rows are one sentence to one; row 1 is the least alike, with a cosine of 0.60."
    )
    assert paragraphs.said(BEADS[1:2]) == "0 of 1 rows are one sentence to one."


def test_the_page_puts_a_text_and_its_translation_together():
    at = page("alignment", view="Text")
    table = at.dataframe[0].value
    assert list(table["sentences"]) == ["1–1", "1–2", "1–1", "1–1"]
    assert "3 of 4 rows are one sentence to one; row 2 is the least alike" in said(at)
    at = page("alignment", view="Text", b="translator", a="translator")
    assert "Choose an encoder" in said(at)


@pytest.mark.slow
def test_groups_and_words_of_the_set_and_of_a_file_are_tables():
    table = page("alignment", view="Set", rows="groups").dataframe[0].value
    assert list(table["group"][:2]) == ["all pairs", "French"] and table["pairs"][0] == 64
    assert ((table["from"] <= table["A - B"]) & (table["A - B"] <= table["to"])).all()
    words = page("alignment", view="Set", rows="words").dataframe[0].value
    assert (words["errors A"] == words["missed A"] + words["wrong A"]).all() and len(words) > 20
    at = page("alignment", view="File", file_rows="groups")
    assert at.dataframe[0].value["pairs"][0] == 8 and "8 pairs of the example" in said(at)
    hidden = page("alignment", view="Set", rows="groups", hide="true")
    assert not hidden.dataframe and "switch that off under More" in " ".join(one.value for one in hidden.caption)
