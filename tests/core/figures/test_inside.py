"""Inside one head's charts: shares of scores, the greatest weight against the width, and what sublayers add."""

import numpy as np
import pytest

from core.figures.inside import ADDS, BINS, RAW, SCALED, scaling, streams
from core.measures.inside import Draws, Stream

WIDTHS = (1, 4, 16, 64)


def draws(greatest: tuple[float, ...], passed: tuple[float, ...], spread: float) -> tuple[Draws, ...]:
    scores = np.array([-1.0, -0.5, 0.0, 0.5, 1.0]) * spread
    return tuple(Draws(scores, g, 1.0, p) for g, p in zip(greatest, passed, strict=True))


RAW_DRAWS = draws((0.2, 0.4, 0.7, 0.9), (0.8, 0.6, 0.3, 0.1), 10.0)
SCALED_DRAWS = draws((0.2, 0.21, 0.22, 0.23), (0.8, 0.79, 0.78, 0.77), 2.0)


def in_panel(figure, column: int, mode: str) -> list:
    axis = f"x{column if column > 1 else ''}"
    return [one for one in figure.data if one.xaxis == axis and one.mode == mode]


@pytest.mark.parametrize("at", [0, 2, 3])
def test_greatest_weight_and_gradient_stand_over_the_width(at):
    figure = scaling(WIDTHS, RAW_DRAWS, SCALED_DRAWS, at)
    for column, field in ((2, "greatest"), (3, "passed_on")):
        lines, marks = in_panel(figure, column, "lines"), in_panel(figure, column, "markers+text")
        for line, mark, source, colour in zip(lines, marks, (RAW_DRAWS, SCALED_DRAWS), (RAW, SCALED), strict=True):
            values = [getattr(one, field) for one in source]
            assert list(line.x) == list(WIDTHS) and list(line.y) == values and line.line.color == colour
            assert (list(mark.x), list(mark.y)) == ([WIDTHS[at]], [values[at]])
            assert list(mark.text) == [f"{values[at]:.2f}"] and mark.marker.color == colour


def test_the_histogram_gives_shares_in_bins_that_both_curves_share():
    figure = scaling(WIDTHS, RAW_DRAWS, SCALED_DRAWS, 1)
    raw, scaled = (one for one in figure.data if one.xaxis == "x")
    assert (raw.name, scaled.name) == ("not divided", "divided by √d")
    assert (raw.line.color, scaled.line.color) == (RAW, SCALED)
    assert len(raw.x) == BINS and list(raw.x) == list(scaled.x)
    assert np.diff(raw.x) == pytest.approx(2 * raw.x[-1] / (BINS - 1), rel=1e-4)  # from end to end of the raw scores
    assert raw.x[-1] == pytest.approx(10 * (BINS - 1) / BINS, rel=0.01)
    assert list(raw.y[np.nonzero(raw.y)]) == pytest.approx([0.2] * 5) and sum(scaled.y) == pytest.approx(1)
    assert raw.x[np.nonzero(raw.y)] == pytest.approx([-10, -5, 0, 5, 10], abs=0.17)
    assert scaled.x[np.nonzero(scaled.y)] == pytest.approx([-2, -1, 0, 1, 2], abs=0.17)


@pytest.mark.parametrize(("at", "title"), [(1, "scores q·k, d = 4"), (3, "scores q·k, d = 64")])
def test_the_histogram_is_of_the_chosen_width(at, title):
    wide = tuple(Draws(d * np.array([-1, -0.5, 0.25, 0.5, 1]), 0.5, 1.0, 0.5) for d in WIDTHS)
    figure = scaling(WIDTHS, wide, wide, at)
    assert figure.layout.annotations[0].text == title
    assert figure.data[0].x[-1] == pytest.approx(WIDTHS[at] * (BINS - 1) / BINS, rel=0.01)
    for curve in figure.data:
        if curve.xaxis == "x":
            at_scores = curve.x[np.nonzero(curve.y)] / WIDTHS[at]
            assert at_scores == pytest.approx([-1, -0.5, 0.25, 0.5, 1], abs=0.02)
    assert figure.layout.xaxis2.type == "log" and list(figure.layout.yaxis2.range) == [0, 1.12]


def stream(names: tuple[str, ...], before: tuple[float, ...], update: tuple[float, ...]) -> Stream:
    return Stream(names, np.array(before), np.array(update), np.array(before) + np.array(update))


def test_each_sublayer_has_its_line_over_the_layers():
    decoder = stream(("attention", "cross-attention", "feed-forward") * 2, (1, 2, 3, 4, 5, 6), (10, 20, 30, 40, 50, 60))
    figure = streams((("decoder", decoder),))
    found = {one.name: (list(one.x), list(one.y), one.line.color) for one in figure.data}
    assert found == {
        "stream that reaches the layer": ([1, 2], [1, 4], SCALED),
        "attention adds": ([1, 2], [10, 40], ADDS["attention"]),
        "cross-attention adds": ([1, 2], [20, 50], ADDS["cross-attention"]),
        "feed-forward adds": ([1, 2], [30, 60], ADDS["feed-forward"]),
    }
    assert len(set(ADDS.values()) | {SCALED}) == 4


def test_two_parts_stand_side_by_side_on_one_scale_and_are_named_once():
    one = stream(("attention", "feed-forward") * 3, (1, 2, 3, 4, 5, 6), (6, 5, 4, 3, 2, 1))
    figure = streams((("encoder", one), ("decoder", one)))
    assert [text.text for text in figure.layout.annotations] == ["encoder", "decoder"]
    left, right = ([t for t in figure.data if t.xaxis == axis] for axis in ("x", "x2"))
    assert [list(t.y) for t in left] == [list(t.y) for t in right] == [[1, 3, 5], [6, 4, 2], [5, 3, 1]]
    assert [t.showlegend for t in left] == [True] * 3 and [t.showlegend for t in right] == [False] * 3
    assert figure.layout.yaxis2.matches == "y" and figure.layout.yaxis.title.text == "length (mean over the tokens)"
