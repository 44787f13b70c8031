"""Charts of pictures: cosines through the layers with chance beside, and what windows save."""

import numpy as np
import pytest

from core.figures.style import COLOURS, QUIET
from core.figures.vision import Line, carried, windows_cost

VIT = Line(
    "ViT",
    ("patches", "layer 1", "layer 2"),
    np.array([1.0, 0.75, 0.5]),
    np.array([0.25, 0.5, 0.375]),
    (True, True, False),
)
CNN = Line("CNN", ("stage 1", "stage 2"), np.array([0.875, 0.625]), np.array([0.125, 0.0]), (False, True))  # fmt: skip


@pytest.mark.parametrize("lines", [(VIT, CNN), (CNN, VIT), (VIT,)])
def test_matching_cells_and_any_two_are_drawn_from_first_layer_to_last(lines):
    data = carried(lines).data
    assert len(data) == 2 * len(lines)
    for number, line in enumerate(lines):
        mean, chance = data[2 * number : 2 * number + 2]
        depth = [0, 0.5, 1] if len(line.layers) == 3 else [0, 1]
        assert list(mean.x) == list(chance.x) == depth
        assert list(mean.y) == line.mean.tolist() and list(chance.y) == line.chance.tolist()
        assert (mean.name, mean.line.color, chance.line.color) == (line.name, COLOURS[number], QUIET)
        assert chance.showlegend is (number == 0) and list(mean.customdata) == list(line.layers)


def test_a_move_of_part_of_a_cell_is_hollow():
    data = carried((VIT, CNN)).data
    hollow = "rgba(0,0,0,0)"
    assert list(data[0].marker.color) == [COLOURS[0], COLOURS[0], hollow]
    assert list(data[2].marker.color) == [hollow, COLOURS[1]]


@pytest.mark.parametrize(("lines", "low"), [((VIT,), 0.21), ((VIT, CNN), -0.04)])
def test_the_axis_begins_below_the_least(lines, low):
    layout = carried(lines).layout
    assert list(layout.yaxis.range) == pytest.approx([low, 1 + 0.1 * (1 - low)])
    assert list(layout.xaxis.ticktext) == ["first layer", "last layer"] and list(layout.xaxis.tickvals) == [0, 1]


@pytest.mark.parametrize(("here", "at"), [(7, (49, 100, 90)), (14, (196, 900, 400))])
def test_cost_stands_over_the_number_of_patches_and_the_shown_grid_is_ringed(here, at):
    figure = windows_cost((7, 14), (100, 900), (90, 400), 4, here)
    full, full_ring, windowed, windowed_ring = figure.data
    assert (full.name, list(full.x), list(full.y)) == ("all patches", [49, 196], [100, 900])
    assert (windowed.name, list(windowed.y)) == ("windows of 4 × 4", [90, 400])
    assert [(*one.x, *one.y) for one in (full_ring, windowed_ring)] == [at[:2], (at[0], at[2])]
    assert (full.line.dash, windowed.line.dash) == ("solid", "dash")


def test_a_grid_between_those_drawn_has_no_ring():
    figure = windows_cost((7, 14, 28), (1, 2, 3), (1, 1, 1), 7, 9)
    assert len(figure.data) == 2 and list(figure.layout.xaxis.tickvals) == [49, 196, 784]
    assert list(figure.layout.xaxis.ticktext) == ["7²", "14²", "28²"] and figure.layout.yaxis.type == "log"
