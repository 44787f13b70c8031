"""The frame of all messages: what is sent arrives, what cannot be sent is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.drawn import unpacked
from ui.components.message import TYPES, pack, with_height


@given(st.text(max_size=9), st.sampled_from(TYPES), st.lists(st.integers(0, 5), max_size=3), st.booleans())
def test_every_type_and_shape_arrives(text, kind, shape, turned):
    first = np.arange(int(np.prod(shape, dtype=int)), dtype=kind).reshape(shape)
    first = first.T if turned else first
    header, arrays = unpacked(pack({"text": text}, {"first": first, "second": np.array([1, 255], np.uint8)}))
    assert header == {"text": text}
    assert arrays["first"].dtype == kind and np.array_equal(arrays["first"], first)
    assert arrays["second"].tolist() == [1, 255]


def test_the_bytes_by_hand():
    message = pack({}, {"x": np.array([258], ">u2")})
    text = b'{"header":{},"arrays":[{"name":"x","type":"uint16","shape":[1]}]}'
    assert message == bytes([68, 0, 0, 0]) + text + b" " * 3 + bytes([2, 1, 0, 0])


@pytest.mark.parametrize("values", [np.zeros(2), np.zeros(2, np.int64), np.array(["a"]), np.zeros(1, bool)])
def test_other_numbers_are_refused(values):
    with pytest.raises(TypeError, match=r"x: .* cannot be sent"):
        pack({}, {"x": values})


def test_what_json_does_not_hold_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        pack({"x": float("nan")})
    with pytest.raises(TypeError):
        pack({"x": np.float32(1)})


def test_another_height_changes_nothing_else():
    values = np.array([0.5, -np.inf], np.float32)
    message = with_height(pack({"name": "日", "height": 3}, {"x": values}), 12345)
    header, arrays = unpacked(message)
    assert header == {"name": "日", "height": 12345} and np.array_equal(arrays["x"], values)
