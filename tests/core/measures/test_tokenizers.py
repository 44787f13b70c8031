"""Tokenizers: counts by pencil, the pieces of transformers' own tokenizer, and the page."""

import json
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.data.labelled import NAMES, languages, shipped
from core.measures.tokenizers import (
    Piece,
    Tokenized,
    fertility,
    in_both,
    overlap,
    own,
    pooled_overlap,
    premium,
    shared,
    unknown_share,
)
from core.models.tokenizer import cuts, open_tokenizer, reader, tokenize
from core.store.shelf import SHELF
from core.types import Refused
from tests.checkpoints import MULTILINGUAL, multilingual_wordpieces, tiny_tokenizer
from ui.components.pieces.message import direction, pieces_data

STAND_INS = ("mini-bert-wordpiece", "mini-xlmr-sentencepiece")


def made(ids: list[int], words: int = 1, unknown: tuple[int, ...] = ()) -> Tokenized:
    pieces = [Piece("[CLS]", 101, -1, special=True)]
    pieces += [Piece(f"p{i}", i, 0, unknown=i in unknown) for i in ids]
    return Tokenized("text", tuple(pieces), words)


A, B, C = made([1, 2, 2, 3], words=2), made([2, 3, 4, 5], words=4), made([9, 9], words=1, unknown=(9,))


def test_counts_by_pencil():
    assert fertility([A]) == 2.0 and fertility([A, B]) == 8 / 6
    assert unknown_share([A]) == 0 and unknown_share([C]) == 1 and unknown_share([A, C]) == 2 / 6
    assert shared([A, B, C]).tolist() == [[3, 2, 0], [2, 4, 0], [0, 0, 0]]
    assert overlap([A, B, C])[0].tolist() == [1, 2 / 5, 0]
    assert overlap([C, C]).tolist() == [[0, 0], [0, 0]]  # two unknowns are not the same thing
    assert in_both(A, B) == ("p2", "p3")
    assert premium([A, B], [A]) == 2.0
    assert pooled_overlap([A], [B, C]) == 2 / 5
    assert np.isnan(fertility([Tokenized("", (), 0)])) and np.isnan(premium([A], []))


ids = some.lists(some.integers(0, 6), max_size=8)


@settings(max_examples=40, deadline=None)
@given(some.lists(ids, min_size=1, max_size=5))
def test_the_matrix_is_symmetrical_and_equals_set_arithmetic(lists):
    found = overlap([made(one) for one in lists])
    assert np.array_equal(found, found.T)
    for i, a in enumerate(map(set, lists)):
        for j, b in enumerate(map(set, lists)):
            assert found[i, j] == pytest.approx(len(a & b) / len(a | b) if a | b else 0)


PHRASES = (
    "Hello world!",
    "I have a new GPU!",
    "Donaudampfschifffahrtsgesellschaft",
    "L'été où j'ai 18 ans, c'était à Genève.",
    "¿Dónde está la estación?",
    "Привет, мир!",
    "Я купил новую видеокарту за 500 рублей.",
    "Γειά σου Κόσμε",
    "नमस्ते दुनिया",
    "मेरे पास एक नई किताब है।",
    "مرحبا بالعالم",
    "كتب الولد رسالة إلى أمه.",
    "שלום עולם",
    "ハローワールド",
    "私は新しい本を持っています。",
    "你好，世界！",
    "我昨天买了三本书。",
    "안녕하세요 세계",
    "สวัสดีชาวโลก",
    "გამარჯობა მსოფლიო 😍",
)


@pytest.fixture(scope="module")
def mbert(tmp_path_factory):
    """A tokenizer as mBERT's checkpoint carries it, without the weights."""
    folder = tmp_path_factory.mktemp("mbert")
    multilingual_wordpieces(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    return folder


def test_pieces_of_mbert_equal_those_of_the_library_s_own_python_tokenizer(mbert):
    """BertTokenizerLegacy is written in Python from the paper's code and shares no line with the fast one."""
    from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

    theirs = BertTokenizerLegacy(str(mbert / "vocab.txt"), do_lower_case=False)
    scripts = {unicodedata.name(c).split()[0] for p in PHRASES for c in p if c.isalpha()}
    assert len(PHRASES) == 20 and len(scripts) >= 10
    for phrase in PHRASES:
        found = own(tokenize(str(mbert), phrase))
        assert [piece.id for piece in found] == theirs.convert_tokens_to_ids(theirs.tokenize(phrase)), phrase
        assert [piece.text for piece in found] == [name.removeprefix("##") for name in theirs.tokenize(phrase)]
    assert reader(str(mbert)).vocabulary == MULTILINGUAL


def test_wordpiece_takes_the_longest_piece_first(tmp_path):
    """The course's example; all else of this text is unknown to the vocabulary."""
    pieces = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "i", "have", "a", "new", "g", "gp", "##p", "##u", "!"]
    (tmp_path / "vocab.txt").write_text("\n".join(pieces))
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer", "do_lower_case": true}')
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    found = own(tokenize(str(tmp_path), "I have a new GPU!"))
    assert [piece.text for piece in found] == ["i", "have", "a", "new", "gp", "u", "!"]
    assert [piece.word for piece in found] == [0, 1, 2, 3, 4, 4, 5]
    assert fertility([tokenize(str(tmp_path), "I have a new GPU!")]) == 7 / 6
    assert unknown_share([tokenize(str(tmp_path), "I have नया!")]) == 1 / 4


def test_a_folder_without_weights_is_enough_and_unknown_words_are_counted(tmp_path):
    tiny_tokenizer().save_pretrained(tmp_path)
    found = tokenize(str(tmp_path), "the cat sat on नमस्ते")
    assert [(p.text, p.unknown, p.covers) for p in found.pieces] == [
        *[(word, False, word) for word in ("the", "cat", "sat", "on")],
        ("[UNK]", True, "नमस्ते"),
    ]
    assert unknown_share([found]) == 0.2 and found.pieces[-1].word == 4


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    with pytest.raises(Refused, match="has no tokenizer"):
        open_tokenizer(str(tmp_path))


@pytest.mark.parametrize("name", STAND_INS)
def test_built_in_tokenizers_know_their_eight_languages(name):
    if name not in SHELF:
        pytest.skip(f"{name} is not on the shelf")
    for code in languages(shipped("topics")):
        found = cuts(name, [one.text for one in shipped("topics") if one.language == code])
        assert unknown_share(found) < 0.01, NAMES[code]


def test_what_the_browser_is_told():
    rows = [[A], [B], [C]]
    told = pieces_data([reader("translator")], rows, 300)
    marks = [[piece["marks"] for piece in row[0]["pieces"]] for row in told["rows"]]
    assert marks[0] == [["special"], [], ["common"], ["common"], ["common"]]
    assert marks[2] == [["special"], ["unknown"], ["unknown"]]
    assert [kind for kind, _ in told["legend"]] == ["unknown", "common", "special"]
    assert told["rows"][2][0]["line"][-1] == ["100 % unknown", True]
    assert (
        "bytes E2 82 AC"
        in pieces_data(
            [reader("translator")], [[Tokenized("€", (Piece("[UNK]", 0, 0, unknown=True, covers="€"),), 1)]], 300
        )["rows"][0][0]["pieces"][0]["say"]
    )


@pytest.mark.parametrize(("text", "way"), [("Hello", "ltr"), ("مرحبا", "rtl"), ("12 שלום", "rtl"), ("12!", "ltr")])
def test_directions(text, way):
    assert direction(text) == way
