"""Contrastive losses against closed forms, torch, and the numbers that the syllabus gives."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measures.contrastive import clip_loss, clip_losses, cosines, nt_xent, siglip_loss, softmax
from core.types import Refused


@given(st.integers(1, 40), st.floats(0.1, 100))
def test_identical_embeddings_cost_ln_n(n, scale):
    assert clip_loss(np.ones((n, n)), scale) == pytest.approx(math.log(n), abs=1e-9)


def test_two_by_two_in_closed_form():
    # Rows: ln(1 + e^(b - a)) and ln(1 + e^(c - d)); columns likewise with c and b.
    a, b, c, d, scale = 0.9, 0.2, 0.1, 0.7, 5.0
    rows, columns = clip_losses(np.array([[a, b], [c, d]]), scale)
    assert rows == pytest.approx((math.log1p(math.exp(scale * (b - a))) + math.log1p(math.exp(scale * (c - d)))) / 2)
    assert columns == pytest.approx((math.log1p(math.exp(scale * (c - a))) + math.log1p(math.exp(scale * (b - d)))) / 2)


@pytest.mark.parametrize(("scale", "wanted"), [(math.exp(0.07), 0.315), (1 / 0.07, 0.960)])
def test_the_scale_that_is_stored_wrong(scale, wanted):
    four = np.zeros((4, 4))
    np.fill_diagonal(four, 0.3)
    assert softmax(scale * four, 1)[0, 0] == pytest.approx(wanted, abs=5e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 12), st.floats(0.5, 60), st.integers(0, 1000))
def test_clips_loss_equals_torchs_cross_entropy(n, scale, seed):
    draw = np.random.default_rng(seed)
    found = cosines(draw.normal(size=(n, 6)), draw.normal(size=(n, 6)))
    scores, right = torch.from_numpy(scale * found), torch.arange(n)
    wanted = [torch.nn.functional.cross_entropy(side, right).item() for side in (scores, scores.T)]
    assert clip_losses(found, scale) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_siglips_loss_in_closed_form():
    """Two pairs of cosines 1 and 0: each row pays ln(1 + e^-(s + b)) for its own and ln(1 + e^b) for the stranger."""
    found = siglip_loss(np.eye(2), 3.0, -1.0)
    assert found == pytest.approx(math.log1p(math.exp(-2)) + math.log1p(math.exp(-1)), rel=1e-12)
    assert siglip_loss(np.eye(2), 1e6, -5e5) == 0  # no overflow where all is told apart
    # Nothing told apart and every pair given 1/n: ln n of its own, ln(n/(n-1)) of each stranger.
    flat = siglip_loss(np.zeros((4, 4)), 10.0, -math.log(3))
    assert flat == pytest.approx(math.log(4) + 3 * math.log(4 / 3), rel=1e-12)


def test_simclr_by_two_loops():
    draw = np.random.default_rng(3)
    first, second = draw.normal(size=(2, 4, 5))
    every = [v / np.linalg.norm(v) for v in (*first, *second)]
    total = 0.0
    for i, one in enumerate(every):
        powers = [math.exp(one @ other / 0.3) for j, other in enumerate(every) if j != i]
        total -= math.log(math.exp(one @ every[(i + 4) % 8] / 0.3) / sum(powers))
    loss, probabilities = nt_xent(first, second, 0.3)
    assert loss == pytest.approx(total / 8)
    assert np.allclose(probabilities.sum(1), 1)
    assert np.array_equal(np.diagonal(probabilities), np.zeros(8))


def test_views_that_all_agree_cost_ln_of_the_others():
    same = np.ones((5, 3))
    assert nt_xent(same, same)[0] == pytest.approx(math.log(9))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: clip_loss(np.ones((2, 3)), 1), "as many texts as pictures"),
        (lambda: clip_loss(np.ones((2, 2)), 0), "above 0"),
        (lambda: clip_loss(np.ones((0, 0)), 1), "as many"),
        (lambda: nt_xent(np.ones((2, 3)), np.ones((3, 3))), "two of every"),
        (lambda: nt_xent(np.ones((2, 3)), np.ones((2, 3)), float("nan")), "above 0"),
        (lambda: cosines(np.zeros((1, 3)), np.ones((1, 3))), "no direction"),
    ],
)
def test_bad_input_is_refused_with_advice(make, says):
    with pytest.raises(Refused, match=says):
        make()
