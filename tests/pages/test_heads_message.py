"""The browser's message, read back by an independent decoder: every value is where the header says, within its bits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.measures.arrays import pool
from core.measures.attention import cells, measures, rollout
from core.requests import TextRequest
from core.types import Attention, Display, TextEncoding, Token
from tests.drawn import unpacked
from ui.components.heads.message import MOST_BYTES, code, pack, plan


def encoding(layers: int, heads: int, size: int, keys: int | None = None, seed: int = 0) -> TextEncoding:
    rng = np.random.default_rng(seed)
    rows = tuple(Token(f"q{i}", i, i) for i in range(size))
    self_attention = Attention("encoder", rows, rows, rng.dirichlet(np.ones(size), (layers, heads, size)).astype("f4"))
    attentions = [self_attention]
    if keys:
        columns = tuple(Token(f"k{i}", i, i) for i in range(keys))
        weights = rng.dirichlet(np.ones(keys), (layers, heads, size)).astype("f4")
        attentions.append(Attention("cross", rows, columns, weights))
    return TextEncoding(TextRequest("m", "x"), "m", rows, tuple(attentions))


def decoded(message: bytes) -> tuple[dict, list[np.ndarray]]:
    """Header and, a kind, decoded maps [layer, map, row, column]."""
    header, arrays = unpacked(message)
    codes = [arrays[kind["kind"]] for kind in header["kinds"]]
    return header, [c / 65535 if c.dtype == np.uint16 else (c / 255) ** 2 for c in codes]


def test_small_maps_are_exact_to_sixteen_bits():
    some = encoding(2, 3, 5, keys=4)
    header, maps = decoded(pack(some))
    for attention, found in zip(some.attentions, maps, strict=True):
        assert np.abs(found[:, :3] - attention.weights).max() <= 0.5 / 65535 + 1e-7
        assert np.abs(found[:, 3] - attention.weights.mean(axis=1)).max() <= 0.5 / 65535 + 1e-7
    assert np.abs(maps[0][-1, 4] - rollout(some.attentions[0]).values).max() <= 0.5 / 65535 + 1e-7
    assert [k["extra"] for k in header["kinds"]] == [["mean", "rollout"], ["mean"]]
    assert header["kinds"][1]["rows"][4] == {"text": "q4", "index": 4, "special": False, "word": 4, "segment": 0}


def test_measures_travel_with_the_maps():
    some = encoding(2, 3, 5)
    header, _ = decoded(pack(some))
    for name, values in measures(some.attentions[0]).items():
        assert np.array(header["kinds"][0]["measures"][name]) == pytest.approx(values, abs=1e-5)


def test_a_hundred_and_twenty_eight_tokens_of_144_heads_are_all_there_in_one_small_message():
    message = pack(encoding(12, 12, 128))
    assert len(message) <= 2_500_000
    _, arrays = unpacked(message)
    assert arrays["encoder"].shape[2:] == (128, 128) and arrays["encoder"].dtype == np.uint8


@pytest.mark.parametrize(("size", "keys"), [(200, None), (90, 150), (517, 300)])
def test_long_texts_are_pooled_by_their_greatest_weight(size, keys):
    some = encoding(6, 12, size, keys)
    message = pack(some)
    assert len(message) <= 2_500_000
    header, maps = decoded(message)
    block = header["kinds"][0]["block"][0]
    weights = some.attentions[0].weights
    wanted = max(weights[3, 5, r, c] for r in range(block, 2 * block) for c in range(3 * block, 4 * block))
    found = maps[0][3, 5, 1, 3]
    assert abs(np.sqrt(found) - np.sqrt(wanted)) <= 0.5 / 255 + 1e-6


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9), st.integers(0, 99))
@settings(max_examples=40)
def test_pool_against_a_loop(rows, columns, block, seed):
    maps = np.random.default_rng(seed).random((2, rows, columns)).astype("f4")
    found = pool(maps, block)
    assert found.shape == (2, cells(rows, block), cells(columns, block))
    for i in range(found.shape[1]):
        for j in range(found.shape[2]):
            piece = maps[1, i * block : (i + 1) * block, j * block : (j + 1) * block]
            assert found[1, i, j] == piece.max()


@given(st.integers(1, 24), st.integers(1, 16), st.integers(1, 2048), st.integers(1, 2048))
def test_no_plan_is_larger_than_one_canvas(layers, heads, rows, columns):
    (how,) = plan([((layers, heads, rows, columns), ("mean",))])
    maps = heads + len(how.extra)
    size = layers * maps * cells(rows, how.block) * cells(columns, how.block) * (2 if how.fine else 1)
    assert size <= MOST_BYTES


def test_codes_keep_zero_and_one():
    ends = [np.array([[[0.0, 1.0]]], dtype="f4")]
    assert code(ends, fine=True).tolist() == [[[0, 65535]]] and code(ends, fine=True).dtype == np.uint16
    assert code(ends, fine=False).tolist() == [[[0, 255]]] and code(ends, fine=False).dtype == np.uint8


def test_text_that_looks_like_html_stays_text():
    token = (Token("</script><img onerror=alert(1)>", 0, 0),)
    some = TextEncoding(
        TextRequest("m", "x"), "m", token, (Attention("encoder", token, token, np.ones((1, 1, 1, 1), dtype="f4")),)
    )
    header, _ = decoded(pack(some, Display()))
    assert header["kinds"][0]["rows"][0]["text"] == "</script><img onerror=alert(1)>"
