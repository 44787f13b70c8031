"""Models of pictures as people bring them: other shapes, other sizes, other channels, pyramids and windows."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import transformers as hf

from benchmarks import shrinking
from core import ask, open_model
from core.requests import (
    DetectionRequest,
    ImageRequest,
    Move,
    MovedPictureRequest,
    PatchPositionsRequest,
    PositionsRequest,
    RelevanceRequest,
)
from core.types import Refused

PICTURE = "cat-face"
SIDES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 40}


def vit(folder, processor: dict, **more) -> str:
    torch.manual_seed(0)
    hf.ViTForImageClassification(hf.ViTConfig(**{**SIDES, "patch_size": 8, "image_size": 32, **more})).save_pretrained(
        folder
    )
    said = {"image_processor_type": "ViTImageProcessor", "do_resize": True, **processor}
    (folder / "preprocessor_config.json").write_text(json.dumps(said))
    return str(folder)


def test_a_model_of_wide_pictures_has_a_wide_table(tmp_path):
    wide = vit(tmp_path, {"size": {"height": 32, "width": 64}}, image_size=[32, 64])
    encoding = ask(ImageRequest(wide, PICTURE))
    assert (encoding.patches.rows, encoding.patches.columns, encoding.patches.prefix) == (4, 8, 1)
    table = open_model(wide).model.vit.embeddings.position_embeddings[0, 1:].numpy()
    assert np.array_equal(ask(PatchPositionsRequest(wide)), table.reshape(4, 8, 32))
    known = ask(PositionsRequest(wide))
    assert known.grid == (4, 8) and known.before == 1


def test_a_processor_of_another_size_is_named(tmp_path):
    name = vit(tmp_path, {"size": {"height": 48, "width": 48}})
    with pytest.raises(Refused, match=r"reads pictures of 32 x 32 px.*makes them 48 x 48 px"):
        ask(ImageRequest(name, PICTURE))


def test_a_model_of_one_channel_is_refused(tmp_path):
    with pytest.raises(Refused, match="reads pictures of 1 channels"):
        ask(ImageRequest(vit(tmp_path, {"size": {"height": 32, "width": 32}}, num_channels=1), PICTURE))


@pytest.mark.parametrize("kind", ["levit", "mobilevit", "hiera", "segformer", "swinv2", "cvt"])
def test_pyramids_say_the_same_on_every_page(tmp_path, kind):
    shrinking.save(kind, "pictures", tmp_path)
    request, said = ImageRequest(str(tmp_path), PICTURE), set()
    for one in (request, RelevanceRequest(request, 0)):
        with pytest.raises(Refused) as caught:
            ask(one)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize("kind", ["levit", "hiera", "resnet", "perceiver", "segformer"])
def test_what_lies_on_no_grid_cannot_be_moved(tmp_path, kind):
    shrinking.save(kind, "pictures", tmp_path)
    with pytest.raises(Refused, match=r"no grid|how wide its cells|patches of one size"):
        ask(MovedPictureRequest(str(tmp_path), PICTURE, Move("shift", 2)))


def test_a_classifier_on_a_clip_tower_reads_pictures_alone(tmp_path):
    shrinking.save("clip", "pictures", tmp_path)
    opened = open_model(str(tmp_path))
    assert opened.card.family == "vision" and opened.tokenizer is None
    assert ask(RelevanceRequest(ImageRequest(str(tmp_path), PICTURE), 0)).shape == (17,)
    assert len(ask(MovedPictureRequest(str(tmp_path), PICTURE, Move("shift", 2))).layers) > 2


def test_a_table_transformer_is_a_detr(tmp_path):
    shrinking.save("table-transformer", "boxes", tmp_path)
    found = ask(DetectionRequest(str(tmp_path), PICTURE))
    assert np.allclose(found.cross.sum(axis=(-2, -1)), 1, atol=1e-5)


def test_a_detr_with_a_plain_processor_is_asked_all_the_same(tmp_path):
    shrinking.save("detr", "boxes", tmp_path)
    said = {"image_processor_type": "ViTImageProcessor", "size": {"height": 64, "width": 64}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(said))
    assert ask(DetectionRequest(str(tmp_path), PICTURE)).queries
