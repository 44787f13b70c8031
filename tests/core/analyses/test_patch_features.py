"""States of patches against transformers' own, and how alike they are by pencil."""

import numpy as np
import pytest
import torch
from transformers import ViTForImageClassification

from core import ask, open_model
from core.analyses.patch_features import cosines
from core.data.pictures import picture
from core.requests import ImageRequest, PatchFeaturesRequest
from core.types import Refused
from tests.checkpoints import saved, tiny_bert, tiny_vit

pytestmark = pytest.mark.usefixtures("any_folder")


def test_states_are_those_of_transformers(tmp_path):
    folder = str(saved(tiny_vit(), tmp_path / "own"))
    found = ask(PatchFeaturesRequest(ImageRequest(folder, "cat-and-dog")))
    pixels = open_model(folder).processor(images=picture("cat-and-dog"), return_tensors="pt")["pixel_values"]
    states = []
    model = ViTForImageClassification.from_pretrained(folder, attn_implementation="eager").eval()
    layers = next(
        m for n, m in model.named_modules() if n.endswith(("layer", "layers")) and len(list(m.children())) > 1
    )
    hooks = [one.register_forward_hook(lambda _, __, out: states.append(out[0] if isinstance(out, tuple) else out))
             for one in layers]  # fmt: skip
    with torch.inference_mode():
        model(pixel_values=pixels)
    for hook in hooks:
        hook.remove()
    assert len(found.values) == len(states) + 1
    assert found.values.shape[1] == found.patches.rows * found.patches.columns
    for mine, theirs in zip(found.values[1:], states, strict=True):
        np.testing.assert_allclose(mine, theirs.reshape(-1, theirs.shape[-1])[1:].numpy(), atol=1e-5)


def test_cosines_by_pencil():
    one, other = np.array([[3.0, 4], [0, 2]]), np.array([[4.0, 3], [-3, -4], [0, 0]])
    np.testing.assert_allclose(cosines(one, other), [[0.96, -1, 0], [0.6, -0.8, 0]], atol=1e-6)


def test_what_all_share_is_taken_away():
    one, other = np.array([[11.0, 1], [9, 1]]), np.array([[10.0, 2], [10, 0]])
    assert cosines(one, other).min() > 0.98
    # less (10, 1): (1, 0), (-1, 0) against (0, 1), (0, -1)
    np.testing.assert_allclose(cosines(one, other, centred=True), np.zeros((2, 2)), atol=1e-6)
    np.testing.assert_allclose(cosines(one, one, centred=True), [[1, -1], [-1, 1]], atol=1e-6)
    np.testing.assert_allclose(cosines(one[:1], one[1:], centred=True), [[-1]], atol=1e-6)  # of both together


def test_of_a_picture_beside_itself_each_patch_is_its_own_best():
    found = ask(PatchFeaturesRequest(ImageRequest("emoji-vit", "zoo")))
    for layer in found.values:
        between = cosines(layer, layer)
        assert (between.argmax(axis=1) == np.arange(64)).all() and np.allclose(np.diag(between), 1, atol=1e-5)


def test_what_has_no_patches_is_refused(tmp_path):
    with pytest.raises(Refused, match="Choose a plain ViT"):
        ask(PatchFeaturesRequest(ImageRequest(str(saved(tiny_bert(), tmp_path / "own")), "zoo")))
