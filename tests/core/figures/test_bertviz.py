"""BertViz's pages: whole without a network, bounded, and safe with any token."""

import numpy as np
import pytest

from core.errors import Refused
from core.figures.bertviz import VIEWS, fitting_layers, page
from core.requests import TextRequest
from core.types import Attention, Encoding, Token


def encoding(texts: list[str], layers: int = 2, heads: int = 2, kind: str = "encoder") -> Encoding:
    tokens = tuple(Token(t, i, i) for i, t in enumerate(texts))
    size = len(tokens)
    weights = np.random.default_rng(0).dirichlet(np.ones(size), (layers, heads, size)).astype("f4")
    return Encoding(TextRequest("m", "x"), "m", tokens, (Attention(kind, tokens, tokens, weights),))


def inner(some: Encoding, layers: int) -> dict:
    heads, size = some.attentions[0].weights.shape[1:3]
    states = np.random.default_rng(1).normal(size=(layers, heads, size, 4))
    return {"queries": list(states), "keys": list(states)}


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
