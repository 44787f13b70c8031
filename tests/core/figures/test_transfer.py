"""Zero-shot transfer: marks with their own intervals, rings in the language, factors and layers as given."""

import pytest

from core.figures.transfer import APART, COLOURS, Cloud, ModelResults, by_language, factors

NAMES = ("English", "German", "Thai")
FIRST = ModelResults("mBERT", (0.9, 0.7, 0.4), (0.8, 0.55, 0.1), (0.95, 0.8, 0.6), (0.9, 0.85, float("nan")))
SECOND = ModelResults("XLM-R", (0.85, 0.75, 0.5), (0.7, 0.7, 0.3), (0.9, 0.95, 0.75), (0.85, 0.8, 0.6))


def test_an_interval_goes_as_far_up_and_down_as_its_ends():
    marks = [one for one in by_language(NAMES, (FIRST, SECOND), 0.25, 400).data if one.error_y.array is not None]
    assert [list(one.y) for one in marks] == [[0.9, 0.7, 0.4], [0.85, 0.75, 0.5]]
    assert list(marks[0].error_y.array) == pytest.approx([0.05, 0.1, 0.2])
    assert list(marks[0].error_y.arrayminus) == pytest.approx([0.1, 0.15, 0.3])
    assert list(marks[1].error_y.array) == pytest.approx([0.05, 0.2, 0.25])
    assert list(marks[1].error_y.arrayminus) == pytest.approx([0.15, 0.05, 0.2])


def test_the_fit_in_the_language_is_a_ring_beside_its_mark():
    for sides, shifts in (((FIRST,), (0,)), ((FIRST, SECOND), (-APART, APART))):
        data = by_language(NAMES, sides, 0.25, 400).data
        for number, (side, shift) in enumerate(zip(sides, shifts, strict=True)):
            mark, ring = data[2 * number : 2 * number + 2]
            assert list(mark.x) == pytest.approx([shift, 1 + shift, 2 + shift])
            assert list(ring.x) == pytest.approx([shift + 0.09, 1.09 + shift, 2.09 + shift])
            assert list(ring.y) == pytest.approx(list(side.inside), nan_ok=True)
            assert (mark.name, mark.marker.color, ring.marker.color) == (side.title, COLOURS[number], COLOURS[number])
            assert ring.marker.symbol == "circle-open" and mark.marker.symbol is None


@pytest.mark.parametrize("chance", [0.25, 0.5])
def test_chance_is_a_line_and_languages_stand_in_their_order(chance):
    layout = by_language(NAMES, (FIRST,), chance, 400).layout
    (line,) = layout.shapes
    assert (line.y0, line.y1) == (chance, chance) and layout.annotations[0].text == "chance"
    assert list(layout.xaxis.tickvals) == [0, 1, 2] and list(layout.xaxis.ticktext) == list(NAMES)
    assert list(layout.yaxis.range) == [0, 1.04] and layout.yaxis.tickformat == ".0%"


CLOUDS = (
    (
        "alignment",
        (
            Cloud("mBERT", ("de", "th"), (0.8, 0.3), (0.7, 0.4), "r = 1"),
            Cloud("XLM-R", ("de",), (0.9,), (0.75,), "r = 0"),
        ),
    ),
    ("pieces shared", (Cloud("mBERT", ("de", "th"), (0.5, 0.1), (0.7, 0.4), "r = .5"),)),
)


def test_each_factor_is_its_own_panel():
    figure = factors(CLOUDS, (), (0, 0), 0.25, 400)
    found = [(one.xaxis, one.name, list(one.x), list(one.y), list(one.text)) for one in figure.data]
    assert found == [
        ("x", "mBERT", [0.8, 0.3], [0.7, 0.4], ["de", "th"]),
        ("x", "XLM-R", [0.9], [0.75], ["de"]),
        ("x2", "mBERT", [0.5, 0.1], [0.7, 0.4], ["de", "th"]),
    ]
    assert [one.text for one in figure.layout.annotations] == ["<b>alignment</b>", "<b>pieces shared</b>"]
    assert figure.layout.xaxis.title.text == "r = 1<br>r = 0" and figure.layout.xaxis2.title.text == "r = .5"
    assert [one.marker.color for one in figure.data] == [COLOURS[0], COLOURS[1], COLOURS[0]]


def test_layers_come_last_and_the_chosen_one_is_large():
    curves = (("mBERT", (0.3, 0.6, 0.5)), ("XLM-R", (0.2, 0.4, 0.9)))
    figure = factors(CLOUDS[1:], curves, (1, 2), 0.25, 400)
    first, second = figure.data[1:]
    assert (first.xaxis, list(first.x), list(first.y)) == ("x2", [0, 1, 2], [0.3, 0.6, 0.5])
    assert list(first.marker.size) == [7, 13, 7] and list(second.marker.size) == [7, 7, 13]
    assert (first.line.color, second.line.color) == COLOURS
    assert figure.layout.xaxis2.title.text == "0 is the input embedding"
    assert [one.text for one in figure.layout.annotations] == ["<b>pieces shared</b>", "<b>layer</b>"]


@pytest.mark.parametrize(
    ("curves", "chance", "ends"),
    [((), 0.5, [0.28, 0.82]), ((), 0.05, [0, 0.82]), ((("m", (0.2, 1.0)),), 0.5, [0.08, 1.1])],
)
def test_the_axis_holds_chance_points_and_curves(curves, chance, ends):
    figure = factors(CLOUDS[1:], curves, (0,), chance, 400)
    assert list(figure.layout.yaxis.range) == pytest.approx(ends)
    assert {(one.y0, one.y1) for one in figure.layout.shapes} == {(chance, chance)}
