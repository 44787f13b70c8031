"""Small maps travel as they are, those that are compared on one scale; and the browser draws them."""

import numpy as np
import pytest

from tests.drawn import unpacked
from ui.components.panels.message import Panel, pack_panels, scales_of


def test_numbers_and_names_arrive_as_they_were():
    values = np.array([[0.5, -2], [1.25, 3], [0, 1]])
    picture = np.zeros((1, 3, 3))
    picture[0, 1] = [1, 0.5, 2]
    panels = [
        Panel("ein <b>", values, ("a", "ש", "c")),
        Panel("picture", picture, scale="picture", group="colour"),
        Panel("last", values.T),
    ]
    header, arrays = unpacked(pack_panels(panels, height=123))
    first, second, third = arrays.values()
    assert (header["height"], header["across"]) == (123, 3)
    assert header["panels"][0]["title"] == "ein <b>" and header["panels"][0]["rows"] == ["a", "ש", "c"]
    assert first.dtype == np.float32 and np.array_equal(first, values)
    assert second.tolist() == [[[0, 0, 0], [255, 128, 255], [0, 0, 0]]]
    assert np.array_equal(third, values.T)


def test_panels_of_a_group_share_a_scale_around_zero():
    def one(low, high, **more):
        return Panel("", np.array([[low, high]]), **more)

    scales = scales_of([one(-1, 4), one(-6, 2), one(0.2, 0.7, scale="weight", group="weight")])
    assert scales["score"] == {"kind": "difference", "low": -6, "high": 6}
    assert scales["weight"] == {"kind": "weight", "low": 0, "high": 0.7}
    assert scales_of([one(0, 0)])["score"] == {"kind": "difference", "low": -1, "high": 1}


def test_too_much_for_one_message_is_our_mistake():
    with pytest.raises(ValueError, match="at most"):
        pack_panels([Panel("", np.zeros((900, 900)))])
