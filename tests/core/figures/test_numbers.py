"""The numbers of a chart, as they were given to it."""

import pytest

from core.figures.numbers import numbers_of
from core.figures.style import go, make_subplots


def rows(figure) -> list[dict]:
    table = numbers_of(figure).columns
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def test_points_with_their_intervals_and_what_they_belong_to():
    bars = {"array": [0.1, 0.2], "arrayminus": [0.3, 0.4]}
    figure = go.Figure(go.Scatter(x=[1, 2], y=[1 / 3, 0.5], name="a", error_y=bars))
    assert rows(figure)[1] == {"panel": "1", "of": "a", "x": 2, "y": 0.5, "y up by": 0.2, "y down by": 0.4}
    assert rows(figure)[0]["y"] == 1 / 3


def test_cells_of_a_map_and_panels_by_the_title_of_their_axis():
    figure = make_subplots(1, 2)
    figure.add_trace(go.Heatmap(z=[[1, 2], [3, 4]], x=["p", "q"], y=["r", "s"]), 1, 1)
    figure.add_trace(go.Bar(x=["u"], y=[7]), 1, 2)
    figure.update_layout(yaxis2_title_text="loss")
    found = rows(figure)
    cells = [(row["x"], row["y"], row["value"]) for row in found[:4]]
    assert cells == [("p", "r", 1), ("q", "r", 2), ("p", "s", 3), ("q", "s", 4)]
    assert found[4]["panel"] == "loss" and found[4]["x"] == "u" and found[4]["value"] is None


def test_an_axis_of_numbers_and_names_is_written_as_text():
    figure = go.Figure([go.Scatter(x=["all"], y=[1.0], name="a"), go.Scatter(x=[3], y=[2.0], name="b")])
    assert [row["x"] for row in rows(figure)] == ["all", "3"]


@pytest.mark.parametrize("figure", [go.Figure(), go.Figure(go.Scatter(x=[], y=[]))])
def test_an_empty_chart_has_no_rows(figure):
    assert rows(figure) == []
