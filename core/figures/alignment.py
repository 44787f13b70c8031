"""Scores of an alignment by layer: precision, recall, F1 and error rate of several models as curves with intervals."""

from __future__ import annotations

from dataclasses import dataclass

from core.figures.style import go, make_subplots
from core.measures.alignment import LinkScores

#: Streamlit puts the theme's own categorical colours in place of these.
COLOURS = ("#000001", "#000004")
DASHES = ("solid", "dash")
SYMBOLS = ("circle", "diamond")
PANELS = (("F1", "f1"), ("Error rate (AER)", "error_rate"), ("Precision", "precision"), ("Recall", "recall"))
GREY = "rgba(128, 128, 128, .17)"


@dataclass(frozen=True, slots=True)
class Curve:
    """One model's scores, layer by layer."""

    name: str
    layers: tuple[int, ...]
    scores: tuple[LinkScores, ...]
    intervals: tuple[tuple[LinkScores, LinkScores], ...]  # (least, greatest)


def by_layer(curves: tuple[Curve, ...], height: int) -> go.Figure:
    """Four panels over one axis of layers; 0 is the input embedding."""
    titles = [f"<b>{title}</b>" for title, _ in PANELS]
    figure = make_subplots(
        2, 2, subplot_titles=titles, shared_xaxes=True, vertical_spacing=0.13, horizontal_spacing=0.07
    )
    for panel, (_, field) in enumerate(PANELS):
        where = {"row": panel // 2 + 1, "col": panel % 2 + 1}
        for curve in curves:
            _add_interval(figure, curve, field, where)
        for number, curve in enumerate(curves):
            _add_line(figure, curve, field, number, where, legend=panel == 0)
    longest = max((curve.layers for curve in curves), key=len)
    figure.update_xaxes(tickvals=longest, ticktext=["input" if one == 0 else str(one) for one in longest])
    figure.update_xaxes(title_text="layer", row=2)
    for panel, (_, field) in enumerate(PANELS):
        figure.update_yaxes(range=span(curves, field), tickformat=".1f", row=panel // 2 + 1, col=panel % 2 + 1)
    figure.update_layout(
        height=height,
        margin={"l": 40, "r": 10, "t": 28, "b": 80},
        legend={"orientation": "h", "x": 0, "y": -0.14, "yanchor": "top"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="x unified",
    )
    figure.update_annotations(font_size=15)
    return figure


def span(curves: tuple[Curve, ...], field: str) -> list[float]:
    """The ends of an axis: as far as the values go, good ends at 1 or at 0."""
    values = [getattr(one, field) for curve in curves for pair in curve.intervals for one in pair]
    if field == "error_rate":
        return [-0.03, min(1.03, max(values) + 0.05)]
    return [max(-0.03, min(values) - 0.05), 1.03]


def _add_interval(figure: go.Figure, curve: Curve, field: str, where: dict[str, int]) -> None:
    low, high = ([getattr(pair[k], field) for pair in curve.intervals] for k in (0, 1))
    figure.add_scatter(
        x=[*curve.layers, *reversed(curve.layers)],
        y=[*high, *reversed(low)],
        mode="lines",
        fill="toself",
        fillcolor=GREY,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
        **where,
    )


def _add_line(figure: go.Figure, curve: Curve, field: str, number: int, where: dict[str, int], *, legend: bool) -> None:
    figure.add_scatter(
        x=curve.layers,
        y=[getattr(one, field) for one in curve.scores],
        name=curve.name,
        mode="lines+markers",
        line={"color": COLOURS[number], "width": 2.5, "dash": DASHES[number]},
        marker={"symbol": SYMBOLS[number], "size": 8},
        hovertemplate="%{y:.2f}",
        legendgroup=curve.name,
        showlegend=legend,
        **where,
    )
