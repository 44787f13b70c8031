"""Text models of every family asked end to end, from small checkpoints on disk, and every kind of bad input."""

import json

import numpy as np
import pytest
import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    MambaConfig,
    MambaForCausalLM,
    MarianConfig,
    MarianMTModel,
    MarianTokenizer,
    PreTrainedTokenizerFast,
)

from core.engine import ask
from core.models.text import inner, run
from core.requests import Edit, TextRequest
from core.types import Refused

pytestmark = pytest.mark.usefixtures("any_folder")

LINES = [
    "the cat sat on the mat because it was tired",
    "le chat dort sur la chaise",
    "a dog and a cat play in the garden, don't they?",
] * 4


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    """A BERT with WordPieces, segments and room for 40 tokens."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(LINES, trainers.WordPieceTrainer(vocab_size=90, special_tokens=special))
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder = tmp_path_factory.mktemp("bert")
    names = {
        "unk_token": "[UNK]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    PreTrainedTokenizerFast(tokenizer_object=made, model_input_names=inputs, **names).save_pretrained(folder)
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=made.get_vocab_size(), max_position_embeddings=40, **size)
    BertForMaskedLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def gpt(tmp_path_factory):
    """A GPT-2 with byte-level BPE."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    made.train_from_iterator(LINES, trainer)
    folder = tmp_path_factory.mktemp("gpt")
    PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|endoftext|>").save_pretrained(folder)
    torch.manual_seed(0)
    GPT2LMHeadModel(
        GPT2Config(vocab_size=made.get_vocab_size(), n_positions=600, n_embd=16, n_layer=2, n_head=2)
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def opus(tmp_path_factory):
    """A Marian with SentencePiece and no fast tokenizer, as OPUS-MT's checkpoints are."""
    folder = tmp_path_factory.mktemp("opus")
    (folder / "lines.txt").write_text("\n".join(LINES), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "lines.txt"),
        model_prefix=str(folder / "m"),
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "m.model"))
    vocabulary = {"</s>": 0, "<unk>": 1}
    for i in range(pieces.get_piece_size()):
        vocabulary.setdefault(pieces.id_to_piece(i), len(vocabulary))
    vocabulary["<pad>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    for side in ("source.spm", "target.spm"):
        (folder / side).write_bytes((folder / "m.model").read_bytes())
    MarianTokenizer(str(folder / "source.spm"), str(folder / "target.spm"), str(folder / "vocab.json")).save_pretrained(
        folder
    )
    torch.manual_seed(0)
    sides = {
        f"{side}_{what}": number
        for side in ("encoder", "decoder")
        for what, number in {"layers": 2, "attention_heads": 2, "ffn_dim": 32}.items()
    }
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocabulary),
        d_model=16,
        max_position_embeddings=64,
        pad_token_id=pad,
        eos_token_id=0,
        decoder_start_token_id=pad,
        forced_eos_token_id=0,
        **sides,
    )
    MarianMTModel(config).save_pretrained(folder)
    return folder


