"""Deletion and insertion: each in its own panel, over the share of patches, in the method's own colour."""

import numpy as np
import pytest

from core.figures.faithful import DASHES, deletion_insertion
from core.figures.style import COLOURS, QUIET

SHARES = np.array([0, 0.5, 1])
LINES = {
    "Rollout": (SHARES, np.array([0.8, 0.3, 0.1]), np.array([0.1, 0.6, 0.8])),
    "By chance": (SHARES, np.array([0.8, 0.6, 0.1]), np.array([0.1, 0.2, 0.8])),
}


def test_deletion_is_drawn_left_and_insertion_right():
    figure = deletion_insertion(LINES, "cat")
    assert [one.text for one in figure.layout.annotations] == ["Deletion", "Insertion"]
    for panel, column in (("x", 1), ("x2", 2)):
        for one, (title, curves) in zip((t for t in figure.data if t.xaxis == panel), LINES.items(), strict=True):
            assert one.name == title and list(one.x) == [0, 0.5, 1]
            assert list(one.y) == pytest.approx(curves[column].tolist())
    assert figure.layout.xaxis.title.text == "gone, brightest first"
    assert figure.layout.xaxis2.title.text == "come back, brightest first"


def test_chance_is_grey_and_the_others_are_not():
    figure = deletion_insertion(LINES, "cat")
    colours = {one.name: one.line.color for one in figure.data}
    assert colours == {"Rollout": COLOURS[0], "By chance": QUIET}
    assert {one.line.dash for one in figure.data if one.name == "By chance"} == {DASHES[1]}
    swapped = deletion_insertion(dict(reversed(LINES.items())), "cat")
    assert {one.name: one.line.color for one in swapped.data} == {"By chance": QUIET, "Rollout": COLOURS[1]}


@pytest.mark.parametrize("name", ["cat", "beach umbrella"])
def test_the_axis_names_the_class_and_both_panels_share_one_scale(name):
    layout = deletion_insertion(LINES, name).layout
    assert layout.yaxis.title.text == f"probability of “{name}”" and layout.yaxis2.matches == "y"
    assert list(layout.xaxis.range) == [0, 1] and layout.yaxis.rangemode == "tozero"
    assert [one.showlegend for one in deletion_insertion(LINES, name).data] == [True, False, True, False]
