"""Translators side by side: the map between words, what is most salient, entropy, gold, and T5's marks."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from core.analyses.translation import aligned, filled, of_diagonal, sentinels
from core.data.pairs import lesson
from core.engine import ask
from core.measures.alignment import cross_links, error_rate
from core.requests import Gold, TextRequest
from core.types import Attention, Refused, TextEncoding, Token

PAIR = lesson("fr")[0]


def made(weights, written=("le", "chat", "</s>"), read=("the", "cat", "</s>")) -> TextEncoding:
    """An encoding of a cross-attention [layer, head, written, read] that is written down here."""

    def tokens(some):
        return tuple(Token(text, i, -1 if text == "</s>" else i, text == "</s>") for i, text in enumerate(some))

    cross = Attention("cross", tokens(written), tokens(read), np.array(weights, np.float32))
    return TextEncoding(TextRequest("m", "the cat"), "m", tokens(read), (cross,), output="le chat")


def test_the_map_its_salient_words_and_entropy_by_pencil():
    one = made([[[[0.6, 0.2, 0.2], [0.1, 0.7, 0.2], [0, 0, 1]]]])
    found = aligned(one, -1, None, Gold(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1)})))
    assert found.rows == ("le", "chat") and found.columns == ("the", "cat")
    assert np.allclose(found.weights, [[0.6, 0.2], [0.1, 0.7]])
    assert [(s.target, s.source) for s in found.salient] == [("le", "the"), ("chat", "cat")]
    assert found.salient[0].share == pytest.approx(0.6)
    assert found.salient[0].entropy == pytest.approx(-(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25)))
    assert found.scores.error_rate == 0
    wrong = aligned(one, -1, None, Gold(frozenset({(1, 0), (0, 1)}), frozenset({(1, 0), (0, 1)})))
    assert wrong.scores.error_rate == 1 and aligned(one, -1, None, None).scores is None


def test_a_head_is_that_head_and_the_mean_their_mean():
    one = made([[[[0.8, 0.1, 0.1]] * 3, [[0.2, 0.7, 0.1]] * 3]])
    assert np.allclose(aligned(one, 0, 1, None).weights[0], [0.2, 0.7])
    assert np.allclose(aligned(one, 0, None, None).weights[0], [0.5, 0.4])
    with pytest.raises(Refused, match="heads 1 to 2"):
        aligned(one, 0, 2, None)
    with pytest.raises(Refused, match="layers 1 to 1"):
        aligned(one, 3, None, None)


def test_nothing_but_marks_and_no_source_are_refused():
    with pytest.raises(Refused, match="no word to align"):
        aligned(made([[[[1.0]]]], ("</s>",), ("</s>",)), 0, None, None)
    with pytest.raises(Refused, match="Choose a translator"):
        aligned(ask(TextRequest("mini-gpt", "The cat")), 0, None, None)


@pytest.mark.parametrize("model", ["rnn-dot", "rnn-general", "translator"])
def test_links_against_gold_are_those_of_the_measures(model):
    encoding = ask(TextRequest(model, PAIR.source_text, target=PAIR.target_text, language="fr"))
    found = aligned(encoding, -1, None, PAIR.gold)
    links = cross_links(encoding.attentions[-1], -1)
    assert found.scores.error_rate == pytest.approx(error_rate(links, PAIR.gold.sure, PAIR.gold.possible))
    assert found.rows == PAIR.target and found.columns == PAIR.source
    assert found.scores.error_rate < of_diagonal(PAIR.gold, len(found.columns), len(found.rows)).error_rate


def test_hidden_words_become_marks_and_neighbours_share_one():
    words = ("Thank", "you", "for", "inviting", "me", "to", "your", "party")
    assert sentinels(words, (2, 3, 6)) == "Thank you <extra_id_0> me to <extra_id_1> party"
    assert sentinels(words, ()) == " ".join(words) and sentinels(("a",), (0,)) == "<extra_id_0>"


def test_what_stands_behind_each_mark_is_read_off_what_was_written():
    names = ("<extra_id_0>", "big", "dog", "<extra_id_1>", "s", "s", "</s>")
    words = (-1, 0, 1, -1, 2, 2, -1)
    tokens = tuple(Token(n, i, w, w < 0) for i, (n, w) in enumerate(zip(names, words, strict=True)))
    cross = Attention("cross", tokens, tokens[:1], np.ones((1, 1, 7, 1), np.float32))
    one = TextEncoding(TextRequest("m", "x"), "m", tokens, (cross,))
    assert filled(one, 3) == ("big dog", "ss", "")


@pytest.fixture
def t5(tmp_path, any_folder):
    """A random T5 that knows a few words and two marks."""
    words = ["<pad>", "</s>", "<unk>", "<extra_id_0>", "<extra_id_1>", "the", "cat", "sleeps", "here"]
    made_ = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    made_.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made_.decoder = decoders.WordPiece()
    made_.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    PreTrainedTokenizerFast(
        tokenizer_object=made_, pad_token="<pad>", eos_token="</s>", unk_token="<unk>",
        additional_special_tokens=["<extra_id_0>", "<extra_id_1>"],
    ).save_pretrained(tmp_path)  # fmt: skip
    torch.manual_seed(0)
    T5ForConditionalGeneration(
        T5Config(vocab_size=9, d_model=16, d_kv=8, d_ff=20, num_layers=2, num_heads=2, decoder_start_token_id=0)
    ).save_pretrained(tmp_path)
    return str(tmp_path)


def test_a_t5_reads_the_marks_and_is_aligned_like_any_translator(t5):
    encoding = ask(TextRequest(t5, sentinels(("the", "cat", "sleeps"), (1,)), target="<extra_id_0> cat <extra_id_1>"))
    assert [token.text for token in encoding.tokens][:3] == ["the", "<extra_id_0>", "sleeps"]
    assert filled(encoding, 2) == ("cat", "")
    assert aligned(encoding, 1, 1, None).weights.shape == (1, 2)
