"""Pieces become tokens with the right text and the right word, for the three kinds of tokenizers."""

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from core.tokens import cleaned, from_marks, group, shown, tokens_of, words_of
from core.types import Refused


def split(text: str) -> list[str]:
    words: list[str] = []
    for letter, word in zip(text, words_of(text), strict=True):
        if word == len(words):
            words.append("")
        if word >= 0:
            words[word] += letter
    return words


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
    ],
)
def test_words(text, words):
    assert split(text) == words


def test_a_piece_that_covers_two_words_joins_them():
    owner = words_of("你好吗")
    assert group(owner, [(0, 2), (2, 3)]) == [0, 1]
    assert group(words_of("a b"), [(0, 1), (1, 3)]) == [0, 1]


@pytest.mark.parametrize(
    ("piece", "style", "text"),
    [
        ("Ġcat", "bytes", "cat"),
        ("Ã©", "bytes", "é"),
        ("ðŁ", "bytes", "<0xF0><0x9F>"),
        ("##ing", "wordpiece", "ing"),
        ("▁cat", "sentencepiece", "cat"),
        ("▁", "sentencepiece", "␣"),
    ],
)
def test_pieces_are_shown_without_marks(piece, style, text):
    assert shown(piece, style) == text


def test_words_from_marks_alone():
    pieces = ["▁un", "kind", "▁", "1", ".", "</s>"]
    assert from_marks(pieces, [False] * 5 + [True], "sentencepiece") == [0, 0, 1, 1, 2, -1]
    assert from_marks(["[CLS]", "un", "##kind", "cat"], [True, False, False, False], "wordpiece") == [-1, 0, 0, 1]


def wordpiece() -> PreTrainedTokenizerFast:
    pieces = ["[UNK]", "[CLS]", "[SEP]", "the", "cat", "un", "##kind", "!", "s"]
    made = Tokenizer(models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]")


def test_tokens_of_a_pair_count_words_on():
    tokenizer = wordpiece()
    encoded = tokenizer("the unkind cat", "cat!", return_offsets_mapping=True)
    tokens = tokens_of(tokenizer, encoded, ["the unkind cat", "cat!"])
    assert [(t.text, t.word, t.segment) for t in tokens] == [
        ("the", 0, 0),
        ("un", 1, 0),
        ("kind", 1, 0),
        ("cat", 2, 0),
        ("cat", 3, 1),
        ("!", 4, 1),
    ]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07", "\u202e", "\u200b"])
def test_nothing_to_read_is_refused(text):
    with pytest.raises(Refused, match="no text"):
        cleaned(text)


def test_control_characters_are_left_out_and_said():
    assert cleaned("a\x00b\x1b c") == ("a b c", True)
    assert cleaned("a\u202eb") == ("ab", True)
    assert cleaned("a  b\n") == ("a b", False)
