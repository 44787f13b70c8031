"""CLIP asked end to end from a small checkpoint: vectors equal transformers' own, templates are averaged."""

import numpy as np
import pytest
import torch

from core.data.gallery import gallery, pixels
from core.models.clip import class_vectors, picture_vectors, scale_of, text_vectors, zero_shot
from core.store.opening import open_model
from core.types import Refused, Stopped
from tests.core.models.test_vision import folder  # noqa: F401 - fixtures

pytestmark = pytest.mark.usefixtures("any_folder")

NAMES = ["cat-face", "beach-panorama", "photo-coffee"]


@pytest.fixture
def clip(folder):  # noqa: F811
    return str(folder / "clip")


def test_cosines_equal_transformers_own(clip):
    texts = ["the cat", "on the mat sat", "mat"]
    opened = open_model(clip)
    batch = opened.tokenizer(texts, padding=True, return_tensors="pt")
    tensor = opened.processor(images=[pixels(gallery()[n]) for n in NAMES], return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        out = opened.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], pixel_values=tensor)
    found = scale_of(clip) * text_vectors(clip, texts) @ picture_vectors(clip, NAMES).T
    assert np.allclose(found, out.logits_per_text.numpy(), atol=1e-3)
    assert scale_of(clip) == pytest.approx(float(opened.model.logit_scale.exp()))


def test_the_same_text_twice_has_one_vector(clip):
    found = text_vectors(clip, ["cat", "mat", "cat"])
    assert np.array_equal(found[0], found[2])
    assert not np.allclose(found[0], found[1])
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_templates_are_averaged_and_probabilities_are_a_softmax(clip):
    mean = class_vectors(clip, ["cat", "mat"], ["the {}", "on {} sat"])
    wanted = (text_vectors(clip, ["the cat"]) + text_vectors(clip, ["on cat sat"]))[0]
    assert np.allclose(mean[0], wanted / np.linalg.norm(wanted), atol=1e-6)
    found = zero_shot(clip, "cat-face", ["cat", "mat", "sat"], ["the {}"])
    scores = scale_of(clip) * text_vectors(clip, ["the cat", "the mat", "the sat"]) @ picture_vectors(clip, NAMES)[0]
    assert np.allclose(found, np.exp(scores) / np.exp(scores).sum(), atol=1e-5)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda c: text_vectors(c, []), "no texts"),
        (lambda c: text_vectors(c, ["x"] * 20_001), "up to 20,000"),
        (lambda c: text_vectors(c, ["  "]), "no text to read"),
        (lambda c: picture_vectors(c, []), "no pictures"),
        (lambda c: picture_vectors(c, ["own-gone"]), "no longer here"),
        (lambda c: class_vectors(c, ["cat"], ["no place"]), "needs {} once"),
        (lambda c: class_vectors(c, [], ["{}"]), "at least one class"),
        (lambda _: scale_of("mini-gpt"), "no towers"),
    ],
)
def test_bad_input_is_refused_with_advice(clip, ask, says):
    with pytest.raises(Refused, match=says):
        ask(clip)


def test_many_pictures_can_be_stopped(clip):
    seen = []
    picture_vectors(clip, NAMES, progress=lambda done, whole: seen.append((done, whole)))
    assert seen == [(3, 3)]
    with pytest.raises(Stopped):
        picture_vectors(clip, NAMES, cancelled=lambda: True)
