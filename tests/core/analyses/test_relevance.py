"""Gradient relevance by a second derivation, and curves that begin and end with the whole picture."""

import numpy as np
import pytest
import torch
from transformers import ViTConfig, ViTForImageClassification, ViTModel

from core.analyses import relevance as module
from core.analyses.relevance import FaithfulnessCurves, curves, relevance, without
from core.data.pictures import picture
from core.engine import ask
from core.models.vision import prepared
from core.requests import ImageRequest
from core.store.opening import open_model
from core.types import Patches, Refused, Stopped
from tests.core.models.test_vision import SIZE, reader

pytestmark = pytest.mark.usefixtures("any_folder")

SHAPE = {"image_size": 32, "patch_size": 8} | SIZE


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch.manual_seed(1)
    place = tmp_path_factory.mktemp("vit")
    model = ViTForImageClassification(ViTConfig(**SHAPE, num_labels=3))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
        model.classifier.weight[2] = 0  # the third class depends on nothing
    model.save_pretrained(place)
    (place / "preprocessor_config.json").write_text(reader("ViTImageProcessor", size={"height": 32, "width": 32}))
    return str(place)


def by_hand(folder: str, label: int) -> np.ndarray:
    """The same from transformers' eager attention, hooks on nothing, in float64."""
    opened = open_model(folder)
    model = ViTForImageClassification.from_pretrained(folder, attn_implementation="eager").double().eval()
    tensor, _ = prepared(opened, picture("cat-face"), "model")
    out = model(pixel_values=tensor.double(), output_attentions=True)
    gradients = torch.autograd.grad(out.logits[0, label], out.attentions)
    whole = np.eye(17)
    for weights, gradient in zip(out.attentions, gradients, strict=True):
        joined = np.zeros((17, 17))
        for head in range(2):
            joined += np.maximum(0, (weights[0, head] * gradient[0, head]).detach().numpy()) / 2
        whole = whole + joined @ whole
    return whole - np.eye(17)


@pytest.mark.parametrize("label", [0, 1])
def test_relevance_equals_a_second_derivation(folder, label):
    found = relevance(ImageRequest(folder, "cat-face"), label)
    wanted = by_hand(folder, label)
    assert wanted[0].max() > 1e-6
    assert np.allclose(found, wanted, atol=1e-4 * wanted.max())


def test_a_class_that_depends_on_nothing_has_no_relevance(folder):
    assert np.array_equal(relevance(ImageRequest(folder, "cat-face"), 2), np.zeros((17, 17)))


def test_bad_questions_are_refused_with_advice(folder, tmp_path):
    with pytest.raises(Refused, match="no class 3"):
        relevance(ImageRequest(folder, "cat-face"), 3)
    ViTModel(ViTConfig(**SHAPE)).save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(reader("ViTImageProcessor", size={"height": 32, "width": 32}))
    with pytest.raises(Refused, match="names no classes"):
        relevance(ImageRequest(str(tmp_path), "cat-face"), 0)
    with pytest.raises(Refused, match="names no classes"):
        relevance(ImageRequest("mini-bert-wordpiece", "cat-face"), 0)


def test_curves_begin_and_end_with_the_whole_picture(folder):
    request = ImageRequest(folder, "cat-face")
    names = open_model(folder).model.config.id2label
    whole = {c.text: c.probability for c in ask(request).predictions[0].choices}[names[1]]
    seen = []
    found = curves(request, np.arange(16.0).reshape(4, 4), 1, steps=5, progress=lambda done, _: seen.append(done))
    assert found.deletion[0] == pytest.approx(whole, abs=1e-6)
    assert found.insertion[-1] == pytest.approx(whole, abs=1e-6)
    assert found.deletion[-1] == pytest.approx(found.insertion[0], abs=1e-6)  # nothing left, nothing come back
    assert found.shares[0] == 0
    assert found.shares[-1] == 1
    assert seen[-1] == 2 * len(found.shares)
    with pytest.raises(Stopped):
        curves(request, np.zeros((4, 4)), 1, cancelled=lambda: True)
    with pytest.raises(ValueError, match="do not meet"):
        curves(request, np.zeros((4, 5)), 1)


def test_the_highest_scores_go_first(folder, monkeypatch):
    hidden = []
    monkeypatch.setattr(
        module, "without", lambda tensor, gone, _: hidden.append(gone) or tensor.expand(len(gone), -1, -1, -1)
    )
    scores = np.arange(16.0).reshape(4, 4)
    curves(ImageRequest(folder, "cat-face"), scores, 0, steps=16)
    gone = torch.cat(hidden)
    assert gone[1].nonzero().flatten().tolist() == [15]
    assert gone[3].nonzero().flatten().tolist() == [13, 14, 15]
    assert (~gone[17 + 1]).nonzero().flatten().tolist() == [15]  # insertion brings the same one back first


def test_hidden_patches_show_the_mean_colour():
    tensor = torch.arange(2 * 4, dtype=torch.float32).view(1, 1, 2, 4).repeat(1, 3, 1, 1)
    found = without(tensor, torch.tensor([[False, True], [False, False]]), Patches(1, 2, 1))
    assert torch.equal(found[1], tensor[0])
    assert torch.equal(found[0, 0, :, :2], tensor[0, 0, :, :2])
    assert (found[0, :, :, 2:] == 3.5).all()


def test_areas_by_pencil():
    found = FaithfulnessCurves(np.array([0, 0.5, 1]), np.array([1, 0.5, 0]), np.array([0, 1, 1]))
    assert found.areas == pytest.approx((0.5, 0.75))
