"""Words from pieces, special tokens, measures and rollout against pencil and independent products."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.measures.attention import measures, one_map, rollout, rollouts, shown_as
from core.types import Attention, Display, Token


def tokens(*texts: str, words: tuple[int, ...] | None = None) -> tuple[Token, ...]:
    words = words or tuple(range(len(texts)))
    return tuple(
        Token(t, i, -1 if t.startswith("[") else w, t.startswith("["))
        for i, (t, w) in enumerate(zip(texts, words, strict=True))
    )


def attention(weights: list, *texts: str, words: tuple[int, ...] | None = None, kind: str = "encoder") -> Attention:
    some = tokens(*texts, words=words)
    return Attention(kind, some, some, np.array(weights, dtype=np.float32))


def random_attention(layers: int, heads: int, size: int, seed: int = 0) -> Attention:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.ones(size), (layers, heads, size)).astype(np.float32)
    some = tuple(Token(f"t{i}", i, i // 2) for i in range(size))
    return Attention("encoder", some, some, weights)


HALF = attention([[[[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6]]]], "un", "kind", "cat", words=(0, 0, 1))


def test_words_sum_over_keys_and_average_over_queries():
    rows, columns, weights = shown_as(HALF, Display(units="words"))
    assert [t.text for t in rows] == ["unkind", "cat"] == [t.text for t in columns]
    # row 'unkind': mean of (.5+.3, .2) and (.1+.6, .3); row 'cat': (.2+.2, .6)
    assert weights[0, 0] == pytest.approx(np.array([[0.75, 0.25], [0.4, 0.6]]), abs=1e-6)


@given(st.integers(1, 9), st.integers(0, 10_000))
def test_rows_over_words_still_sum_to_one(size, seed):
    _, _, weights = shown_as(random_attention(2, 3, size, seed), Display(units="words"))
    assert weights[1].sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_hidden_special_tokens_leave_less_and_renormalised_all():
    some = attention([[[[0.5, 0.25, 0.25], [0.2, 0.2, 0.6], [1, 0, 0]]]], "[CLS]", "a", "b")
    rows, _, hidden = shown_as(some, Display(special="hide"))
    assert [t.text for t in rows] == ["a", "b"]
    assert hidden[0, 0] == pytest.approx(np.array([[0.2, 0.6], [0, 0]]), abs=1e-6)
    _, _, scaled = shown_as(some, Display(special="renormalise"))
    assert scaled[0, 0] == pytest.approx(np.array([[0.25, 0.75], [0, 0]]), abs=1e-6)


def test_bytes_of_one_letter_become_the_letter():
    some = attention([[[[0.5, 0.5], [0.5, 0.5]]]], "‹C3›", "‹A9›", words=(0, 0))
    assert shown_as(some, Display(units="words"))[0][0].text == "é"


def test_measures_by_pencil():
    previous = [[1, 0, 0], [1, 0, 0], [0, 1, 0]]
    spread = [[0.25, 0.5, 0.25]] * 3
    found = measures(attention([[previous, spread]], "[CLS]", "a", "[SEP]"))
    assert found["entropy"][0] == pytest.approx([0, 1.5], abs=1e-6)
    assert found["previous"][0] == pytest.approx([1, (0.25 + 0.5) / 2], abs=1e-6)
    assert found["next"][0] == pytest.approx([0, (0.5 + 0.25) / 2], abs=1e-6)
    assert found["diagonal"][0] == pytest.approx([1 / 3, 1 / 3], abs=1e-6)
    assert found["first"][0] == pytest.approx([2 / 3, 0.25], abs=1e-6)
    assert found["separator"][0] == pytest.approx([0, 0.25], abs=1e-6)
    assert found["peak"][0] == pytest.approx([1, 0.5], abs=1e-6)
    # distances of the spread head: (.5+.5), (.25+.25), (.5+.5)
    assert found["distance"][0] == pytest.approx([2 / 3, (1 + 0.5 + 1) / 3], abs=1e-6)


def test_cross_attention_has_no_measures_of_place():
    rows, columns = tokens("x", "y"), tokens("a", "b", "c")
    some = Attention("cross", rows, columns, np.full((1, 1, 2, 3), 1 / 3, dtype=np.float32))
    assert set(measures(some)) == {"entropy", "peak", "first", "separator"}


def independent_rollout(weights: np.ndarray, residual: float) -> np.ndarray:
    """Entry by entry in float64, another way round: from the last layer down."""
    layers, _, size, _ = weights.shape
    product = [[float(i == j) for j in range(size)] for i in range(size)]
    for layer in reversed(range(layers)):
        step = residual * np.eye(size) + (1 - residual) * weights[layer].astype(np.float64).sum(0) / weights.shape[1]
        step = step / step.sum(1)[:, None]
        product = [[sum(product[i][k] * step[k, j] for k in range(size)) for j in range(size)] for i in range(size)]
    return np.array(product)


@pytest.mark.parametrize("residual", [0.0, 0.5, 0.9])
def test_rollout_equals_an_independent_product(residual):
    some = random_attention(4, 3, 6)
    found = rollout(some, residual)
    assert found.values == pytest.approx(independent_rollout(some.weights, residual), abs=1e-6)
    assert found.values.sum(axis=1) == pytest.approx(1, abs=1e-9)


def test_rollout_up_to_each_layer():
    some = random_attention(3, 2, 4)
    each = list(rollouts(some))
    assert len(each) == 3
    assert each[-1] == pytest.approx(rollout(some).values)


def test_one_map_of_a_head_the_mean_and_rollout():
    some = random_attention(2, 2, 4)
    assert np.array_equal(one_map(some, Display(), 1, 0)[2], some.weights[1, 0])
    assert one_map(some, Display(), 1, "mean")[2] == pytest.approx(some.weights[1].sum(0) / 2)
    assert one_map(some, Display(), 1, "rollout")[2] == pytest.approx(rollout(some).values, abs=1e-6)


def test_a_sink_keeps_what_it_is_given():
    """Two layers alike: the token gives the sink half of half each time, and keeps the rest."""
    (row,) = tokens("x")
    some = Attention(
        "decoder", (row,), (Token("sink", -1, -1, special=True), row), np.full((2, 1, 1, 2), 0.5, np.float32)
    )
    found = rollout(some)
    assert found.columns == ("sink", "x") and found.rows == ("x",)
    assert np.allclose(found.values, [[1 - 0.75**2, 0.75**2]])


def test_rollout_needs_self_attention():
    rows, columns = tokens("x", "y"), tokens("a", "b", "c")
    some = Attention("cross", rows, columns, np.full((1, 1, 2, 3), 1 / 3, dtype=np.float32))
    with pytest.raises(ValueError, match="self-attention"):
        rollout(some)
