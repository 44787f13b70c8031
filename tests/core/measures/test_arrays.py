"""Arrays of both libraries, the same numbers from one code: against loops, and against numpy in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.capture.on_demand import ScoreInputs, scores, softmax, with_sink
from core.measures.arrays import double, host, library, pool, quantised, segment_sums
from core.measures.attention import (
    _Units,
    added,
    layer_measures,
    over_units,
    rolled,
    shown_as,
    summed,
    together,
    total_of_heads,
)
from core.measures.patches import far, lowest
from core.models.hidden import _means
from core.types import Attention, Display, Token

BOTH = pytest.mark.parametrize("given", [np.asarray, torch.from_numpy], ids=["numpy", "torch"])


def weights(heads: int, rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(columns), (heads, rows)).astype(np.float32)


@BOTH
def test_a_library_is_told_by_its_arrays_and_values_come_back(given):
    some = weights(1, 2, 3)
    assert library(given(some)) is (np if given is np.asarray else torch)
    assert host(given(some)).tolist() == some.tolist() and host(double(given(some))).dtype == np.float64


@BOTH
@pytest.mark.parametrize("block", [1, 2, 5, 9])
def test_pool_takes_the_greatest_of_each_block(given, block):
    maps = weights(2, 11, 7)
    found = host(pool(given(maps), block))
    for i in range(found.shape[1]):
        for j in range(found.shape[2]):
            cell = maps[1, i * block : (i + 1) * block, j * block : (j + 1) * block]
            assert found[1, i, j] == cell.max()


@BOTH
@pytest.mark.parametrize(("bits", "kind"), [(8, np.uint8), (16, np.uint16)])
@pytest.mark.parametrize("root", [True, False])
def test_codes_are_the_nearest(given, bits, kind, root):
    most, values = (1 << bits) - 1, np.linspace(0, 1, 999, dtype=np.float32)
    found = quantised(given(values), bits, root=root)
    back = found / most
    wanted = np.sqrt(values) if root else values
    assert found.dtype == kind and np.abs(back - wanted).max() <= 0.5 / most + 1e-6
    assert quantised(given(np.float32([-0.1, 1.1])), bits, root=root).tolist() == [0, most]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6), st.sampled_from([-1, -2]))
def test_segments_are_summed_as_a_loop_does(sizes, axis):
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    maps = np.random.default_rng(0).random((2, sum(sizes), sum(sizes)))
    parts = [maps.take(range(a, a + n), axis).sum(axis) for a, n in zip(starts, sizes, strict=True)]
    for kind in (np.asarray, torch.from_numpy):
        found = host(segment_sums(kind(maps), starts, np.array(sizes), axis))
        assert found == pytest.approx(np.stack(parts, axis))


def tokens(count: int) -> tuple[Token, ...]:
    special = (0, count - 1)
    return tuple(Token(str(i), i, -1 if i in special else i // 3, i in special) for i in range(count))


def in_float64(maps: np.ndarray) -> dict[str, np.ndarray]:
    """The measures of heads [head, row, column] by their definitions."""
    maps, size = maps.astype(np.float64), maps.shape[1]
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    logs = np.log2(maps, out=np.zeros_like(maps), where=maps > 0)
    return {
        "entropy": -(maps * logs).sum(-1).mean(-1),
        "peak": maps.max(-1).mean(-1),
        "first": maps[:, :, 0].mean(-1),
        "separator": maps[:, :, -1].mean(-1),
        "distance": (maps * apart).sum(-1).mean(-1),
        "diagonal": np.array([np.trace(one) / size for one in maps]),
        "previous": np.array([np.trace(one, -1) / (size - 1) for one in maps]),
        "next": np.array([np.trace(one, 1) / (size - 1) for one in maps]),
    }


@BOTH
@pytest.mark.parametrize("size", [5, 300])
def test_measures_equal_their_definitions(given, size):
    maps, some = weights(3, size, size), tokens(size)
    maps[0, 1] = np.eye(size)[2]  # a logarithm of nothing
    found = layer_measures(given(maps), some, some, self_attention=True)
    wanted = in_float64(maps)
    assert found.keys() == wanted.keys()
    for name, values in found.items():
        assert host(values) == pytest.approx(wanted[name], rel=2e-6), name


@BOTH
def test_a_mean_distance_over_two_thousand_tokens_is_right_to_six_digits(given):
    """Added up one after the other in float32 it was off by 0.07 of 683."""
    maps = np.full((1, 2048, 2048), 1 / 2048, np.float32)
    found = layer_measures(given(maps), tokens(2048), tokens(2048), self_attention=True)
    assert float(found["distance"][0]) == pytest.approx((2048**2 - 1) / (3 * 2048), rel=1e-6)
    assert float(found["entropy"][0]) == pytest.approx(11, rel=1e-6)


@BOTH
def test_rollout_with_and_without_a_sink(given):
    mean = weights(2, 4, 4)
    first = rolled(None, given(mean[0]))
    steps = [0.5 * np.eye(4) + 0.5 * one.astype(np.float64) for one in mean]
    steps = [one / one.sum(-1, keepdims=True) for one in steps]
    assert host(rolled(first, given(mean[1]))) == pytest.approx(steps[1] @ steps[0], abs=1e-12)
    sink = host(rolled(None, given(weights(1, 3, 4)[0]), 0.3))
    assert sink[0].tolist() == [1, 0, 0, 0] and sink.sum(-1) == pytest.approx(1) and len(sink) == 4


class Elsewhere:
    """Weights that are handed out as tensors, as a model's are."""

    def __init__(self, maps: np.ndarray) -> None:
        self._maps, self.shape, self.place = torch.from_numpy(maps), maps.shape, "cpu"

    def __getitem__(self, index):
        return self._maps[index].numpy()

    def heads(self, layer: int, some: slice) -> torch.Tensor:
        return self._maps[layer, some]


