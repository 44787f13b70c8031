"""Folders as people have them: an adapter, a model inside another folder, a processor that needs what is not here."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import transformers as hf

from core import ask, open_model
from core.data.pictures import picture
from core.requests import ImageRequest, TextRequest
from core.types import Refused
from tests.checkpoints import saved, tiny_bert

SIDES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 40}


@pytest.fixture
def bert(tmp_path):
    return saved(tiny_bert(), tmp_path / "made")


def test_an_adapter_names_its_base(bert):
    (bert / "config.json").unlink()
    (bert / "model.safetensors").rename(bert / "adapter_model.safetensors")
    (bert / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "bert-base-uncased"}))
    with pytest.raises(Refused, match=r"made is an adapter \(LoRA or its kind\) of bert-base-uncased, which is needed"):
        open_model(str(bert))


def test_the_last_checkpoint_of_a_training_is_opened(bert, tmp_path):
    for step in ("checkpoint-500", "checkpoint-1000", "checkpoint-60"):
        shutil.copytree(bert, tmp_path / "run" / step)
    assert open_model(str(tmp_path / "run")).card.title == "run/checkpoint-1000"


def test_the_part_that_modules_json_names_is_opened(bert, tmp_path):
    shutil.copytree(bert, tmp_path / "st" / "0_Transformer")
    (tmp_path / "st" / "modules.json").write_text(json.dumps([{"idx": 0, "path": "0_Transformer"}]))
    assert ask(TextRequest(str(tmp_path / "st"), "the cat sat")).model.endswith("0_Transformer")


def test_a_path_in_modules_json_leads_nowhere_else(bert, tmp_path):
    (tmp_path / "st").mkdir()
    (tmp_path / "st" / "modules.json").write_text(json.dumps([{"idx": 0, "path": "../made"}]))
    with pytest.raises(Refused, match="is no model"):
        open_model(str(tmp_path / "st"))


def test_a_processor_that_needs_torchvision_gives_way_to_a_plain_one(tmp_path):
    """DINOv3 has no other: size, mean and deviation are in its file, and a plain one makes the same pixels of them."""
    folder = saved(hf.DINOv3ViTModel(hf.DINOv3ViTConfig(**SIDES, image_size=32, patch_size=8)), tmp_path / "dinov3")
    said = {"do_resize": True, "size": {"height": 32, "width": 32}, "do_rescale": True, "do_normalize": True,
            "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}  # fmt: skip
    named = {"image_processor_type": "DINOv3ViTImageProcessorFast"}
    (folder / "preprocessor_config.json").write_text(json.dumps(named | said))
    encoding = ask(ImageRequest(str(folder), "cat-face"))
    assert (encoding.patches.rows, encoding.patches.columns) == (4, 4)
    pixels = open_model(str(folder)).processor(images=picture("cat-face"), return_tensors="np")["pixel_values"]
    plain = hf.ViTImageProcessorPil(**said)(images=picture("cat-face"), return_tensors="np")["pixel_values"]
    assert np.array_equal(pixels, plain)
    if not hf.utils.is_torchvision_available():
        assert any("torchvision" in remark for remark in encoding.remarks)


def test_pieces_without_vectors_are_named(tmp_path):
    folder = saved(tiny_bert(), tmp_path / "added")
    tokenizer = hf.AutoTokenizer.from_pretrained(folder)
    tokenizer.add_tokens(["newword"])
    tokenizer.save_pretrained(folder)
    with pytest.raises(Refused, match=r"vectors for 10 pieces.*newword"):
        ask(TextRequest(str(folder), "the newword sat"))
    assert ask(TextRequest(str(folder), "the cat sat")).tokens


@pytest.mark.parametrize("classes", [3, 77])
def test_classes_are_no_vocabulary(tmp_path, classes):
    sizes = {"vocab_size": 10, "n_positions": 32, "n_embd": 16, "n_layer": 2, "n_head": 2}
    model = hf.GPT2ForSequenceClassification(hf.GPT2Config(**sizes, num_labels=classes, pad_token_id=0))
    encoding = ask(TextRequest(str(saved(model, tmp_path / "classes")), "the cat sat"))
    assert encoding.attentions[0].kind == "decoder"
    (said,) = encoding.predictions
    ids = hf.AutoTokenizer.from_pretrained(tmp_path / "classes")("the cat sat", return_tensors="pt")["input_ids"]
    shares = model.eval()(input_ids=ids).logits[0].softmax(-1)
    assert said.place == "class" and len(said.choices) == min(classes, 10)
    assert [choice.label for choice in said.choices] == shares.topk(len(said.choices)).indices.tolist()
    assert said.choices[0].probability == pytest.approx(float(shares.max().detach()), abs=1e-6)


def test_a_bert_that_sorts_texts_says_its_classes(tmp_path):
    names = {0: "bad", 1: "so so", 2: "good"}
    model = hf.BertForSequenceClassification(hf.BertConfig(vocab_size=10, **SIDES, num_labels=3, id2label=names))
    encoding = ask(TextRequest(str(saved(model, tmp_path / "bert")), "the cat sat"))
    (said,) = encoding.predictions
    assert {choice.text for choice in said.choices} == set(names.values())
    assert sum(choice.probability for choice in said.choices) == pytest.approx(1, abs=1e-6)


def test_an_encoder_decoder_that_sorts_texts_says_its_classes(tmp_path):
    sides = {f"{side}_{what}": n for side in ("encoder", "decoder")
             for what, n in (("layers", 2), ("attention_heads", 2), ("ffn_dim", 32))}  # fmt: skip
    ends = {
        "pad_token_id": 0,
        "bos_token_id": 2,
        "eos_token_id": 3,
        "decoder_start_token_id": 3,
        "forced_eos_token_id": 3,
    }
    config = hf.BartConfig(vocab_size=10, d_model=16, max_position_embeddings=32, num_labels=3, **ends, **sides)
    folder = saved(hf.BartForSequenceClassification(config), tmp_path / "bart")
    encoding = ask(TextRequest(str(folder), "the cat sat [SEP]"))
    assert [a.kind for a in encoding.attentions] == ["encoder", "decoder", "cross"]
    assert [t.id for t in encoding.attentions[1].queries] == [3, *(t.id for t in encoding.tokens[:-1])]
    assert len(encoding.predictions) == 1 and len(encoding.predictions[0].choices) == 3


def test_the_decoder_of_a_classifier_reads_what_its_own_class_gives_it(tmp_path):
    """An mBART turns the text round by one token; it begins with no token of its own."""
    sides = {f"{side}_{what}": n for side in ("encoder", "decoder")
             for what, n in (("layers", 2), ("attention_heads", 2), ("ffn_dim", 32))}  # fmt: skip
    ends = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 2}
    config = hf.MBartConfig(vocab_size=10, d_model=16, max_position_embeddings=32, num_labels=3, **ends, **sides)
    folder = saved(hf.MBartForSequenceClassification(config), tmp_path / "mbart")
    encoding = ask(TextRequest(str(folder), "the cat sat [SEP]"))
    ids = [token.id for token in encoding.tokens]
    assert ids[-1] == 3 and [token.id for token in encoding.attentions[1].queries] == [3, *ids[:-1]]
