"""Fill the blank: against transformers' own heads, pencils for the dice and the leak, and the page."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from tokenizers.processors import TemplateProcessing
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BertForPreTraining,
    DistilBertConfig,
    DistilBertForMaskedLM,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

from core.analyses.blank import marked, sentence
from core.engine import ask
from core.measures import masking
from core.requests import BlankRequest, InputsRequest, LeakRequest, MaskingRequest, NextSentenceRequest
from core.store.opening import open_model
from core.store.shelf import SHELF
from core.types import Refused
from tests.checkpoints import WORDS, saved, tiny_gpt2, tiny_tokenizer

SIZE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


MODELS = {
    "bert": lambda: BertForPreTraining(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **SIZE)),
    "masked": lambda: BertForMaskedLM(BertConfig(vocab_size=len(WORDS), max_position_embeddings=32, **SIZE)),
    "xlmr": lambda: XLMRobertaForMaskedLM(
        XLMRobertaConfig(vocab_size=len(WORDS), max_position_embeddings=40, type_vocab_size=1, pad_token_id=0, **SIZE)
    ),
    "distil": lambda: DistilBertForMaskedLM(
        DistilBertConfig(
            vocab_size=len(WORDS), dim=16, n_layers=2, n_heads=2, hidden_dim=32, max_position_embeddings=32
        )
    ),
    "gpt2": tiny_gpt2,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """name -> (folder, the model itself): random weights, far enough from zero that words differ."""
    place, found = tmp_path_factory.mktemp("models"), {}
    for name, make in MODELS.items():
        torch.manual_seed(1)
        model = make().eval()
        with torch.no_grad():
            for weight in model.parameters():
                if weight.dim() > 1:
                    weight.normal_(0, 0.4)
        folder = saved(model, place / name)
        template().save_pretrained(folder)
        found[name] = (str(folder), model)
    return found


def template():
    """The tiny tokenizer with [CLS], [SEP] and segments, as BERT's puts them."""
    inner = tiny_tokenizer().backend_tokenizer
    inner.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {name: f"[{name[:-6].upper()}]" for name in ("unk_token", "pad_token", "cls_token", "sep_token")}
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **names,
    )


def test_typed_masks_become_the_model_s_own_and_words_keep_their_places():
    one = marked(sentence("The [MASK] sat <mask>, 私は"), "<m>")
    assert one.text == "The <m> sat <m>, 私は"
    assert [one.word(i) for i in range(len(one.spans))] == ["The", "<m>", "sat", "<m>", ",", "私", "は"]


def test_a_typed_mask_is_one_word_among_the_others():
    one = sentence("The [MASK] chased it")
    assert [one.word(i) for i in range(len(one.spans))] == ["The", "[MASK]", "chased", "it"]


@pytest.mark.parametrize("name", ["bert", "masked", "xlmr", "distil"])
def test_candidates_are_those_of_the_library_s_model(made, name):
    folder, model = made[name]
    found = ask(BlankRequest(folder, "the cat sat on the mat", (1,)))
    ids = torch.tensor([[2, 5, 4, 7, 8, 5, 9, 3]])  # [CLS] the [MASK] sat on the mat [SEP]
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        out = model(ids, attention_mask=torch.ones_like(ids), output_attentions=True)
    logits = out["prediction_logits"] if name == "bert" else out.logits
    shares = torch.softmax(logits[0, 2], dim=-1)
    assert [token.id for token in found.tokens] == ids[0].tolist() and found.places == (2,)
    best = shares.argsort(descending=True)[: len(found.choices[0])]
    assert [choice.text for choice in found.choices[0]] == [WORDS[i] for i in best]
    assert np.allclose([c.probability for c in found.choices[0]], shares[best].numpy(), atol=1e-5)
    word, share, rank = found.truths[0]
    assert word == "cat" and share == pytest.approx(float(shares[6]), abs=1e-5)
    assert rank == 1 + int((shares > shares[6]).sum())
    weights = torch.stack(out.attentions)[:, 0, :, 2]
    assert np.allclose(found.weights[:, :, 0], weights.numpy(), atol=1e-5)


