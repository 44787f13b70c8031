"""Cheaper attention: closed forms, another implementation for each method, and a page that answers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays
from torch.nn.functional import scaled_dot_product_attention as reference

from core.analyses import scaling
from core.analyses.efficient import OfHand, OfNoise, head_from, head_of, sizes, tried
from core.engine import ask
from core.measures import costs, efficient, patterns
from core.measures.efficient import METHODS, MethodSettings
from core.requests import HeadRequest, QueriesRequest, TextRequest
from core.types import Refused

few = settings(max_examples=30, deadline=None)


TEXT = TextRequest("translator", "The cat sleeps on the old chair.", language="fr")


numbers = some.floats(-8, 8, width=32)


def drawn(n: int, d: int, seed: int = 0, causal: bool = False) -> efficient.HeadInputs:
    q, k, v = np.random.default_rng(seed).normal(size=(3, n, d)).astype(np.float32)
    return efficient.by_hand(tuple(map(str, range(n))), q, k, v, causal=causal)


def tensors(head: efficient.HeadInputs) -> list[torch.Tensor]:
    return [torch.from_numpy(one) for one in (head.query, head.key, head.value)]


def bisected(scores: np.ndarray) -> np.ndarray:
    """The projection onto the simplex by bisection of its threshold: no sorting."""
    low, high = scores.min() - 1.0, scores.max()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(scores - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(scores - high, 0)


@few
@given(arrays(np.float32, some.tuples(some.integers(1, 4), some.integers(1, 9)), elements=numbers))
def test_sparsemax_is_the_projection_onto_the_simplex(scores):
    found = efficient.sparsemax(scores, np.ones(scores.shape, bool))
    wanted = np.array([bisected(row.astype(np.float64)) for row in scores])
    assert np.allclose(found, wanted, atol=1e-5)
    assert np.allclose(found.sum(1), 1, atol=1e-5)


def test_sparsemax_by_pencil():
    # 1 + 2 * 0.5 > 1.5 but 1 + 3 * 0 < 1.5: two in the support, threshold (1.5 - 1) / 2.
    found = efficient.sparsemax(np.array([[1.0, 0.5, 0.0]]), np.ones((1, 3), bool))
    assert np.allclose(found, [[0.75, 0.25, 0.0]]) and found[0, 2] == 0
    hidden = efficient.sparsemax(np.array([[0.0, 9.0, 0.0]]), np.array([[True, False, True]]))
    assert hidden.tolist() == [[0.5, 0.0, 0.5]]


@few
@given(some.integers(1, 14), some.integers(0, 15), some.integers(1, 15), some.integers(0, 4))
def test_pairs_are_those_of_the_pattern(n, window, stride, count):
    setting = MethodSettings(window=window, stride=stride, globals=count)
    known = {
        "local": patterns.local(n, n, window),
        "strided": patterns.strided(n, n, stride),
        "local_global": patterns.local_and_global(n, n, window, count),
    }
    for method, pattern in known.items():
        assert costs.pairs(method, n, setting) == pattern.sum(), method


def test_a_window_of_ten_sees_21_keys_of_512():
    inside = patterns.local(512, 512, 10)[100]
    assert inside.sum() == 21 and abs(inside.mean() - 0.041) < 1e-4


@few
@given(some.integers(1, 13), some.integers(0, 6), some.booleans())
def test_outside_the_window_nothing_and_rows_sum_to_1(n, window, causal):
    head = drawn(n, 3, causal=causal)
    other = efficient.cheaper(head, "local", MethodSettings(window=window))
    assert np.all(other.map[~patterns.local(n, n, window)] == 0)
    assert np.allclose(other.map.sum(1), 1, atol=1e-6)
    if causal:
        assert np.all(np.triu(other.map, 1) == 0)


@few
@given(some.integers(2, 12), some.integers(1, 12))
def test_low_rank_loses_the_dropped_squares(n, rank):
    weights = efficient.full(drawn(n, 4)).map
    if rank > n:
        with pytest.raises(Refused, match=f"1 to {n}"):
            efficient.low_rank(weights, rank)
        return
    near, values = efficient.low_rank(weights, rank)
    assert np.isclose(((near - weights) ** 2).sum(), (values[rank:] ** 2).sum(), atol=1e-6)
    assert np.isclose(efficient.energy(values)[rank - 1], 1 - (values[rank:] ** 2).sum() / (values**2).sum())


def test_of_noise_a_hundred_values_keep_half():
    values = np.linalg.svd(np.random.default_rng(0).normal(size=(512, 512)), compute_uv=False)
    assert abs(efficient.energy(values)[99] - 0.527) < 0.01


def test_linear_by_pencil():
    # phi(0) = 1 and phi(1) = 2: a third and two thirds.
    head = efficient.by_hand(("a", "b"), [[0.0], [0.0]], [[0.0], [1.0]], [[3.0], [6.0]])
    other = efficient.cheaper(head, "linear", MethodSettings())
    assert np.allclose(other.map, [[1 / 3, 2 / 3]] * 2) and np.allclose(other.output, 5)


def test_linformer_with_a_summary_for_each_key_is_full_attention():
    head = drawn(7, 4)
    other = efficient.cheaper(head, "linformer", MethodSettings(rank=7, projection="mean"))
    assert np.allclose(other.map, efficient.full(head).map, atol=1e-6)


@pytest.mark.parametrize("method", ["local", "strided", "local_global", "sparsemax", "linear"])
def test_in_a_decoder_earlier_rows_do_not_hear_of_a_later_token(method):
    head = drawn(8, 4, causal=True)
    changed = [one.copy() for one in (head.query, head.key, head.value)]
    for one in changed:
        one[-1] += 3
    after = efficient.by_hand(head.rows, *changed, causal=True)
    first, second = (efficient.cheaper(one, method, MethodSettings(window=2, stride=3)) for one in (head, after))
    assert np.array_equal(first.map[:-1, :-1], second.map[:-1, :-1])
    assert np.array_equal(first.output[:-1], second.output[:-1])


def test_a_decoder_is_no_place_for_linformer():
    with pytest.raises(Refused, match="cannot keep its mask"):
        efficient.cheaper(drawn(5, 2, causal=True), "linformer", MethodSettings())


@few
@given(some.integers(1, 40), some.integers(0, 9), some.integers(1, 9), some.integers(0, 3))
def test_what_is_measured_is_what_is_shown(n, window, stride, count):
    """The implementations that skip pairs give what the dense ones with a mask give."""
    head = drawn(n, 5, seed=n)
    setting = MethodSettings(window=window, stride=stride, globals=count)
    for method in ("full", "local", "strided", "local_global", "sparsemax", "linear"):
        found = costs.WAYS[method](*tensors(head), setting).numpy()
        wanted = efficient.full(head) if method == "full" else efficient.cheaper(head, method, setting)
        assert np.allclose(found, wanted.output, atol=2e-5), method


def test_the_rest_of_what_is_measured_against_torch():
    q, k, v = tensors(drawn(33, 6))
    seen = torch.from_numpy(patterns.local(33, 33, 4))
    wanted = reference(q[None], k[None], v[None], attn_mask=seen[None])[0]
    assert torch.allclose(costs.local(q, k, v, MethodSettings(window=4)), wanted, atol=1e-5)
    summed = torch.randn(5, 33, generator=torch.Generator().manual_seed(0)) / 5**0.5
    wanted = reference(q[None], (summed @ k)[None], (summed @ v)[None])[0]
    assert torch.allclose(costs.linformer(q, k, v, MethodSettings(rank=5)), wanted, atol=1e-5)
    assert (
        costs.convolution(q, k, v, MethodSettings()).shape
        == costs.recurrent(q, k, v, MethodSettings()).shape
        == q.shape
    )


def test_costs_by_pencil():
    assert costs.counted("full", 10, 64, MethodSettings()).multiplications == 2 * 100 * 64
    assert costs.counted("linear", 100, 8, MethodSettings()).multiplications == 2 * 100 * 64 + 2 * 100 * 8
    assert costs.counted("convolution", 10, 4, MethodSettings()).multiplications == 5 * 10 * 16
    assert costs.counted("recurrent", 10, 4, MethodSettings()).steps == 10


def test_memory_of_full_attention_is_its_map_and_its_output():
    n, d = 200, 8
    found = scaling.measure("full", n, d, MethodSettings())
    assert 4 * (n * n + n * d) <= found.bytes <= 4 * (n * n + n * d) + 4096
    assert found.seconds > 0


def test_a_point_that_does_not_fit_is_counted():
    assert scaling.measure("full", 8192, 64, MethodSettings()) == scaling.Measured("full", 8192, None, None)
    slow = scaling.measure("full", 64, 8, MethodSettings(), before=scaling.MOST_SECONDS)
    assert slow.seconds is None


def test_a_sweep_tells_and_stops():
    heard = []
    points = scaling.sweep(MethodSettings(), lambda *news: heard.append(news), lambda: len(heard) >= 4, (16, 32), 4)
    assert len(points) == len(heard) == 4 and heard[-1][:2] == (4, 18)
    assert scaling.lines((), "multiplications", MethodSettings())["Full attention"][1][0] == 2 * 128 * 128 * 64
    assert scaling.lines((), "seconds", MethodSettings()) == {}
    one = (scaling.Measured("full", 256, 2.0, 7),)
    measured, counted = scaling.lines(one, "seconds", MethodSettings())["Full attention"]
    assert measured == [None, 2.0, *[None] * 5] and counted[:3] == [0.5, 2.0, 8.0]
    assert scaling.lines(one, "bytes", MethodSettings())["Full attention"][0][1] == 7


def test_counted_goes_on_from_the_last_measured_point():
    assert scaling.onwards([1.0, 3.0, None], [10.0, 20.0, 80.0]) == [1.5, 3.0, 12.0]
    assert scaling.onwards([None], [7.0]) == [7.0]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: efficient.by_hand(("a",), [[]], [[]], [[]]), "at least 1"),
        (lambda: efficient.noise(0, 4), "at least 1"),
        (lambda: efficient.by_hand(("a",), [["x"]], [[1]], [[1]]), "no number"),
        (lambda: efficient.by_hand(("a",), [[np.inf]], [[1]], [[1]]), "infinite"),
        (lambda: efficient.by_hand(("a",), [[1]], [[1]], [[np.nan]]), "finite"),
        (lambda: efficient.by_hand(("a",), [[1e30]], [[1e30]], [[1]]), "large"),
        (lambda: efficient.softmax(np.zeros((2, 2)), np.array([[True, True], [False, False]])), "Row 2"),
        (lambda: efficient.sparsemax(np.zeros((1, 2)), np.zeros((1, 2), bool)), "Row 1"),
        (lambda: patterns.strided(3, 3, 0), "1 or more"),
        (lambda: patterns.local(3, 3, -1), "0 or more"),
        (lambda: efficient.projection(4, 5, "mean"), "1 to 4"),
        (lambda: head_of(HeadRequest(TEXT, "vision", 0, 0)), "choose encoder, decoder, cross"),
        (lambda: head_of(HeadRequest(TEXT, "cross", 9, 0)), "layers 1 to"),
        (lambda: ask(QueriesRequest(TextRequest("translator", "cat " * 200, language="fr"))), "up to 160"),
    ],
)
def test_what_cannot_be_gets_a_sentence(make, says):
    with pytest.raises(Refused, match=says):
        make()


@pytest.mark.parametrize("method", METHODS)
def test_one_token_and_width_one_are_fine(method):
    head = drawn(1, 1)
    other = efficient.cheaper(head, method, MethodSettings(rank=1))
    assert np.allclose(other.map.sum(), 1, atol=1e-5) or method == "low_rank"
    assert efficient.lost(efficient.full(head), other).map < 1e-5


@pytest.mark.parametrize("kind", ["encoder", "decoder", "cross"])
def test_a_head_of_a_model_gives_the_maps_that_were_captured(kind):
    encoding, _ = ask(QueriesRequest(TEXT))
    captured = next(a for a in encoding.attentions if a.kind == kind).weights[2, 3]
    head = head_of(HeadRequest(TEXT, kind, 2, 3))
    assert np.abs(efficient.full(head).map - captured).max() < 1e-5
    wide = efficient.cheaper(head, "local", MethodSettings(window=99))
    assert np.allclose(wide.map, captured, atol=1e-5)
    assert np.allclose(head.query @ head.key.T * head.scaling, head.scores, atol=1e-4) or kind == "decoder"


def test_every_method_is_tried_over_its_range():
    found = tried(OfNoise(12, 4), MethodSettings())
    assert {one.method for one in found} == set(METHODS)
    whole = [one for one in found if one.method in ("local", "strided") and one.cost == 1]
    assert len(whole) == 2 and all(one.output < 1e-6 for one in whole)
    decoder = tried(HeadRequest(TEXT, "decoder", 0, 0), MethodSettings())
    assert "linformer" not in {one.method for one in decoder}
    assert sizes(TEXT)["cross"][1] == 6


def test_numbers_by_hand_make_a_head():
    head = head_from(OfHand(("a", "b"), ((1.0,), (0.0,)), ((1.0,), (0.0,)), ((1.0,), (2.0,))))
    assert np.allclose(efficient.full(head).map[0], [np.e / (np.e + 1), 1 / (np.e + 1)], atol=1e-6)
    causal = OfHand(("a", "b"), ((1.0,), (0.0,)), ((1.0,), (0.0,)), ((1.0,), (2.0,)), causal=True)
    assert efficient.full(head_from(causal)).map.tolist() == [[1, 0], [0.5, 0.5]]
