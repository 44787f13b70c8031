"""Alike: what the message holds, what the page counts, and what is refused."""

import numpy as np
import pytest

from core import ask
from core.analyses.patch_features import Features
from core.requests import ImageRequest, PatchFeaturesRequest
from core.types import Patches, Refused
from tests.apptest import components, page
from tests.drawn import said, unpacked
from ui.components.alike.message import AlikeMaps, pack_alike
from ui.views.vision import alike

GRID = Patches(1, 2)


def test_a_message_holds_all_three_maps():
    own, other = np.array([[1, 0.5], [0.5, 1]]), np.array([[-1, 0], [0.25, 1]])
    attention = np.array([[0.1, 0.2], [0.4, 0]])
    header, arrays = unpacked(pack_alike(("zoo", "zoo"), (GRID, GRID), AlikeMaps(own, other, attention, "x"), 300))
    assert (header["low"], header["most"], header["layer"]) == (-1, 0.4, "x")
    back = lambda codes, low, high: low + codes / 255 * (high - low)  # noqa: E731
    np.testing.assert_allclose(back(arrays["own"], -1, 1), own, atol=0.005)
    np.testing.assert_allclose(back(arrays["other"], -1, 1), other, atol=0.005)
    np.testing.assert_allclose(back(arrays["attention"], 0, 0.4), attention, atol=0.001)


def test_too_many_patches_are_refused():
    large = np.zeros((1_000, 1_000), np.float32)
    with pytest.raises(Refused, match="have 1,000 and 1,000 patches, too many to compare"):
        pack_alike(("zoo", "zoo"), (Patches(10, 100), Patches(10, 100)), AlikeMaps(large, large, large, "x"), 300)


def test_patches_that_like_each_other_best_are_counted():
    one = Features(GRID, np.array([[[1.0, 0], [0.9, 0.1]]]))
    other = Features(Patches(1, 3), np.array([[[1.0, 0], [0, 1], [0.7, 0.7]]]))
    assert alike.mutual(one, other, 0, centred=False).startswith("1 of 2 patches have a partner")
    assert alike.mutual(other, other, 0, centred=False).startswith("3 of 3")


def test_the_page_compares_two_pictures_at_a_layer():
    at = page("vision", screen="Alike", second="cat-face", depth="after layer 2")
    header, arrays = unpacked(components(at)[-1].proto.bytes)
    one, other = (
        ask(PatchFeaturesRequest(ImageRequest("emoji-vit", name))).values[2] for name in ("cat-and-dog", "cat-face")
    )
    unit = lambda v: v / np.linalg.norm(v, axis=-1, keepdims=True)  # noqa: E731
    shown = header["low"] + arrays["other"] / 255 * (1 - header["low"])
    np.testing.assert_allclose(shown, unit(one) @ unit(other).T, atol=0.01)
    weights = ask(ImageRequest("emoji-vit", "cat-and-dog")).attentions[0].weights[1].mean(axis=0)[1:, 1:]
    np.testing.assert_allclose(arrays["attention"] / 255 * header["most"], weights, atol=0.005)
    assert header["layer"] == "after layer 2" and "of 64" in said(at)
