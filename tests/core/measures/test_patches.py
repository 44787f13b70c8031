"""Maps on a picture: patch (r, c) covers its pixel block whatever shape and prefix, and sums meet closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measures.patches import distances, on_grid, on_picture, rollout, share_of_patches
from core.types import Attention, Patches, Refused, Token


def attention(layers=3, heads=2, rows=2, columns=3, prefix=1, seed=0) -> Attention:
    tokens = tuple(Token(str(i), i, i) for i in range(prefix + rows * columns))
    draw = np.random.default_rng(seed).exponential(size=(layers, heads, len(tokens), len(tokens)))
    return Attention("vision", tokens, tokens, (draw / draw.sum(-1, keepdims=True)).astype(np.float32))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.sampled_from([0, 1, 2, 5]), st.integers(1, 6), st.integers(1, 6))
def test_a_patch_covers_its_own_block_of_pixels(rows, columns, prefix, down, across):
    patches = Patches(rows, columns, prefix)
    values = np.concatenate([np.full(prefix, -1.0), np.arange(rows * columns, dtype=float)])
    grid = on_grid(values, patches)
    picture = on_picture(grid, patches, rows * down, columns * across)
    for row, column in np.ndindex(rows, columns):
        block = picture[row * down : (row + 1) * down, column * across : (column + 1) * across]
        assert np.all(block == row * columns + column)


def test_what_the_model_did_not_see_is_zero():
    patches = Patches(2, 2, 1, left=0.25, top=0.0, width=0.5, height=1.0)  # the middle of a wide picture
    picture = on_picture(np.ones((2, 2)), patches, 4, 8)
    assert np.array_equal(picture, np.repeat([[0, 0, 1, 1, 1, 1, 0, 0]], 4, axis=0))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(5, 23), st.integers(5, 23), st.integers(0, 99))
def test_shares_of_patches_keep_the_mean_of_a_mask(rows, columns, height, width, seed):
    mask = np.random.default_rng(seed).random((height, width))
    shares = share_of_patches(mask, Patches(rows, columns))
    assert shares.mean() == pytest.approx(mask.mean())
    assert np.all(shares <= mask.max() + 1e-12)


def test_shares_by_pencil():
    mask = np.zeros((2, 3))
    mask[0, 1] = 1  # two patches across three pixels: the middle pixel lies half in each
    assert np.allclose(share_of_patches(mask, Patches(2, 2)), [[1 / 3, 1 / 3], [0, 0]])
    cut = Patches(1, 1, 0, left=1 / 3, top=0, width=1 / 3, height=0.5)
    assert np.allclose(share_of_patches(mask, cut), [[1]])


@pytest.mark.parametrize("fusion", ["mean", "max", "min"])
def test_rollout_by_an_independent_product(fusion):
    given_maps = attention()
    step = {"mean": np.mean, "max": np.max, "min": np.min}[fusion]
    wanted = np.eye(7)
    for layer in np.asarray(given_maps.weights, dtype=np.float64):
        fused = step(layer, axis=0) + np.eye(7)  # residual one half: the factor drops out with the rows' sums
        wanted = (fused / fused.sum(1, keepdims=True)) @ wanted
    if fusion == "mean":
        assert np.allclose(rollout(given_maps), wanted)
    found = rollout(given_maps, fusion)
    assert np.allclose(found, wanted)
    assert np.allclose(found.sum(1), 1)


def test_discarding_keeps_the_first_token_and_drops_the_smallest():
    one = attention(layers=1, heads=1)
    weights = np.asarray(one.weights[0, 0], dtype=np.float64)
    found = rollout(one, discard=0.5)
    smallest = np.sort(weights[1:, 1:].ravel())[:18]
    gone = np.isin(weights[1:, 1:], smallest)
    off_diagonal = ~np.eye(6, dtype=bool)
    assert gone.sum() == 18
    assert np.all(found[1:, 1:][gone & off_diagonal] == 0)
    assert np.all(found[1:, 1:][~gone] > 0)
    assert np.all(found[0] > 0)
    assert np.all(found[:, 0] > 0)
    assert np.array_equal(rollout(one, discard=0.0), rollout(one))
    for bad in (-0.1, 1.0):
        with pytest.raises(Refused, match="Discard"):
            rollout(one, discard=bad)
    with pytest.raises(Refused, match="unknown"):
        rollout(one, "median")


def test_distance_of_a_head_that_looks_to_the_right_neighbour():
    patches = Patches(1, 4, 1)
    weights = np.zeros((1, 2, 5, 5), np.float32)
    weights[0, 0] = np.eye(5)
    weights[0, 1, :, 0] = 1
    for place in range(1, 4):
        weights[0, 1, place] = 0
        weights[0, 1, place, place + 1] = 1
    tokens = tuple(Token(str(i), i, i) for i in range(5))
    weights[0, 1, 2] = [0.5, 0, 0, 0.5, 0]
    # Three patches look one to the right, one of them with half of its weight; the last gives all to [CLS], which is
    # nowhere on the picture.
    assert np.allclose(distances(Attention("vision", tokens, tokens, weights), patches), [[0, 3 / 4]])