def test_an_encoder_equals_eager_and_fills_the_mask(bert):
    text = "the [MASK] sat on the mat"
    found = ask(TextRequest(str(bert), text))
    model = AutoModelForMaskedLM.from_pretrained(bert, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(bert)
    with torch.no_grad():
        out = model(**tokenizer(text, return_tensors="pt"), output_attentions=True)
    weights = np.stack([a[0].numpy() for a in out.attentions])
    assert np.abs(found.attentions[0].weights - weights).max() < 1e-5
    place = next(i for i, t in enumerate(found.tokens) if t.text == "[MASK]")
    best = out.logits[0, place].softmax(-1)
    (prediction,) = found.predictions
    assert prediction.position == place
    assert prediction.choices[0].probability == pytest.approx(float(best.max()), abs=1e-6)
    assert prediction.choices[0].text == tokenizer.decode([int(best.argmax())]).strip()


def test_a_mask_as_another_model_writes_it_is_understood(bert):
    own, other, typed = (ask(TextRequest(str(bert), f"the {mask} sat")) for mask in ("[MASK]", "<mask>", "[mask]"))
    assert own.tokens == other.tokens == typed.tokens
    assert own.predictions[0].choices == other.predictions[0].choices


def test_a_pair_has_segments_and_both_are_read(bert):
    found = ask(TextRequest(str(bert), "the cat", pair="it was tired"))
    separators = [i for i, t in enumerate(found.tokens) if t.text == "[SEP]"]
    assert [t.segment for t in found.tokens[: separators[0] + 1]] == [0] * (separators[0] + 1)
    assert all(t.segment == 1 for t in found.tokens[separators[0] + 1 :])


def test_a_decoder_looks_only_back_and_foretells(gpt):
    found = ask(TextRequest(str(gpt), "the cat sat 😀"))
    (attention,) = found.attentions
    assert attention.kind == "decoder"
    above = np.triu(np.ones(attention.weights.shape[2:], dtype=bool), 1)
    assert np.all(attention.weights[:, :, above] == 0)
    assert found.predictions[0].place == "next token"
    assert sum(c.probability for c in found.predictions[0].choices) <= 1 + 1e-6


def test_a_decoder_reads_one_text_and_says_so(gpt):
    found = ask(TextRequest(str(gpt), "the cat", pair="the dog"))
    assert any("second was left out" in remark for remark in found.remarks)


def test_an_encoder_decoder_without_a_fast_tokenizer(opus):
    found = ask(TextRequest(str(opus), "the cat sat on the mat"))
    kinds = {a.kind: a for a in found.attentions}
    assert list(kinds) == ["encoder", "decoder", "cross"]
    assert kinds["cross"].keys == found.tokens
    assert [t.text for t in found.tokens if t.word == 1] and found.tokens[-1].special


def test_a_target_of_the_users_own_is_run_through_the_model(opus):
    found = ask(TextRequest(str(opus), "the cat sat", target="le chat dort"))
    assert found.output == "le chat dort"
    cross = found.attentions[2]
    assert "".join(t.text for t in cross.queries if not t.special) == "lechatdort"
    # the decoder reads its start and then what was written before: the same pieces, one place later
    assert [t.id for t in found.attentions[1].queries[1:]] == [t.id for t in cross.queries[:-1]]


def test_long_text_keeps_no_weights_but_gives_them_exactly(gpt, monkeypatch):
    text = "the cat sat on the mat because it was tired and a dog play in the garden " * 3
    kept = ask(TextRequest(str(gpt), text)).attentions[0].weights
    monkeypatch.setattr("core.models.text.KEPT_NUMBERS", 100)
    found = run(TextRequest(str(gpt), text))[0].attentions[0].weights
    assert isinstance(kept, np.ndarray)
    assert not isinstance(found, np.ndarray)
    assert found.nbytes < kept.nbytes
    assert np.abs(found[1, 1] - kept[1, 1]).max() < 1e-6
    assert np.abs(found[0] - kept[0]).max() < 1e-6


def test_queries_and_keys_make_the_weights(bert):
    request = TextRequest(str(bert), "the cat sat")
    parts = inner(request, [1])
    query, key = parts["queries"][0][0], parts["keys"][0][0]
    scores = query @ key.T / np.sqrt(query.shape[1])
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert ask(request).attentions[0].weights[1, 0] == pytest.approx(weights, abs=1e-5)


def test_an_edit_changes_maps_and_predictions(bert):
    plain = ask(TextRequest(str(bert), "the [MASK] sat"))
    off = tuple(("encoder", i, j) for i in range(2) for j in range(2))
    edited = ask(TextRequest(str(bert), "the [MASK] sat", edit=Edit(heads_off=off)))
    assert edited.predictions[0].choices[0].probability != plain.predictions[0].choices[0].probability
    local = ask(TextRequest(str(bert), "the cat sat on", edit=Edit(mask="local", window=1)))
    far = np.abs(np.subtract.outer(np.arange(len(local.tokens)), np.arange(len(local.tokens)))) > 1
    assert np.all(local.attentions[0].weights[:, :, far] == 0)


def test_a_translation_changes_with_all_its_cross_heads_off(opus):
    off = tuple(("cross", i, j) for i in range(2) for j in range(2))
    words = ["the cat sat on the mat", "a dog and a cat play"]
    plain = [ask(TextRequest(str(opus), w)).predictions[0] for w in words]
    edited = [ask(TextRequest(str(opus), w, edit=Edit(heads_off=off))).predictions[0] for w in words]
    assert plain[0] != plain[1]
    assert edited[0] == edited[1]  # nothing of the source reaches the decoder any more


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"text": ""}, "no text"),
        ({"text": "\x00\x01"}, "no text"),
        ({"text": "the cat " * 40}, "reads up to 40"),
        ({"edit": Edit(heads_off=(("encoder", 99, 0),))}, "layer"),
        ({"edit": Edit(heads_off=(("encoder", 0, 99),))}, "head"),
    ],
)
def test_bad_input_is_refused_with_advice(bert, changes, says):
    with pytest.raises(Refused, match=says):
        ask(TextRequest(**({"model": str(bert), "text": "the cat"} | changes)))


@pytest.mark.parametrize("text", ["</script><img onerror=alert(1)>", "the\u202ecat", "😀" * 5, "مرحبا 你好 नमस्ते"])
def test_strange_text_is_read(bert, text):
    found = ask(TextRequest(str(bert), text))
    assert found.attentions[0].weights.sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_control_characters_are_left_out_and_told(bert):
    found = ask(TextRequest(str(bert), "the\x00 cat"))
    assert found.remarks == ("U+0000: read as a space, because a control character is no text.",)


@pytest.mark.parametrize("model", ["nobody/nothing-of-that-name", "/no/such/folder", "no model at all!"])
def test_an_unknown_model_names_what_there_is(model, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(Refused, match="translator"):
        ask(TextRequest(model, "the cat"))


def test_a_model_without_attention_is_refused(bert, tmp_path):
    AutoTokenizer.from_pretrained(bert).save_pretrained(tmp_path)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "state_size": 4}
    MambaForCausalLM(
        MambaConfig(vocab_size=90, pad_token_id=0, bos_token_id=1, eos_token_id=1, **size)
    ).save_pretrained(tmp_path)
    with pytest.raises(Refused, match="no attention"):
        ask(TextRequest(str(tmp_path), "the cat"))


def test_weights_that_are_not_numbers_are_refused(bert, tmp_path):
    AutoTokenizer.from_pretrained(bert).save_pretrained(tmp_path)
    model = BertForMaskedLM.from_pretrained(bert)
    with torch.no_grad():
        model.bert.encoder.layer[0].attention.self.query.weight[0, 0] = float("nan")
    model.save_pretrained(tmp_path)
    with pytest.raises(Refused, match=r"NaN|finite|numbers"):
        ask(TextRequest(str(tmp_path), "the cat"))
