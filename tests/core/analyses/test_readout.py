"""What a picture's classifier reads, held against what each architecture is known to pool."""

import numpy as np
import pytest
import torch
from transformers import (
    BeitConfig,
    BeitForImageClassification,
    DeiTConfig,
    DeiTForImageClassificationWithTeacher,
    Dinov2Config,
    Dinov2ForImageClassification,
    Dinov2WithRegistersConfig,
    Dinov2WithRegistersForImageClassification,
    ViTConfig,
    ViTForImageClassification,
)

from core.analyses.readout import parts_read, read_out
from core.engine import ask
from core.requests import ImageRequest, RelevanceRequest
from tests.core.models.test_vision import SIZE, reader

pytestmark = pytest.mark.usefixtures("any_folder")

SHAPE = {"image_size": 32, "patch_size": 8, "num_labels": 3} | SIZE
WIDE = SHAPE | {"mlp_ratio": 2}


def saved(place, model) -> str:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(place)
    (place / "preprocessor_config.json").write_text(reader("ViTImageProcessor", size={"height": 32, "width": 32}))
    return str(place)


MADE = {
    "vit": (lambda: ViTForImageClassification(ViTConfig(**SHAPE)), (1.0,), 0.0),
    "deit": (lambda: DeiTForImageClassificationWithTeacher(DeiTConfig(**SHAPE)), (0.5, 0.5), 0.0),
    "beit": (lambda: BeitForImageClassification(BeitConfig(**SHAPE)), (0.0,), 1.0),
    "dinov2": (lambda: Dinov2ForImageClassification(Dinov2Config(**WIDE)), (0.5,), 0.5),
    "registers": (
        lambda: Dinov2WithRegistersForImageClassification(Dinov2WithRegistersConfig(**WIDE, num_register_tokens=2)),
        (0.5, 0.0, 0.0),
        0.5,
    ),
}


@pytest.mark.parametrize("kind", MADE)
def test_what_the_classifier_reads(kind, tmp_path):
    torch.manual_seed(0)
    make, special, patches = MADE[kind]
    found = parts_read(saved(tmp_path, make()))
    assert found == (special, patches)


def test_a_map_is_read_as_the_classifier_reads_it(tmp_path):
    torch.manual_seed(0)
    name = saved(tmp_path, MADE["dinov2"][0]())
    encoding = ask(ImageRequest(name, "cat-face"))
    square = np.random.default_rng(0).random((17, 17))
    assert np.allclose(read_out(square, encoding), square[0] / 2 + square[1:].mean(axis=0) / 2)


def test_relevance_of_a_mean_is_no_row_of_cls(tmp_path):
    """BEiT's classifier averages the patches: the relevance of [CLS]' own row would be of nothing it reads."""
    torch.manual_seed(0)
    name = saved(tmp_path, MADE["beit"][0]())
    from core.analyses.relevance import relevance

    request = ImageRequest(name, "cat-face")
    square = relevance(request, 0)
    row = ask(RelevanceRequest(request, 0))
    assert np.allclose(row, square[1:].mean(axis=0), atol=1e-6)
    assert not np.allclose(row, square[0], atol=1e-3 * row.max())
