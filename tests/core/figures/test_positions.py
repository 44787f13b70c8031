"""Charts of positions: lines as given, bounds by distance, and angles that a pencil finds on the unit circle."""

import numpy as np
import pytest

from core.figures.positions import COLOURS, QUIET, CurvePanel, by_distance, curves, rotation, waves

FREQUENCIES = np.array([np.pi / 2, np.pi / 6, 0.01])
QUERY, KEY = np.array([1.0, 0.0]), np.array([0.0, 1.0])


@pytest.mark.parametrize("axes", [("position", "cosine"), ("distance: key minus query", "added to the score")])
def test_curves_draw_every_line_under_its_name(axes):
    along = np.array([-1, 0, 1])
    figure = curves(CurvePanel("ALiBi", along, {"head 1": along * 2.0, "head 2": along * -3.0}, axes), 300)
    assert [(one.name, list(one.x), list(one.y)) for one in figure.data] == [
        ("head 1", [-1, 0, 1], [-2, 0, 2]),
        ("head 2", [-1, 0, 1], [3, 0, -3]),
    ]
    assert [one.line.color for one in figure.data] == list(COLOURS[:2]) and len(set(COLOURS)) == len(COLOURS)
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == axes
    assert figure.layout.title.text == "ALiBi" and figure.layout.showlegend


def test_by_distance_tells_least_mean_and_greatest_apart():
    offsets = np.array([-1, 0, 1])
    first = ("RoPE", offsets, np.array([0.1, 1, 0.2]), np.array([0.3, 1, 0.4]), np.array([0.5, 1, 0.6]))
    second = ("none", offsets, np.zeros(3), np.ones(3), np.full(3, 2.0))
    figure = by_distance([first, second], 400)
    assert [one.text for one in figure.layout.annotations] == ["<b>RoPE</b>", "<b>none</b>"]
    for axis, side in (("y", first), ("y2", second)):
        found = {one.name: one for one in figure.data if one.yaxis == axis}
        for name, values in zip(("least", "mean", "greatest"), side[2:], strict=True):
            assert list(found[name].x) == [-1, 0, 1] and list(found[name].y) == pytest.approx(values.tolist())
        assert found["mean"].line.color == COLOURS[0] and found["least"].line.color == QUIET
        assert found["mean"].line.width > found["greatest"].line.width
    assert figure.layout.xaxis2.title.text == "distance: key minus query" and not figure.layout.showlegend


def ends(figure, column: int) -> dict[str, tuple[float, float]]:
    axis = f"x{column if column > 1 else ''}"
    return {one.name: (one.x[1], one.y[1]) for one in figure.data if one.xaxis == axis and one.text}


def test_arrows_of_a_quarter_turn_a_position():
    figure = rotation(0, 0, 1, FREQUENCIES, QUERY, KEY, 300)
    assert ends(figure, 1) == {"p": pytest.approx((1, 0)), "p + k": pytest.approx((0, 1))}
    assert ends(figure, 2) == {"q": pytest.approx((1, 0)), "k": pytest.approx((-1, 0), abs=1e-12)}
    figure = rotation(0, 1, 2, FREQUENCIES, QUERY, KEY, 300)
    assert ends(figure, 1) == {"p": pytest.approx((0, 1)), "p + k": pytest.approx((0, -1))}
    assert ends(figure, 2) == {"q": pytest.approx((0, 1)), "k": pytest.approx((1, 0), abs=1e-12)}


def test_arrows_of_a_slower_pair_and_their_colours():
    figure = rotation(1, 1, 1, FREQUENCIES, QUERY, KEY, 300)
    root = 3**0.5 / 2
    assert ends(figure, 1) == {"p": pytest.approx((root, 0.5)), "p + k": pytest.approx((0.5, root))}
    assert ends(figure, 2) == {"q": pytest.approx((root, 0.5)), "k": pytest.approx((-root, 0.5))}
    colours = {one.name: one.line.color for one in figure.data if one.text}
    assert colours == {"p": COLOURS[0], "p + k": COLOURS[1], "q": COLOURS[0], "k": COLOURS[1]}
    arc = next(one for one in figure.data if one.xaxis == "x" and one.mode == "lines" and one.line.color == COLOURS[1])
    at = np.degrees(np.arctan2(arc.y, arc.x))
    assert (at[0], at[-1]) == pytest.approx((30, 60))
    assert figure.layout.xaxis.title.text == "cosine" and figure.layout.yaxis.title.text == "sine"


@pytest.mark.parametrize(("pair", "length"), [(0, 4), (1, 12), (2, 200 * np.pi)])
def test_wavelengths_are_full_turns_and_one_pair_is_marked(pair, length):
    line, mark = waves(pair, FREQUENCIES, 300).data
    assert list(line.x) == [0, 1, 2] and list(line.y) == pytest.approx([4, 12, 200 * np.pi])
    assert (list(mark.x), list(mark.y)) == ([pair], [pytest.approx(length)])
    assert waves(pair, FREQUENCIES, 300).layout.yaxis.type == "log"
