"""BertViz's pages: whole without a network, bounded, and safe with any token."""

import hashlib
import json
import re

import numpy as np
import pytest

from core.figures.bertviz import VENDOR, VIEWS, fitting_layers, page, rounded
from core.requests import TextRequest
from core.types import Attention, Refused, TextEncoding, Token


def encoding(texts: list[str], layers: int = 2, heads: int = 2, kind: str = "encoder") -> TextEncoding:
    tokens = tuple(Token(t, i, i) for i, t in enumerate(texts))
    size = len(tokens)
    weights = np.random.default_rng(0).dirichlet(np.ones(size), (layers, heads, size)).astype("f4")
    return TextEncoding(TextRequest("m", "x"), "m", tokens, (Attention(kind, tokens, tokens, weights),))


def inner(some: TextEncoding, layers: int) -> dict:
    heads, size = some.attentions[0].weights.shape[1:3]
    states = np.random.default_rng(1).normal(size=(layers, heads, size, 4))
    return {"queries": list(states), "keys": list(states)}


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("d3-5.7.0.min.js", "bdad5585ef9a965ff25458738309b006058c55f2c78d794d25fbecae35014609"),
        ("jquery-3.6.0.min.js", "ff1523fb7389539c84c65aba19260648793bb4f5e29329d2ee8804bc37a3fe6e"),
    ],
)
def test_the_libraries_are_byte_for_byte_those_that_were_published(name, published):
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == published


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_asked_of_another_machine(view):
    some = encoding(["the", "cat"])
    html = page(some, view, [0, 1], inner=inner(some, 2))
    assert '<script src="' not in html
    assert "window.requirejs=" in html


@pytest.mark.parametrize("view", VIEWS)
def test_a_token_cannot_end_the_script(view):
    some = encoding(["</script><img onerror=alert(1)>", "cat"])
    html = page(some, view, [0], inner=inner(some, 1))
    assert "<img" not in html
    assert "\\u003c/script>\\u003cimg onerror=alert(1)>" in html


def test_above_its_limit_fewer_layers_are_offered_and_more_are_refused():
    some = encoding(["x"] * 128, layers=12, heads=12)
    assert fitting_layers(some) == 1_200_000 // (12 * 128 * 128)
    with pytest.raises(Refused, match="fewer layers"):
        page(some, "head view", list(range(12)))
    with pytest.raises(Refused, match="Shorten"):
        page(encoding(["x"] * 400, layers=1, heads=12), "head view", [0])


def params(html: str) -> dict:
    found = re.search(r"window\.bertviz_params=(.*?);</script>|window\.bertviz_params=(\{.*?\})</script>", html)
    return json.loads(found.group(1) or found.group(2))


@pytest.mark.parametrize("layers", [[0], [1], [2, 0]])
def test_the_neuron_view_holds_the_weights_of_the_chosen_layers_in_their_order(layers):
    some = encoding(["the", "cat", "sat"], layers=3)
    whole = inner(some, 3)
    given = params(page(some, "neuron view", layers, inner={name: [v[i] for i in layers] for name, v in whole.items()}))
    held = given["attention"]["all"]
    assert np.array(held["attn"]) == pytest.approx(some.attentions[0].weights[layers], abs=6e-5)
    assert np.array(held["queries"]) == pytest.approx(np.array(whole["queries"])[layers], abs=6e-4)
    assert held["left_text"] == held["right_text"] == ["the", "cat", "sat"] and given["bidirectional"]


def test_a_decoder_looks_one_way_and_a_dark_page_is_dark():
    some = encoding(["a", "b"], layers=1, kind="decoder")
    for dark, mode, paper in ((True, "dark", "#14181d"), (False, "light", "#ffffff")):
        html = page(some, "neuron view", [0], dark=dark, inner=inner(some, 1))
        given = params(html)
        assert (given["display_mode"], given["bidirectional"]) == (mode, False) and f"background:{paper}" in html


def test_the_head_view_is_read_in_the_dark():
    some = encoding(["a", "b"], layers=1)
    dark, light = (page(some, "head view", [0], dark=dark) for dark in (True, False))
    assert "background:#14181d" in dark and "svg text{fill:#e8e8e8}" in dark
    assert "background:#ffffff" in light and "svg text{fill" not in light


@pytest.mark.parametrize("layers", [[0], [1, 0]])
def test_weights_given_to_bertviz_are_those_of_the_layers(layers):
    some = encoding(["the", "cat"], layers=2, heads=3)
    given = rounded(some.attentions[0], layers)
    assert [tuple(one.shape) for one in given] == [(1, 3, 2, 2)] * len(layers)
    for one, layer in zip(given, layers, strict=True):
        assert one[0].numpy() == pytest.approx(some.attentions[0].weights[layer], abs=5.1e-4)
