"""Links as other tools read them: a translation memory that opens again, and a row for each link."""

from xml.etree import ElementTree

from core.data.languages import guessed
from core.data.pair_files import read_pairs
from core.data.pair_saving import as_tmx, link_table
from core.data.pairs import LANGUAGES, lesson
from core.requests import Gold, Pair

PAIRS = (
    Pair(("A", "<cat>", "&"), ("Un", "chat", "!"), "fr", None, "A <cat> &", 'Un "chat"\x07!'),
    Pair(("yes",), ("نعم",), "", None, "yes", "نعم"),
)
GOLDS = (Gold(frozenset({(0, 0)}), frozenset({(0, 0), (1, 1)})), None)


def test_a_translation_memory_is_read_back():
    text = as_tmx(PAIRS, GOLDS, 1)
    units = list(ElementTree.fromstring(text.encode()).iter("tu"))
    assert [prop.text for prop in units[0].iter("prop")] == ["1-1 2p2"] and not list(units[1].iter("prop"))
    found = read_pairs([("mine.tmx", as_tmx(PAIRS[:1] * 2, GOLDS[:1] * 2).encode())])
    assert [(p.source_text, p.target_text) for p in found.pairs] == [("A <cat> &", 'Un "chat" !')] * 2


def test_a_language_nobody_told_is_undetermined():
    assert 'xml:lang="und"' in as_tmx(PAIRS[1:], GOLDS[1:]) and 'xml:lang="fr"' in as_tmx(PAIRS[:1], GOLDS[:1])


def test_a_row_for_each_link():
    table = link_table(PAIRS, GOLDS).columns
    assert list(zip(*table.values(), strict=True)) == [
        (1, 0, "A", 0, "Un", "sure"),
        (1, 1, "<cat>", 1, "chat", "possible"),
    ]


def test_the_language_of_our_own_sentences_is_guessed():
    for code in LANGUAGES:
        told = [guessed(pair.target_text) for pair in lesson(code)]
        assert set(told) <= {code, None} and told.count(code) >= 4, (code, told)
    assert guessed("Tromsø") is None and guessed("") is None
