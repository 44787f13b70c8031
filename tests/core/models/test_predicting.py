"""What may come next, as people read it."""

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from core.models.predicting import shown_piece
from tests.checkpoints import tiny_tokenizer


@pytest.mark.parametrize(
    ("piece", "text"), [("Ġcat", "cat"), ("Ċ", "⏎"), ("ĊĊ", "⏎⏎"), ("Ġ", "␣"), ("âĤ", "‹E2›‹82›"), ("}", "}")]
)
def test_a_byte_sign_never_reaches_anybody(piece, text):
    made = Tokenizer(models.BPE({piece: 0}, []))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    assert shown_piece(PreTrainedTokenizerFast(tokenizer_object=made), 0) == text


def test_a_piece_inside_a_word_keeps_its_mark():
    tokenizer = tiny_tokenizer()
    number = next(iter(tokenizer.get_vocab().values()))
    assert shown_piece(tokenizer, number) == tokenizer.decode([number]).strip()