@pytest.mark.parametrize("units", ["pieces", "words"])
@pytest.mark.parametrize("special", ["show", "hide", "renormalise"])
def test_units_are_joined_alike_in_both_libraries(units, special):
    maps, some, shown = weights(4, 9, 9).reshape(2, 2, 9, 9), tokens(9), Display(units, special)
    _, _, here = shown_as(Attention("encoder", some, some, maps.copy()), shown)
    _, _, there = shown_as(Attention("encoder", some, some, Elsewhere(maps)), shown)
    totals = [total_of_heads(one, 1) for one in (here, there)]
    assert isinstance(totals[1], torch.Tensor) and totals[1].dtype == torch.float64
    assert host(totals[1]) == pytest.approx(host(totals[0]), abs=1e-6)
    assert totals[0] == pytest.approx(here[1, 0] + here[1, 1], abs=1e-6)
    whole = Attention("encoder", some, some, maps.copy())
    assert over_units(whole, shown, maps[1, 0]) == pytest.approx(here[1, 0], abs=1e-6)


def elsewhere(*shape: int) -> torch.Tensor:
    """A tensor on a device that is not the CPU, and on which nothing of the CPU's can be added: torch's own dummy."""
    return torch.rand(*shape, device="meta")


UNITS = _Units(tokens(9), Display("words", "renormalise"))
ON_A_DEVICE = {
    "pooled": lambda: pool(elsewhere(3, 9, 9), 2),
    "summed over rows": lambda: segment_sums(elsewhere(3, 9, 9), np.array([0, 2, 5]), np.array([2, 3, 4]), -2),
    "summed over columns": lambda: segment_sums(elsewhere(3, 9, 9), np.array([0, 2, 5]), np.array([2, 3, 4]), -1),
    "over words": lambda: summed(elsewhere(3, 9, 9), UNITS, UNITS, renormalise=True),
    "measured": lambda: layer_measures(elsewhere(3, 9, 9), tokens(9), tokens(9), self_attention=True)["distance"],
    "added": lambda: added(added(None, elsewhere(9, 9)), elsewhere(9, 9)),
    "rolled": lambda: rolled(rolled(None, elsewhere(9, 9)), elsewhere(9, 9)),
    "rolled with a sink": lambda: rolled(None, elsewhere(8, 9)),
    "the lowest": lambda: lowest(elsewhere(9, 9), 3),
    "scores of a recipe on the host": lambda: softmax(scores(RECIPE, slice(0, 2), place="meta")),
    "some rows": lambda: softmax(scores(RECIPE, slice(0, 2), rows=torch.tensor([0, 3]), place="meta")),
    "a sink": lambda: with_sink(elsewhere(2, 5, 0), elsewhere(2, 5, 5), 1),
}
RECIPE = ScoreInputs(torch.rand(1, 2, 5, 4), torch.rand(1, 2, 5, 4), 0.5, added=(torch.rand(1, 1, 5, 5),))


@pytest.mark.parametrize("what", ON_A_DEVICE)
def test_what_is_made_on_a_device_stays_there_and_mixes_with_nothing_of_the_host(what):
    assert ON_A_DEVICE[what]().device.type == "meta"


@pytest.mark.parametrize(
    "make",
    [
        lambda: quantised(elsewhere(9, 9), 8, root=True),
        lambda: far(elsewhere(3, 9, 9), np.ones((8, 8)), 1),
        lambda: together([layer_measures(elsewhere(3, 9, 9), tokens(9), tokens(9), self_attention=True)]),
        lambda: _means([elsewhere(2, 6, 4)], [[[1, 2], [3]], [[1]]]),
    ],
)
def test_what_comes_to_the_host_is_made_on_the_device_before(make):
    """All is done there but the way to the host, which the dummy does not go."""
    with pytest.raises(NotImplementedError, match="meta"):
        make()
