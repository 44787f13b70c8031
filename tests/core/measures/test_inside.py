"""Attention by hand against torch and against pencil; masks, the reason for sqrt(d), order, the stream."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analyses.by_hand import Hand, with_edit, words_of, worked
from core.measures.inside import (
    MASKS,
    Projection,
    additive,
    allowed,
    as_added,
    attend,
    draws,
    embedded,
    entropy,
    general,
    gradient,
    layer,
    made_up,
    passed_on,
    residual_stack,
    softmax,
)
from core.types import Refused

few = settings(max_examples=25, deadline=None)
sizes = st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 9), st.integers(0, 10_000))


def normals(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@few
@given(sizes)
def test_a_head_equals_torch(size):
    n, m, d, seed = size
    query, key, value = normals(n, d, seed=seed), normals(m, d, seed=seed + 1), normals(m, d + 1, seed=seed + 2)
    found = attend(query, key, value)
    wanted = torch.nn.functional.scaled_dot_product_attention(*map(torch.from_numpy, (query, key, value)))
    np.testing.assert_allclose(found.output, wanted.numpy(), atol=1e-12)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1)


@few
@given(st.sampled_from([1, 2, 4, 8]), st.integers(1, 6), st.integers(0, 1000))
def test_many_heads_equal_torch_with_a_causal_mask(heads, n, seed):
    x = normals(n, 8, seed=seed)
    biases = [normals(8, seed=seed + 10 + i) * (seed % 2) for i in range(4)]
    projections = [Projection(normals(8, 8, seed=seed + i), bias) for i, bias in enumerate(biases, start=1)]
    found = layer(x, tuple(projections), heads, added=as_added(allowed("causal", n)))
    theirs = torch.nn.MultiheadAttention(8, heads, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.from_numpy(np.concatenate([p.weight.T for p in projections[:3]])))
        theirs.out_proj.weight.copy_(torch.from_numpy(projections[3].weight.T))
        theirs.in_proj_bias.copy_(torch.from_numpy(np.concatenate(biases[:3])))
        theirs.out_proj.bias.copy_(torch.from_numpy(biases[3]))
        given_in = torch.from_numpy(x)[None]
        hidden = torch.from_numpy(~allowed("causal", n))
        output, weights = theirs(given_in, given_in, given_in, attn_mask=hidden, average_attn_weights=False)
    np.testing.assert_allclose(found.output, output[0].numpy(), atol=1e-10)
    np.testing.assert_allclose(found.weights, weights[0].numpy(), atol=1e-10)


def test_two_words_by_pencil():
    """q = k = (1, 0) and (0, 1), d = 2: scores 1 and 0, so weights 1/(1 + e^(-1/sqrt 2))."""
    found = attend(np.eye(2), np.eye(2), np.array([[10.0], [20.0]]))
    own = 1 / (1 + math.exp(-1 / math.sqrt(2)))
    np.testing.assert_allclose(found.weights, [[own, 1 - own], [1 - own, own]])
    np.testing.assert_allclose(found.output[:, 0], [10 * own + 20 * (1 - own), 20 * own + 10 * (1 - own)])
    np.testing.assert_array_equal(found.scores, np.eye(2))


def test_masks_hide_exactly_and_earlier_rows_do_not_move():
    x = embedded(("a", "b", "c", "d", "e"), 8, positions=True)
    moved = x.copy()
    moved[4] += 3
    projections = tuple(made_up(8, seed) for seed in range(4))
    added = as_added(allowed("causal", 5))
    before, after = (layer(one, projections, 2, added=added) for one in (x, moved))
    assert (before.weights[:, ~allowed("causal", 5)] == 0).all()
    np.testing.assert_array_equal(before.weights[:, :4], after.weights[:, :4])
    np.testing.assert_array_equal(before.output[:4], after.output[:4])
    assert not np.array_equal(before.output[4], after.output[4])


@few
@given(st.sampled_from(sorted(MASKS)), st.integers(3, 12), st.integers(0, 3))
def test_every_mask_by_its_definition(kind, n, window):
    seen = allowed(kind, n, window=window, stride=3, first=1, padding=2)
    rule = {
        "none": lambda i, j: True,
        "causal": lambda i, j: j <= i,
        "padding": lambda i, j: j < n - 2,
        "local": lambda i, j: i - window <= j <= i + window,
        "strided": lambda i, j: abs(i - j) % 3 == 0,
        "local + global": lambda i, j: abs(i - j) <= window or i == 0 or j == 0,
    }[kind]
    assert [[rule(i, j) for j in range(n)] for i in range(n)] == seen.tolist()


def test_a_local_window_of_ten_keeps_four_percent():
    seen = allowed("local", 512, window=10)
    assert seen[256].sum() == 21
    assert seen.sum() == 512 * 21 - 10 * 11  # both ends lack 10 + 9 + ... + 1 keys
    assert 0.0405 < seen.mean() < 0.0411


def test_softmax_derivative_against_differences():
    scores = normals(5, seed=3)
    weights = softmax(scores)
    step = 1e-6
    numeric = [(softmax(scores + step * one) - softmax(scores - step * one)) / (2 * step) for one in np.eye(5)]
    np.testing.assert_allclose(gradient(weights), np.array(numeric).T, atol=1e-9)
    assert passed_on(weights) == pytest.approx(np.trace(gradient(weights)))


def test_other_scores_pair_by_pair():
    query, key, weight, both, v = (normals(*shape, seed=4) for shape in ((2, 3), (4, 3), (3, 3), (6, 3), (3,)))
    for i, q in enumerate(query):
        for j, k in enumerate(key):
            assert general(query, key, weight)[i, j] == pytest.approx(q @ weight @ k)
            assert additive(query, key, both, v)[i, j] == pytest.approx(v @ np.tanh(np.concatenate([q, k]) @ both))


def test_entropy_ends():
    np.testing.assert_allclose(entropy(np.array([[0.25] * 4, [1.0, 0, 0, 0], [0.5, 0.5, 0, 0]])), [2, 0, 1])


@pytest.mark.parametrize(("d", "raw", "scaled"), [(8, 0.62, 0.31), (64, 0.86, 0.32), (512, 0.95, 0.32)])
def test_the_greatest_of_ten_weights(d, raw, scaled):
    """Against queries and keys drawn one by one, which the page spares itself."""
    scores = np.einsum("ad,akd->ak", normals(400, d, seed=5), normals(400, 10, d, seed=6))
    for divided, published in ((False, raw), (True, scaled)):
        one = torch.softmax(torch.from_numpy(scores * (d**-0.5 if divided else 1)), -1).max(-1).values.mean()
        found = draws(d, scaled=divided).greatest
        assert found == pytest.approx(published, abs=0.01)
        assert found == pytest.approx(float(one), abs=0.04)


def test_scaled_scores_have_variance_one_whatever_the_width():
    for d in (1, 4, 256):
        assert draws(d, scaled=True).scores.var() == pytest.approx(1, abs=0.06)
        assert draws(d, scaled=False).scores.var() == pytest.approx(d, rel=0.06)


@few
@given(st.permutations(range(6)), st.booleans())
def test_order(order, positions):
    """Rows move with the words; only (K, V) together may be shuffled without a trace."""
    order = list(order)
    words = ("one", "two", "three", "four", "five", "six")
    x = embedded(words, 8, positions=positions)
    projections = tuple(made_up(8, seed) for seed in range(4))
    plain = layer(x, projections, 2)
    moved = layer(x[order], projections, 2)
    np.testing.assert_allclose(moved.weights, plain.weights[:, order][:, :, order], atol=1e-12)
    np.testing.assert_allclose(layer(x, projections, 2, memory=x[order]).output, plain.output, atol=1e-12)


def test_positions_tell_equal_words_apart():
    without, with_them = (embedded(("the", "The"), 8, positions=positions) for positions in (False, True))
    np.testing.assert_array_equal(without[0], without[1])
    assert not np.array_equal(with_them[0], with_them[1])


def test_the_stream_grows_before_norms_and_not_behind():
    pre, post = residual_stack(24, pre=True), residual_stack(24, pre=False)
    assert pre.after[-1] > 2 * pre.after[0]
    np.testing.assert_allclose(post.before, 8, rtol=1e-4)  # sqrt(64), a norm's length
    np.testing.assert_array_equal(pre.before[1:], pre.after[:-1])


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (lambda: attend(np.zeros((2, 0)), np.zeros((2, 0)), np.zeros((2, 1))), "d = 0"),
        (lambda: attend(np.eye(2), np.eye(2), np.eye(2), added=np.full((2, 2), -np.inf)), "Row 1"),
        (lambda: softmax(np.array([[0.0, 1.0], [-np.inf, -np.inf]])), "Row 2"),
        (lambda: layer(np.eye(8), tuple(made_up(8, i) for i in range(4)), 3), "do not divide"),
        (lambda: layer(np.eye(8), tuple(made_up(8, i) for i in range(4)), 0), "do not divide"),
        (lambda: draws(0, scaled=True), "d = 0"),
        (lambda: draws(8, scaled=True, keys=0), "keys"),
        (lambda: allowed("none", 0), "0 words"),
        (lambda: allowed("padding", 3, padding=3), "padding"),
        (lambda: allowed("triangle", 3), "unknown"),
        (lambda: allowed("strided", 3, stride=0), "stride"),
        (lambda: residual_stack(0, pre=True), "0 layers"),
        (lambda: words_of(" .,! "), "no word"),
        (lambda: words_of("a " * 9), "9 words"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(what, says):
    with pytest.raises(Refused, match=says):
        what()


def test_one_word_attends_to_itself():
    np.testing.assert_array_equal(worked(Hand(("word",), mask="padding")).layer.weights, [[[1.0]]])


def test_words():
    assert words_of("The cat sat on the mat.") == ("The", "cat", "sat", "on", "the", "mat")
    assert words_of("猫が寝る") == ("猫", "が", "寝", "る")
    assert words_of("قطة على السجادة") == ("قطة", "على", "السجادة")


def test_an_edit_changes_what_follows_and_nothing_else():
    hand = Hand(words_of("The cat sat"))
    edits = with_edit(with_edit((), "X", 1, 2, 9.0), "X", 1, 2, 3.0)
    assert edits == (("X", 1, 2, 3.0),)
    before, after = worked(hand), worked(Hand(hand.words, edits=edits))
    assert after.x[1, 2] == 3
    one, two = before.layer.heads[0], after.layer.heads[0]
    np.testing.assert_array_equal(one.query[[0, 2]], two.query[[0, 2]])
    np.testing.assert_allclose(two.query[1] - one.query[1], (3 - before.x[1, 2]) * before.projections[0].weight[2])


def test_edits_that_cannot_be():
    words = words_of("The cat sat")
    assert np.array_equal(worked(Hand(words, edits=(("X", 7, 0, 1.0),))).x, worked(Hand(words)).x)
    for name, value in (("X", np.inf), ("X", np.nan), ("M", np.nan)):
        with pytest.raises(Refused, match="cannot hold"):
            worked(Hand(words, edits=((name, 0, 0, value),)))
    hidden = tuple(("M", 1, j, -np.inf) for j in range(3))
    with pytest.raises(Refused, match="Row 2"):
        worked(Hand(words, edits=hidden))
