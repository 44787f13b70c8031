"""Scores by layer: every panel draws its own score, bands lie between least and greatest, axes end where values do."""

import pytest

from core.figures.alignment import COLOURS, GREY, Curve, by_layer, span
from core.measures.alignment import LinkScores

PANELS = ("F1", "Error rate (AER)", "Precision", "Recall")
FIELDS = ("f1", "error_rate", "precision", "recall")


def scores(precision: float, recall: float, f1: float, error: float) -> LinkScores:
    return LinkScores(precision=precision, recall=recall, f1=f1, error_rate=error)


FIRST = Curve(
    "A mBERT",
    (0, 1, 2),
    (scores(0.9, 0.5, 0.6, 0.4), scores(0.8, 0.7, 0.75, 0.25), scores(0.6, 0.3, 0.4, 0.55)),
    (
        (scores(0.8, 0.4, 0.5, 0.3), scores(0.95, 0.55, 0.65, 0.5)),
        (scores(0.7, 0.6, 0.7, 0.2), scores(0.85, 0.75, 0.8, 0.3)),
        (scores(0.5, 0.2, 0.3, 0.5), scores(0.65, 0.35, 0.45, 0.6)),
    ),
)
SECOND = Curve(
    "B XLM-R",
    (0, 1),
    (scores(0.1, 0.2, 0.15, 0.85), scores(0.3, 0.4, 0.35, 0.65)),
    (
        (scores(0.05, 0.15, 0.1, 0.8), scores(0.12, 0.22, 0.2, 0.9)),
        (scores(0.25, 0.35, 0.3, 0.6), scores(0.35, 0.45, 0.4, 0.7)),
    ),
)


def axis_of(panel: int) -> str:
    return f"y{panel + 1 if panel else ''}"


def lines(figure, panel: int) -> list:
    return [one for one in figure.data if one.yaxis == axis_of(panel) and one.mode == "lines+markers"]


@pytest.mark.parametrize(("panel", "field"), enumerate(FIELDS))
def test_each_panel_draws_the_score_of_its_title(panel, field):
    figure = by_layer((FIRST, SECOND), 400)
    assert figure.layout.annotations[panel].text == f"<b>{PANELS[panel]}</b>"
    first, second = lines(figure, panel)
    assert list(first.x) == [0, 1, 2] and list(second.x) == [0, 1]
    assert list(first.y) == [getattr(one, field) for one in FIRST.scores]
    assert list(second.y) == [getattr(one, field) for one in SECOND.scores]


def test_the_numbers_of_two_panels_by_pencil():
    figure = by_layer((FIRST,), 400)
    assert list(lines(figure, 2)[0].y) == [0.9, 0.8, 0.6]  # precision
    assert list(lines(figure, 3)[0].y) == [0.5, 0.7, 0.3]  # recall
    assert list(lines(figure, 0)[0].y) == [0.6, 0.75, 0.4]
    assert list(lines(figure, 1)[0].y) == [0.4, 0.25, 0.55]


def test_a_band_runs_along_the_greatest_and_back_along_the_least():
    figure = by_layer((FIRST, SECOND), 400)
    bands = [one for one in figure.data if one.fill == "toself"]
    assert len(bands) == 8 and {one.fillcolor for one in bands} == {GREY}
    assert list(bands[0].x) == [0, 1, 2, 2, 1, 0]
    assert list(bands[0].y) == [0.65, 0.8, 0.45, 0.3, 0.7, 0.5]  # F1 of the first model
    assert list(bands[3].y) == [0.9, 0.7, 0.6, 0.8]  # error rate of the second


def test_a_model_keeps_its_colour_in_every_panel_and_its_name_stands_once():
    figure = by_layer((FIRST, SECOND), 400)
    for panel in range(4):
        first, second = lines(figure, panel)
        assert (first.name, second.name) == ("A mBERT", "B XLM-R")
        assert (first.line.color, second.line.color) == COLOURS and len(set(COLOURS)) == 2
        assert first.showlegend is second.showlegend is (panel == 0)


def test_layers_are_named_as_far_as_the_deeper_model_goes():
    for order in ((FIRST, SECOND), (SECOND, FIRST)):
        axis = by_layer(order, 400).layout.xaxis3
        assert list(axis.tickvals) == [0, 1, 2] and list(axis.ticktext) == ["input", "1", "2"]
        assert axis.title.text == "layer"


@pytest.mark.parametrize(
    ("curves", "field", "ends"),
    [
        ((FIRST,), "f1", [0.25, 1.03]),
        ((FIRST,), "error_rate", [-0.03, 0.65]),
        ((FIRST, SECOND), "f1", [0.05, 1.03]),
        ((FIRST, SECOND), "error_rate", [-0.03, 0.95]),
        ((FIRST, SECOND), "precision", [0.0, 1.03]),
    ],
)
def test_an_axis_holds_every_interval(curves, field, ends):
    assert span(curves, field) == pytest.approx(ends)
    figure = by_layer(curves, 400)
    number = FIELDS.index(field)
    assert list(figure.layout[f"yaxis{number + 1 if number else ''}"].range) == pytest.approx(ends)


def test_an_axis_never_leaves_what_a_score_can_be():
    worst = scores(0, 0, 0, 1)
    assert span((Curve("x", (0,), (worst,), ((worst, worst),)),), "error_rate") == [-0.03, 1.03]
    assert span((Curve("x", (0,), (worst,), ((worst, worst),)),), "recall") == [-0.03, 1.03]