def test_two_blanks_and_a_word_that_is_unknown(made):
    found = ask(BlankRequest(made["masked"][0], "the zebra sat on", (1, 2)))
    assert found.places == (2, 3) and len(found.choices) == 2
    assert found.truths[0] is None and found.truths[1][0] == "sat"


def test_what_stands_around_a_blank_is_cut_as_before():
    """SentencePiece would begin a new word behind a mask that is typed into the text; the full stop does not."""
    name = "mini-xlmr-sentencepiece"
    if name not in SHELF:
        pytest.skip(f"{name} is not on the shelf")
    tokenizer = open_model(name).tokenizer
    for text, word in (("I drink coffee.", 2), ("She said: no!", 1), ("Ich trinke eine Tasse Kaffee.", 4)):
        whole = tokenizer(text)["input_ids"]
        found = ask(BlankRequest(name, text, (word,)))
        ids, (place,) = [token.id for token in found.tokens], found.places
        assert ids[:place] == whole[:place] and ids[place] == tokenizer.mask_token_id
        assert ids[place + 1 :] == whole[len(whole) - len(ids) + place + 1 :]


def test_a_word_of_many_pieces_is_one_blank_and_two_words_of_one_piece_too():
    name = "mini-xlmr-sentencepiece"
    if name not in SHELF:
        pytest.skip(f"{name} is not on the shelf")
    found = ask(BlankRequest(name, "A Donaudampfschiff is big.", (1,)))
    assert len(found.places) == 1 and found.truths == (None,)
    assert [token.text for token in found.tokens] == ["<s>", "A", "<mask>", "is", "big", ".", "</s>"]
    found = ask(BlankRequest(name, "こんにちは世界", (5, 6)))  # 世界 is one piece
    assert len(found.places) == 1


def test_the_pair_s_head_is_read_though_the_model_is_opened_without_it(made):
    folder, model = made["bert"]
    ids = torch.tensor([[2, 5, 6, 3, 5, 9, 7, 3]])
    kinds = torch.tensor([[0, 0, 0, 0, 1, 1, 1, 1]])
    with torch.inference_mode():
        out = model(ids, attention_mask=torch.ones_like(ids), token_type_ids=kinds)
    expected = float(torch.softmax(out.seq_relationship_logits[0], dim=-1)[0])
    assert ask(NextSentenceRequest(folder, "the cat", "the mat sat")) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("name", ["masked", "xlmr", "distil"])
def test_models_without_a_head_for_pairs_say_so(made, name):
    assert ask(NextSentenceRequest(made[name][0], "the cat", "the mat")) is None


@pytest.mark.parametrize(("name", "kinds"), [("bert", 2), ("xlmr", 1), ("distil", 0)])
def test_the_strips_add_up_to_what_enters_the_first_layer(made, name, kinds):
    folder, model = made[name]
    found = ask(InputsRequest(folder, "the cat", "the mat" if name == "bert" else ""))
    total = sum(part for part in (found.token, found.position, found.segment) if part is not None)
    given = {"input_ids": torch.tensor([[token.id for token in found.tokens]])}
    if name == "bert":
        given["token_type_ids"] = torch.tensor([[token.segment for token in found.tokens]])
        assert given["token_type_ids"].tolist() == [[0, 0, 0, 0, 1, 1, 1]]
    with torch.inference_mode():
        entered = model.base_model(**given, output_hidden_states=True).hidden_states[0][0]
        normed = model.base_model.embeddings.LayerNorm(torch.tensor(total))
    assert found.kinds == kinds
    assert np.allclose(normed.numpy(), entered.numpy(), atol=1e-5)


