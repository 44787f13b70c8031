"""Curves of surgery: the loss as heads go, as weights go, and what a temperature makes of two models' guesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.figures.style import COLOURS, QUIET, SYMBOLS, dressed, go, legend_above, make_subplots

RING = {"size": 17, "color": "rgba(0,0,0,0)", "line": {"width": 3, "color": "#b85c00"}}
Line = tuple[Sequence[float], Sequence[float]]


def losses(
    lines: Mapping[str, Line],
    here: tuple[float, float] | None,
    whole: float,
    axis: str,
    height: int = 360,
    ticks: Mapping[int, str] | None = None,
    *,
    percent: bool = False,
) -> go.Figure:
    """{name: (x, loss)} as curves, the loss of the whole model as a level, the present state ringed."""
    figure = go.Figure()
    for number, (name, (x, y)) in enumerate(lines.items()):
        figure.add_scatter(
            x=list(x),
            y=np.asarray(y, np.float32),
            name=name,
            mode="lines+markers",
            line={"color": COLOURS[number % len(COLOURS)], "width": 2.4},
            marker={"size": 6, "symbol": SYMBOLS[number % len(SYMBOLS)]},
            hovertemplate="%{x}: loss %{y:.2f}<extra>" + name + "</extra>",
        )
    if here:
        figure.add_scatter(x=[here[0]], y=[here[1]], mode="markers", name="now", marker=RING, hoverinfo="skip")
    figure.add_hline(whole, line={"color": QUIET, "dash": "dot", "width": 1.5})
    figure.update_xaxes(title_text=axis)
    if percent:
        figure.update_xaxes(tickformat=".0%")
    if ticks:
        figure.update_xaxes(tickvals=list(ticks), ticktext=list(ticks.values()))
    figure.update_yaxes(title_text="loss, nats a piece", rangemode="tozero")
    dressed(figure, height)
    return legend_above(figure).update_layout(showlegend=True)


def soft_targets(
    words: Sequence[str], teacher: Sequence[float], student: Sequence[float] | None, names: tuple[str, str], height: int
) -> go.Figure:
    """Bars, best on top: the share that teacher and student give to each word."""
    figure = go.Figure()
    places = list(range(len(words)))
    for name, shares, colour in ((names[0], teacher, COLOURS[0]), (names[1], student, COLOURS[1])):
        if shares is not None:
            figure.add_bar(
                x=np.asarray(shares, np.float32),
                y=places,
                name=name,
                orientation="h",
                marker={"color": colour},
                customdata=list(words),
                hovertemplate="%{customdata}: %{x:.1%}<extra>" + name + "</extra>",
            )
    figure.update_xaxes(tickformat=".2~p", rangemode="tozero", nticks=5, title_text="probability")
    figure.update_yaxes(tickvals=places, ticktext=list(words), autorange="reversed")
    dressed(figure, height)
    return legend_above(figure).update_layout(barmode="group", bargap=0.25)


def weights(before: np.ndarray, after: np.ndarray, edges: np.ndarray, height: int = 150) -> go.Figure:
    """Counts of weights [bin] before and after a cut, on a log scale: what is pruned or rounded stands out."""
    figure = make_subplots(1, 1)
    middle = ((edges[1:] + edges[:-1]) / 2).astype(np.float32)
    for name, counts, colour in (("before", before, QUIET), ("after", after, COLOURS[0])):
        figure.add_bar(x=middle, y=counts, name=name, marker={"color": colour, "line": {"width": 0}})
    figure.update_yaxes(type="log", title_text="weights", dtick=2)
    figure.update_xaxes(title_text="value of a weight")
    dressed(figure, height)
    return legend_above(figure).update_layout(barmode="overlay", bargap=0)
