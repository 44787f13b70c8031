"""Pairs with hand-made links: what comes with Gaze is whole, what is typed finds its gold, bad files name the line."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.pairs import BAR, LANGUAGES, MOST_BYTES, MOST_PAIRS, lesson, parse, split, typed, written
from core.requests import Gold, Pair
from core.types import Refused


@pytest.mark.parametrize("language", LANGUAGES)
def test_lessons_are_whole(language):
    pairs = lesson(language)
    assert len(pairs) == 8
    assert [p.source_text for p in pairs] == [p.source_text for p in lesson("fr")]
    for pair in pairs:
        assert "".join(pair.source) == pair.source_text.replace(" ", "")
        assert "".join(pair.target) == pair.target_text.replace(" ", "")
        assert pair.gold.sure < pair.gold.possible or pair.gold.sure == pair.gold.possible
        assert {i for i, _ in pair.gold.possible} <= set(range(len(pair.source)))
        assert {j for _, j in pair.gold.possible} <= set(range(len(pair.target)))
        assert len({i for i, _ in pair.gold.sure}) >= 0.6 * len(pair.source)


def test_there_are_at_least_sixty_pairs_with_possible_links():
    pairs = [pair for language in LANGUAGES for pair in lesson(language)]
    assert len(pairs) >= 60
    assert sum(pair.gold.possible > pair.gold.sure for pair in pairs) > 40


def test_a_typed_lesson_keeps_its_words_and_gold():
    wanted = lesson("ja")[0]
    assert typed(wanted.source_text, f"  {wanted.target_text}\n") == wanted
    assert typed("Hello, world!", "Hallo, Welt!").source == ("Hello", ",", "world", "!")
    assert typed("Hello, world!", "Hallo, Welt!").gold is None


def test_words_of_running_text():
    assert split("L'homme n'a pas dormi.") == ("L'", "homme", "n'", "a", "pas", "dormi", ".")
    assert split("猫は好き。") == ("猫", "は", "好", "き", "。")


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [("", "x", "source is empty"), ("x", "  ", "translation is empty"), ("a " * 61, "x", "61 words")],
)
def test_typed_nonsense_is_refused(source, target, says):
    with pytest.raises(Refused, match=says):
        typed(source, target)


FILE = "the cat ||| le chat ||| 1-1 1p2\n\nno gold here ||| pas d' or\n"


def test_a_file_with_links_counted_from_one():
    first, second = parse(b"\xef\xbb\xbf" + FILE.replace("1p2", "2-2 1p2").encode(), first=1)
    assert first.source == ("the", "cat") and first.target == ("le", "chat")
    assert first.gold == Gold(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1), (0, 1)}))
    assert second.gold is None and second.target == ("pas", "d'", "or")


def test_a_side_without_spaces_is_split_where_its_script_has_none():
    (pair,) = parse("the cat ||| 猫が好き".encode())
    assert pair.target == ("猫", "が", "好", "き")
    (pair,) = parse(b"word ||| Wort")
    assert pair.target == ("Wort",)


@pytest.mark.parametrize(
    ("text", "first", "says"),
    [
        ("a ||| b\nonly one side", 0, "Line 2 has 1 part"),
        ("a ||| b ||| 0-0 ||| c", 0, "Line 1 has 4 parts"),
        ("a ||| b\n\n ||| b", 0, "Line 3 has no source"),
        ("a |||  ", 0, "Line 1 has no target"),
        ("a b ||| c ||| 2-0", 0, "Line 1: link 2-0 points at source word 2, but there are 2 words, counted from 0"),
        ("a ||| b\na b ||| c ||| 1-1 1p2", 1, "Line 2: link 1p2 points at target word 2, but there is 1 word"),
        ("a ||| b ||| 0-1", 1, "points at source word 0"),
        ("a ||| b ||| zero", 0, "'zero' is no link"),
        ("a ||| b ||| 1--1", 0, "'1--1' is no link"),
        ("  \n\n", 0, "no pairs"),
        ("a ||| b\n" * (MOST_PAIRS + 1), 0, f"more than {MOST_PAIRS:,} pairs"),
    ],
)
def test_a_bad_file_names_its_line(text, first, says):
    with pytest.raises(Refused, match=re.escape(says)):
        parse(text.encode(), first)


def test_what_is_no_text_is_refused():
    with pytest.raises(Refused, match="Line 2 is not UTF-8"):
        parse(b"a ||| b\n\xff\xfe ||| c")
    with pytest.raises(Refused, match="MB are read"):
        parse(b" " * (MOST_BYTES + 1))


WORDS = st.lists(st.text("abcdefg", min_size=1, max_size=3), min_size=1, max_size=6).map(tuple)


@settings(max_examples=40, deadline=None)
@given(WORDS, WORDS, st.data(), st.sampled_from([0, 1]))
def test_what_is_written_is_read_again(source, target, data, first):
    cells = st.tuples(st.integers(0, len(source) - 1), st.integers(0, len(target) - 1))
    links = data.draw(st.frozensets(cells))
    pair = Pair(source, target)
    line = f"{' '.join(source)} {BAR} {' '.join(target)} {BAR} {written(pair, sorted(links), first)}"
    (again,) = parse(line.encode(), first)
    assert (again.source, again.target, again.gold.sure) == (source, target, links)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode), st.sampled_from([0, 1]))
def test_any_bytes_are_pairs_or_advice(data, first):
    try:
        assert all(pair.source and pair.target for pair in parse(data, first))
    except Refused as refusal:
        assert str(refusal).endswith((".", "links."))