def test_what_is_hidden_is_asked_behind_masks(made):
    folder, model = made["masked"]
    found = ask(LeakRequest(folder, "the cat sat"))
    with torch.inference_mode():
        seen = torch.softmax(model(torch.tensor([[2, 5, 6, 7, 3]])).logits[0], -1)
        hidden = torch.softmax(model(torch.tensor([[2, 5, 4, 7, 3]])).logits[0], -1)
    assert found.seen[2] == pytest.approx(float(seen[2, 6]), abs=1e-5)
    assert found.hidden[2] == pytest.approx(float(hidden[2, 6]), abs=1e-5)
    assert np.isnan(found.seen[0]) and np.isnan(found.hidden[4])


@pytest.mark.parametrize(
    ("name", "text", "hidden", "says"),
    [
        ("gpt2", "the cat", (0,), "not trained to fill"),
        ("masked", "the cat", (), "Nothing is hidden"),
        ("masked", "the cat", (7,), "Word 8 does not exist"),
        ("masked", "cat " * 70, (0,), "70 words"),
        ("masked", "\x00", (0,), "no text"),
    ],
)
def test_what_cannot_be_asked_is_refused(made, name, text, hidden, says):
    with pytest.raises(Refused, match=says):
        ask(BlankRequest(made[name][0], text, hidden))


@settings(max_examples=30, deadline=None)
@given(some.lists(some.booleans(), min_size=1, max_size=60), some.integers(0, 9_999), some.floats(0, 1))
def test_the_dice_touch_free_pieces_alone(free, seed, rate):
    ids = list(range(100, 100 + len(free)))
    found = masking.throw(ids, free, 1, (2, 3), seed, rate)
    assert found == masking.throw(ids, free, 1, (2, 3), seed, rate)
    assert any(fate != "kept" for fate in found.fates) == any(free)
    for before, after, is_free, fate in zip(ids, found.ids, free, found.fates, strict=True):
        assert is_free or fate == "kept"
        assert {"kept": after == before, "unchanged": after == before, "mask": after == 1, "random": after in (2, 3)}[
            fate
        ]


def test_the_dice_fall_80_10_10_and_15():
    """Within four standard errors of 20,000 throws."""
    fates = masking.throw(range(20_000), [True] * 20_000, 1, (2,), 5).fates
    chosen = [fate for fate in fates if fate != "kept"]
    assert len(chosen) / 20_000 == pytest.approx(0.15, abs=0.0101)
    for fate, share in (("mask", 0.8), ("random", 0.1), ("unchanged", 0.1)):
        error = (share * (1 - share) / len(chosen)) ** 0.5
        assert chosen.count(fate) / len(chosen) == pytest.approx(share, abs=4 * error)


def test_a_word_sees_itself_after_two_layers_by_pencil():
    """Even attention over n tokens without itself: 1/(n-1) comes back, by each of the n-1 others."""
    even = np.full((3, 4, 4), 0.25)
    found = masking.around(even)
    assert np.allclose(found[0], (1 - np.eye(4)) / 3)
    assert np.allclose(found[1].diagonal(), 1 / 3)
    assert np.allclose(found.sum(-1), 1)
    chain = np.array([[[0.5, 0.5], [0.9, 0.1]]] * 2)
    assert np.allclose(masking.around(chain), [[[0, 1], [1, 0]], [[1, 0], [0, 1]]])
    assert np.array_equal(even, np.full((3, 4, 4), 0.25))


def test_a_token_that_looks_at_itself_alone_takes_nothing():
    assert np.array_equal(masking.around(np.eye(3)[None])[0], np.zeros((3, 3)))


def test_dice_on_a_model(made):
    folder, model = made["masked"]
    found = ask(MaskingRequest(folder, "the cat sat on the mat", 4, 0.5))
    with torch.inference_mode():
        shares = torch.softmax(model(torch.tensor([found.throw.ids])).logits[0], -1)
    for place, (fate, right, guess) in enumerate(zip(found.throw.fates, found.right, found.guesses, strict=True)):
        if fate == "kept":
            assert np.isnan(right) and guess is None
        else:
            assert right == pytest.approx(float(shares[place, found.tokens[place].id]), abs=1e-5)
            assert guess.text == WORDS[int(shares[place].argmax())]
    assert any(fate != "kept" for fate in found.throw.fates) and found.throw.fates[0] == "kept"
