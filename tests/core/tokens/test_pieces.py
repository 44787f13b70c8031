"""Pieces become tokens with the right text and the right word, for the three kinds of tokenizers."""

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from core.tokens import from_marks, lettered, shown, style_of, tokens_of


@pytest.mark.parametrize(
    ("piece", "style", "text"),
    [
        ("Ġcat", "bytes", "cat"),
        ("Ã©", "bytes", "é"),
        ("ðŁ", "bytes", "‹F0›‹9F›"),
        ("ĠðŁ", "bytes", "‹F0›‹9F›"),
        ("Ċ", "bytes", "⏎"),
        ("ĉ", "bytes", "⇥"),
        ("Ġ", "bytes", "␣"),
        ("ĠĠĠ", "bytes", "␣␣␣"),
        ("    ", "bytes", "␣␣␣␣"),
        ("cat</w>", "suffix", "cat"),
        ("<0xE2>", "sentencepiece", "‹E2›"),
        ("<0x0A>", "sentencepiece", "⏎"),
        ("▁▁▁if", "sentencepiece", "␣␣if"),
        ("Ã", "utf8", "‹C3›"),
        ("a", "utf8", "a"),
        ("##", "wordpiece", "##"),
        ("Ġcat", "plain", "Ġcat"),
        ("##ing", "wordpiece", "ing"),
        ("▁cat", "sentencepiece", "cat"),
        ("▁", "sentencepiece", "␣"),
    ],
)
def test_pieces_are_shown_without_marks(piece, style, text):
    assert shown(piece, style) == text


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ("‹F0› ‹9F› ‹99› ‹82›", "🙂‹F0› 🙂‹9F› 🙂‹99› 🙂‹82›"),
        ("a ‹F0›‹9F› ‹99›‹82› b", "a 🙂‹F0›‹9F› 🙂‹99›‹82› b"),
        ("‹E6› ‹97›‹A5›‹E6› ‹9C›‹AC›", "日‹E6› 日本‹97›‹A5›‹E6› 本‹9C›‹AC›"),
        ("‹F0› ‹9F› cat ‹82›", "‹F0› ‹9F› cat ‹82›"),  # no letter is whole
        ("‹99› ‹C3› ‹A9›", "‹99› é‹C3› é‹A9›"),
        ("‹E2›‹80› ‹8D›", "‹E2›‹80› ‹8D›"),  # a joiner cannot be seen
        ("‹E2 cat", "‹E2 cat"),
    ],
)
def test_bytes_stand_behind_the_letter_that_they_are_part_of(texts, wanted):
    assert lettered(texts.split(" ")) == wanted.split(" ")
    assert lettered([]) == []


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


def test_what_a_tokenizer_is_stands_in_its_own_parts_not_in_its_letters():
    """XLM-R's vocabulary holds the Maltese letter Ġ, which GPT-2 writes for a space."""
    pieces = [("<unk>", 0.0), ("▁", -1.0), ("Ġ", -2.0), ("▁il", -2.0), ("Ġurnata", -3.0), ("##x", -4.0)]
    made = Tokenizer(models.Unigram(pieces, 0))
    made.pre_tokenizer, made.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    assert style_of(PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>")) == "sentencepiece"
    assert style_of(wordpiece()) == "wordpiece"
    made = Tokenizer(models.BPE({"a": 0, "##b": 1}, []))
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(), pre_tokenizers.ByteLevel()])
    assert style_of(PreTrainedTokenizerFast(tokenizer_object=made)) == "bytes"
    made = Tokenizer(models.BPE({"a</w>": 0}, [], end_of_word_suffix="</w>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel()
    assert style_of(PreTrainedTokenizerFast(tokenizer_object=made)) == "suffix"
    made = Tokenizer(models.WordLevel({"a": 0}, "a"))
    assert style_of(PreTrainedTokenizerFast(tokenizer_object=made)) == "plain"


def test_an_unknown_word_is_a_word_of_the_text():
    tokenizer = wordpiece()
    encoded = tokenizer("the 🩷 cat", return_offsets_mapping=True)
    tokens = tokens_of(tokenizer, encoded, ["the 🩷 cat"])
    assert [(t.text, t.word, t.special) for t in tokens] == [("the", 0, False), ("[UNK]", 1, False), ("cat", 2, False)]


def test_the_unknown_piece_of_a_byte_tokenizer_is_only_a_name():
    made = Tokenizer(models.BPE({"a": 0, "<|end|>": 1}, []))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="<|end|>", bos_token="<|end|>", eos_token="<|end|>"
    )
    tokens = tokens_of(tokenizer, tokenizer("aa<|end|>", return_offsets_mapping=True), ["aa<|end|>"])
    assert [t.special for t in tokens] == [False, False, True]


def test_words_from_marks_follow_the_same_rules():
    assert from_marks(["c", "at</w>", "sat</w>", "!</w>"], [False] * 4, "suffix") == [0, 0, 1, 2]
    assert from_marks(["h", "i", "Ã", "©", " ", "x"], [False] * 6, "utf8")[:2] == [0, 0]
    assert from_marks(list("hi you"), [False] * 6, "plain") == [0, 0, 1, 1, 1, 1]
