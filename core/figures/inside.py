"""Curves of the page Inside one head: scores and softmax against the width, the stream through the layers."""

from __future__ import annotations

import numpy as np

from core.figures.style import go, legend_above, make_subplots
from core.measures.inside import Draws, Stream

RAW, SCALED = "#df8f4a", "#337dc3"
#: One colour a sublayer.
ADDS = {"attention": RAW, "cross-attention": "#8a63b0", "feed-forward": "#4f9d69"}
HEIGHT = 240
BINS = 61


def scaling(ds: tuple[int, ...], raw: tuple[Draws, ...], scaled: tuple[Draws, ...], at: int) -> go.Figure:
    """Histogram of the scores at width ds[at], and against every width the greatest weight and what learning gets."""
    figure = make_subplots(
        cols=3,
        subplot_titles=(
            f"scores q·k, d = {ds[at]:,}",
            "greatest of 10 weights",
            "gradient through the softmax",
        ),
        horizontal_spacing=0.06,
    )
    end = float(np.quantile(np.abs(raw[at].scores), 0.999)) or 1.0
    edges = np.linspace(-end, end, BINS + 1)
    for name, one, colour in (("not divided", raw, RAW), ("divided by √d", scaled, SCALED)):
        counts = np.histogram(one[at].scores, edges)[0] / one[at].scores.size
        middle = ((edges[:-1] + edges[1:]) / 2).astype(np.float32)
        shared = {"name": name, "legendgroup": name, "line": {"color": colour, "width": 2.5}}
        figure.add_scatter(
            x=middle, y=counts.astype(np.float32), fill="tozeroy", line_shape="hvh", row=1, col=1, **shared
        )
        for column, values in ((2, [d.greatest for d in one]), (3, [d.passed_on for d in one])):
            figure.add_scatter(x=ds, y=values, mode="lines", showlegend=False, row=1, col=column, **shared)
            figure.add_scatter(
                x=[ds[at]],
                y=[values[at]],
                mode="markers+text",
                marker={"size": 11, "color": colour},
                text=[f"{values[at]:.2f}"],
                textposition="top center",
                showlegend=False,
                cliponaxis=False,
                hoverinfo="skip",
                row=1,
                col=column,
            )
    for column in (2, 3):
        figure.update_xaxes(type="log", title="width d of the head", tickvals=ds[::3], row=1, col=column)
        figure.update_yaxes(range=[0, 1.12], row=1, col=column)
    figure.update_yaxes(tickformat=".0%", row=1, col=1)
    return plain(figure)


def streams(parts: tuple[tuple[str, Stream], ...]) -> go.Figure:
    """For each part, how long the stream is that reaches a layer, and what its sublayers add; one scale for all."""
    figure = make_subplots(cols=len(parts), subplot_titles=[title for title, _ in parts], shared_yaxes=True)
    seen = set()
    for column, (_, stream) in enumerate(parts, start=1):
        each = len(set(stream.names))
        lines = [("stream that reaches the layer", stream.before[::each], SCALED)]
        lines += [(f"{stream.names[i]} adds", stream.update[i::each], ADDS[stream.names[i]]) for i in range(each)]
        for name, values, colour in lines:
            figure.add_scatter(
                x=np.arange(1, len(values) + 1),
                y=values.astype(np.float32),
                mode="lines+markers",
                name=name,
                legendgroup=name,
                showlegend=name not in seen,
                line={"color": colour, "width": 2.5},
                row=1,
                col=column,
            )
            seen.add(name)
    figure.update_yaxes(rangemode="tozero")
    figure.update_yaxes(title="length (mean over the tokens)", col=1)
    deepest = max(len(stream.names) // len(set(stream.names)) for _, stream in parts)
    figure.update_xaxes(title="layer", tick0=1, dtick=-(-deepest // 12), tickformat="d")
    return plain(figure, height=400)


def plain(figure: go.Figure, height: int = HEIGHT) -> go.Figure:
    """The frame that all share: transparent, one legend above, room for what is written."""
    figure.update_layout(
        height=height,
        margin={"l": 50, "r": 14, "b": 40},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="x",
    )
    return legend_above(figure.update_annotations(font_size=15), titles=True)
