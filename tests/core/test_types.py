"""The values check themselves when built, and a request survives the way to the browser and back."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.requests import (
    MOST_CHARACTERS,
    Edit,
    EmbeddingRequest,
    OwnVectorsRequest,
    PlacesRequest,
    ProjectionRequest,
    TextRequest,
    from_json,
    from_mapping,
    to_json,
)
from core.types import Attention, Matrix, Refused, Token

TWO = (Token("a", 0, 0), Token("b", 1, 1))


def test_attention_refuses_rows_that_do_not_sum_to_one():
    with pytest.raises(ValueError, match="rows sum to"):
        Attention("encoder", TWO, TWO, np.full((1, 1, 2, 2), 0.6, dtype=np.float32))


def test_attention_refuses_numbers_that_are_none():
    with pytest.raises(ValueError, match="rows sum to"):
        Attention("encoder", TWO, TWO, np.full((1, 1, 2, 2), np.nan, dtype=np.float32))


def test_attention_refuses_shapes_that_do_not_meet_the_tokens():
    with pytest.raises(ValueError, match="2 queries and 1 keys"):
        Attention("encoder", TWO, TWO[:1], np.full((1, 1, 2, 2), 0.5, dtype=np.float32))


def test_values_are_read_only():
    some = Attention("encoder", TWO, TWO, np.full((1, 1, 2, 2), 0.5, dtype=np.float32))
    with pytest.raises(ValueError, match="read-only"):
        some.weights[0, 0, 0, 0] = 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        some.kind = "cross"


edits = st.builds(
    Edit,
    heads_off=st.lists(st.tuples(st.sampled_from(["encoder", "cross"]), st.integers(0, 99), st.integers(0, 99))).map(
        tuple
    ),
    scaled=st.booleans(),
    temperature=st.floats(0.1, 10),
    mask=st.sampled_from(["model", "none", "causal", "local"]),
    window=st.integers(0, 20),
)


@given(
    st.builds(
        TextRequest,
        model=st.text(max_size=9),
        text=st.text(max_size=30),
        pair=st.text(max_size=9),
        edit=st.none() | edits,
    )
)
def test_a_request_comes_back_equal_from_json(request):
    assert from_mapping(json.loads(to_json(request))) == request


@pytest.mark.parametrize(
    "source", [EmbeddingRequest("m", ("a", "b"), layer=2), OwnVectorsRequest("own-1", ("embedding", "more"))]
)
def test_a_map_comes_back_equal_whatever_its_vectors_come_from(source):
    request = PlacesRequest(ProjectionRequest(source, "UMAP", ("x", "y"), 3), 0)
    assert from_json("PlacesRequest", to_json(request)) == request


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": "x"}, "model and a text"),
        ({"model": "m", "text": 3}, "text must be text"),
        ({"model": "m", "text": "x", "evil": "y"}, "no part of a request"),
        ({"model": "m", "text": "x", "edit": 7}, "edit cannot be read"),
        ({"model": "m", "text": "x", "edit": {"heads_off": [["encoder", "x", 0]]}}, "edit cannot be read"),
        ({"model": "m", "text": "x", "edit": {"temperature": 0}}, "Temperature"),
        ({"model": "m", "text": "x", "edit": {"mask": "sideways"}}, "Mask"),
    ],
)
def test_what_a_browser_may_not_send_is_refused(given, says):
    with pytest.raises(Refused, match=says):
        from_mapping(given)


def test_a_hundred_thousand_characters_are_refused_with_the_limit():
    with pytest.raises(Refused, match=f"{MOST_CHARACTERS:,}"):
        TextRequest("m", "x" * 100_000)


def test_other_values_check_their_shapes():
    with pytest.raises(ValueError, match="rows"):
        Matrix("m", ("a",), ("b",), np.zeros((2, 1)))
