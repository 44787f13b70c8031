"""Surgery's charts: losses along an order, softened guesses best on top, and weights before and after."""

import numpy as np
import pytest

from core.figures.style import COLOURS, QUIET
from core.figures.surgery import RING, losses, soft_targets, weights

LINES = {"By gradient": ((0, 1, 2), (2.0, 2.5, 4.0)), "By chance": ((0, 2), (2.0, 6.0))}


def test_losses_run_the_way_they_were_measured():
    figure = losses(LINES, (2, 4.0), 2.0, "heads off")
    gradient, chance, now = figure.data
    assert (gradient.name, list(gradient.x), list(gradient.y)) == ("By gradient", [0, 1, 2], [2.0, 2.5, 4.0])
    assert (chance.name, list(chance.x), list(chance.y)) == ("By chance", [0, 2], [2.0, 6.0])
    assert (list(now.x), list(now.y), now.marker.color) == ([2], [4.0], RING["color"])
    assert (gradient.line.color, chance.line.color) == COLOURS[:2]


@pytest.mark.parametrize("whole", [2.0, 3.5])
def test_the_whole_model_is_a_level(whole):
    figure = losses(LINES, None, whole, "heads off")
    (level,) = figure.layout.shapes
    assert (level.y0, level.y1, level.line.color) == (whole, whole, QUIET)
    assert [one.name for one in figure.data] == list(LINES)
    assert figure.layout.yaxis.title.text == "loss, nats a piece" and figure.layout.yaxis.rangemode == "tozero"


def test_the_axis_is_in_percent_or_in_bits():
    percent = losses(LINES, None, 1, "weights pruned", percent=True).layout.xaxis
    assert (percent.tickformat, percent.title.text) == (".0%", "weights pruned")
    bits = losses(LINES, None, 1, "bits a weight", ticks={2: "2", 8: "8"}).layout.xaxis
    assert (list(bits.tickvals), list(bits.ticktext), bits.tickformat) == ([2, 8], ["2", "8"], None)


def test_guesses_of_teacher_and_student_stand_beside_each_word():
    figure = soft_targets(("cat", "dog"), (0.75, 0.25), (0.5, 0.125), ("BERT", "DistilBERT"), 300)
    teacher, student = figure.data
    assert (teacher.name, list(teacher.x), list(teacher.y)) == ("BERT", [0.75, 0.25], [0, 1])
    assert (student.name, list(student.x), list(student.y)) == ("DistilBERT", [0.5, 0.125], [0, 1])
    assert (teacher.marker.color, student.marker.color) == COLOURS[:2]
    assert list(teacher.customdata) == ["cat", "dog"] and teacher.orientation == "h"


def test_the_best_word_stands_on_top_and_a_student_of_other_pieces_is_left_out():
    figure = soft_targets(("a", "b", "c"), (0.6, 0.3, 0.1), None, ("T", "S"), 300)
    assert [one.name for one in figure.data] == ["T"] and list(figure.data[0].x) == pytest.approx([0.6, 0.3, 0.1])
    axis = figure.layout.yaxis
    assert (list(axis.tickvals), list(axis.ticktext), axis.autorange) == ([0, 1, 2], ["a", "b", "c"], "reversed")


@pytest.mark.parametrize("edges", [(-1, 0, 1), (0.0, 0.5, 2.5)])
def test_weights_are_counted_in_the_middle_of_their_bins(edges):
    figure = weights(np.array([7, 3]), np.array([9, 1]), np.array(edges))
    before, after = figure.data
    middle = [(edges[0] + edges[1]) / 2, (edges[1] + edges[2]) / 2]
    assert (before.name, list(before.x), list(before.y)) == ("before", middle, [7, 3])
    assert (after.name, list(after.x), list(after.y)) == ("after", middle, [9, 1])
    assert (before.marker.color, after.marker.color) == (QUIET, COLOURS[0])
    assert figure.layout.yaxis.type == "log" and figure.layout.barmode == "overlay"
