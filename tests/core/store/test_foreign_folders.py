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
    with pytest.raises(Refused, match=r"made is an adapter \(LoRA or its kind\) of bert-base-uncased, which is needed too"):
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
    assert encoding.attentions[0].kind == "decoder" and not encoding.predictions
