"""From logits to the next token: cuts against transformers' own processors, the draw against its shares."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from transformers.generation.logits_process import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from core.measures.contrastive import softmax
from core.measures.inside import entropy
from core.measures.sampling import cut, drawn, penalised
from core.requests import Sampling
from core.types import Refused


def theirs(logits: np.ndarray, how: Sampling, before: list[int]) -> np.ndarray:
    """The same through transformers' processors, in the order in which generate() calls them."""
    scores, ids = torch.tensor(logits)[None], torch.tensor([before])
    chain = [RepetitionPenaltyLogitsProcessor(how.penalty), TemperatureLogitsWarper(how.temperature)]
    chain += [TopKLogitsWarper(how.top_k)] if how.top_k else []
    chain += [TopPLogitsWarper(how.top_p)] if how.top_p < 1 else []
    chain += [MinPLogitsWarper(how.min_p)] if how.min_p else []
    for one in chain:
        scores = one(ids, scores)
    return torch.softmax(scores, dim=-1)[0].numpy()


@pytest.mark.parametrize(
    "how",
    [
        Sampling("sample"),
        Sampling("sample", temperature=0.3),
        Sampling("sample", penalty=1.7),
        Sampling("sample", top_k=3),
        Sampling("sample", top_k=1),
        Sampling("sample", top_p=0.6),
        Sampling("sample", top_p=0.05),
        Sampling("sample", min_p=0.2),
        Sampling("sample", penalty=1.3, temperature=1.8, top_k=9, top_p=0.9, min_p=0.1),
    ],
)
@given(seed=some.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_cuts_are_those_of_transformers(how, seed):
    generator = np.random.default_rng(seed)
    logits, before = generator.normal(0, 2, 40), generator.integers(0, 40, 5).tolist()
    assert np.allclose(cut(logits, how, before), theirs(logits, how, before), atol=1e-9)


def test_cuts_by_pencil():
    logits = np.log([0.5, 0.25, 0.15, 0.1])
    assert np.allclose(cut(logits, Sampling("sample", top_k=2)), [2 / 3, 1 / 3, 0, 0])
    assert np.allclose(cut(logits, Sampling("sample", top_p=0.7)), [2 / 3, 1 / 3, 0, 0])
    assert np.allclose(cut(logits, Sampling("sample", min_p=0.25)), [5 / 9, 2.5 / 9, 1.5 / 9, 0])
    assert np.allclose(cut(logits, Sampling("sample", temperature=0.5)), np.array([25, 6.25, 2.25, 1]) / 34.5)


def test_greedy_and_a_temperature_of_zero_leave_the_likeliest_alone():
    logits = np.array([0.1, 2.0, 1.9])
    for how in (Sampling(), Sampling("sample", temperature=0.0)):
        assert cut(logits, how).tolist() == [0, 1, 0]
    assert cut(logits, Sampling(penalty=2.0), [1]).tolist() == [0, 0, 1]  # the penalty comes first


def test_a_penalty_lowers_what_stood_before_whatever_its_sign():
    assert penalised(np.array([2.0, -2.0, 1.0]), [0, 1, 1], 2.0).tolist() == [1.0, -4.0, 1.0]
    assert penalised(np.array([2.0]), [5], 2.0).tolist() == [2.0]  # a piece that the model has no logit for


def test_a_draw_is_the_same_again_and_follows_its_shares():
    shares = np.array([0.0, 0.7, 0.0, 0.3])
    found = [drawn(shares, 7, place) for place in range(4_000)]
    assert found == [drawn(shares, 7, place) for place in range(4_000)]
    assert set(found) == {1, 3} and abs(found.count(1) / 4_000 - 0.7) < 4 * np.sqrt(0.21 / 4_000)
    assert found != [drawn(shares, 8, place) for place in range(4_000)]


def test_entropy_is_in_bits():
    assert entropy(softmax(np.zeros(8), -1)) == pytest.approx(3) and entropy(np.array([1.0, 0.0])) == 0


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"temperature": -1.0}, "temperature"),
        ({"top_p": 0.0}, "top-p"),
        ({"min_p": 2.0}, "min-p"),
        ({"seed": -1}, "seed"),
    ],
)
def test_settings_that_mean_nothing_are_refused(given_, says):
    with pytest.raises(Refused, match=says):
        Sampling("sample", **given_)
