"""Cheaper attention's charts: error against cost, the spectrum, and growth with what is measured and what counted."""

import numpy as np
import pytest

from core.figures.efficient import growth, lost_and_saved, spectrum
from core.figures.style import COLOURS, RING

LINES = {
    "Local window": ((0.05, 0.2), (0.6, 0.1), ("Window 1", "Window 4")),
    "Linear": ((0.5,), (0.9,), ("Linear",)),
}


def test_error_stands_over_cost_as_given():
    figure = lost_and_saved(LINES, (0.2, 0.1, "Local window"))
    window, linear, chosen = figure.data
    assert list(window.x) == pytest.approx([0.05, 0.2]) and list(window.y) == pytest.approx([0.6, 0.1])
    assert list(linear.x) == pytest.approx([0.5]) and list(linear.y) == pytest.approx([0.9])
    assert list(window.customdata) == ["Window 1", "Window 4"] and window.name == "Local window"
    assert (list(chosen.x), list(chosen.y)) == ([0.2], [0.1]) and chosen.marker.color == RING["color"]


@pytest.mark.parametrize(("method", "widths"), [("Local window", (4, 2)), ("Linear", (2, 4)), ("Strided", (2, 2))])
def test_the_chosen_method_is_thick(method, widths):
    figure = lost_and_saved(LINES, (0.5, 0.9, method))
    assert tuple(one.line.width for one in figure.data[:2]) == widths
    assert tuple(one.line.color for one in figure.data[:2]) == COLOURS[:2]


def test_costs_are_percent_of_full_attention_on_a_log_axis():
    layout = lost_and_saved(LINES, (0.5, 0.9, "Linear")).layout
    assert layout.xaxis.type == "log" and layout.xaxis.title.text == "multiplications, share of full attention"
    named = dict(zip(layout.xaxis.tickvals, layout.xaxis.ticktext, strict=True))
    assert (named[0.01], named[0.5], named[1], named[20]) == ("1 %", "50 %", "100 %", "2000 %")
    assert layout.yaxis.title.text == "error of the output" and layout.yaxis.tickformat == ".0%"
    assert layout.yaxis.rangemode == "tozero"


@pytest.mark.parametrize(("rank", "at"), [(1, 0.5), (2, 0.75), (4, 1.0)])
def test_the_spectrum_counts_singular_values_from_one_and_rings_the_chosen_k(rank, at):
    curve, ring = spectrum(np.array([0.5, 0.75, 0.875, 1.0]), rank).data
    assert list(curve.x) == [1, 2, 3, 4] and list(curve.y) == [0.5, 0.75, 0.875, 1.0]
    assert (list(ring.x), list(ring.y)) == ([rank], [at])


def test_a_spectrum_without_a_k_has_no_ring():
    figure = spectrum(np.array([0.9, 1.0]), 0)
    assert len(figure.data) == 1 and list(figure.data[0].y) == pytest.approx([0.9, 1.0])
    assert list(figure.layout.yaxis.range) == [0, 1.04] and figure.layout.xaxis.title.text == "k, singular values kept"


def test_growth_draws_what_was_measured_and_counts_the_rest():
    figure = growth(
        (64, 128, 256), {"Full": ((0.1, None, 0.4), (1, 2, 3)), "Linear": ((None,) * 3, (5, 6, 7))}, "Full", "s"
    )
    full, linear = figure.data
    assert list(full.x) == [64, 128, 256] and list(full.y) == [0.1, 2, 0.4] and list(linear.y) == [5, 6, 7]
    assert list(full.customdata) == ["measured", "counted", "measured"]
    hollow = "rgba(0,0,0,0)"
    assert list(full.marker.color) == [COLOURS[0], hollow, COLOURS[0]]
    assert list(linear.marker.color) == [hollow] * 3 and linear.marker.line.color == COLOURS[1]
    assert full.line.width > linear.line.width


def test_growth_is_log_log_and_names_its_unit():
    for unit, chosen in (("seconds", "Linear"), ("bytes", "Full")):
        figure = growth((64, 4096), {"Full": ((None, None), (1, 2)), "Linear": ((1, 2), (3, 4))}, chosen, unit)
        assert figure.layout.yaxis.title.text == unit and figure.layout.yaxis.type == figure.layout.xaxis.type == "log"
        assert list(figure.layout.xaxis.ticktext) == ["64", "4,096"]
        thick = max(figure.data, key=lambda one: one.line.width)
        assert thick.name == chosen
