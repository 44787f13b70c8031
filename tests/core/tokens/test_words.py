"""Words of a text by Unicode's rules, what is left out of a text and said, and words that somebody else cut."""

import pytest

from core.tokens import cleaned, group, left_out, owners, placed, split, split_text, words_of
from core.types import Refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat sat.", ["The", "cat", "sat", "."]),
        ("I don't know, he'll see", ["I", "don't", "know", ",", "he'll", "see"]),
        ("l'homme qu'il n'est", ["l'", "homme", "qu'", "il", "n'", "est"]),
        ("aujourd'hui", ["aujourd'hui"]),
        ("你好吗", ["你", "好", "吗"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("hi 👨‍👩‍👧!", ["hi", "👨‍👩‍👧", "!"]),
        ("¿Por qué?", ["¿", "Por", "qué", "?"]),
        ("10,000.50 won", ["10,000.50", "won"]),
        ("นั่ง", ["นั่", "ง"]),
        ("ខ្ញុំ", ["ខ្", "ញុំ"]),
        ("カタカナ", ["カタカナ"]),
        ("cafe\u0301 x", ["cafe\u0301", "x"]),
        ("🩷🫨", ["🩷", "🫨"]),
        ("👍🏽 🏳️‍🌈", ["👍🏽", "🏳️‍🌈"]),
        ("a\n\tb", ["a", "b"]),
    ],
)
def test_words(text, words):
    assert list(split(text)) == words
    assert max(words_of(text)) == len(words) - 1


def test_a_piece_that_covers_two_words_joins_them():
    assert group("你好吗", [(0, 2), (2, 3)]) == [0, 1]
    assert group("a b", [(0, 1), (1, 3)]) == [0, 1]


def test_white_space_that_is_more_than_a_boundary_stands_for_itself():
    assert group("a  b", [(0, 1), (1, 2), (2, 4)]) == [0, 1, 1]  # the mark opens the word
    assert group("a\nb", [(0, 1), (1, 2), (2, 3)]) == [0, 1, 2]
    assert group("a   b", [(0, 1), (1, 3), (3, 5)]) == [0, 1, 2]
    assert group("a ", [(0, 1), (1, 2)]) == [0, 1]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07", "\u202e", "\u200b", "\ufffe"])
@pytest.mark.parametrize("tidy", [True, False])
def test_nothing_to_read_is_refused(text, tidy):
    with pytest.raises(Refused, match="no text"):
        cleaned(text, tidy=tidy)


def test_tidied_text_has_one_space_between_words_and_composed_letters():
    assert cleaned(" a  b\n") == "a b"
    assert cleaned("cafe\u0301") == "café"


@pytest.mark.parametrize("text", [" cat", "a\nb", "a  b", "\tif x:\n\t\treturn", "cat ", "cafe\u0301", "🩷 a"])
def test_typed_text_stays_as_it_was_typed(text):
    assert cleaned(text, tidy=False) == text
    assert left_out(text) == ()


def test_line_ends_are_one_kind():
    assert cleaned("a\r\nb\rc", tidy=False) == "a\nb\nc"


def test_what_is_left_out_is_named_with_its_reason():
    assert cleaned("a\x00b\x1b c") == "a b c"
    assert cleaned("a\u202eb") == "ab"
    assert left_out("a\x00b\x1b\x1b c") == (
        "U+0000, U+001B (×2): read as a space, because a control character is no text.",
    )
    assert left_out("a\u202eb") == ("U+202E: left out, because it turns the order of the letters on the screen.",)
    assert left_out("\ufffe") == ("U+FFFE: left out, because it is no character.",)


def test_words_that_stand_in_their_text_are_found_there_and_joined_where_they_do_not():
    assert split_text("l'homme dort.", ["l'", "homme", "dort", "."]).owner == [0, 0, 1, 1, 1, 1, 1, -1, 2, 2, 2, 2, 3]
    assert split_text("other", ["l'", "homme"]).text == "l' homme"
    assert split_text("aba", ["a", "b", "a"]).owner == [0, 1, 2]


def test_a_piece_belongs_to_the_first_word_that_it_touches():
    owner = split_text("the cat.", ["the", "cat", "."]).owner
    assert owners(owner, [(0, 3), (3, 4), (3, 7), (7, 8)]) == [0, 1, 1, 2]
    assert owners(owner, [(2, 6)]) == [0]


def test_pieces_find_their_words():
    pieces = [None, "Haus", "boot", None, ",", "ist", "rot"]
    assert placed(pieces, ("Hausboot", ",", "ist", "rot")) == [-1, 0, 0, -1, 1, 2, 3]
    # A piece that is nowhere stays where reading stopped; the next one finds its place again.
    assert placed(["ha", "?", "rot"], ("Ha", "x", "rot")) == [0, 1, 2]
