"""Deletion and insertion side by side: what becomes of an answer as parts of its input go, in several orders."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.figures.style import COLOURS, QUIET, SYMBOLS, dressed, go, legend_above, make_subplots

#: Each line's own form too, for those who do not tell colours apart.
DASHES = ("dot", "dash", "solid", "dashdot", "longdash", "longdashdot")
Curve = tuple[np.ndarray, np.ndarray, np.ndarray]  # shares, deletion, insertion


def deletion_insertion(
    lines: Mapping[str, Curve], name: str, height: int = 400, parts: str = "patches", first: str = "brightest"
) -> go.Figure:
    """{title: (shares, deletion, insertion)} in two panels with one scale.

    name: of the answer; parts: what goes and comes back; first: which of them go first.
    """
    titles = ("Deletion", "Insertion")
    figure = make_subplots(cols=2, shared_yaxes=True, horizontal_spacing=0.1, subplot_titles=titles)
    for number, (title, (shares, *both)) in enumerate(lines.items()):
        colour = QUIET if title == "By chance" else COLOURS[number]
        for column, values in enumerate(both, 1):
            figure.add_scatter(
                x=np.asarray(shares, np.float32),
                y=np.asarray(values, np.float32),
                name=title,
                legendgroup=title,
                showlegend=column == 1,
                mode="lines+markers",
                line={"color": colour, "dash": DASHES[number], "width": 2.6},
                marker={"size": 5, "symbol": SYMBOLS[number]},
                hovertemplate=f"%{{x:.0%}} of the {parts}: %{{y:.1%}}<extra>{title}</extra>",
                row=1,
                col=column,
            )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_xaxes(title_text=f"gone, {first} first", col=1)
    figure.update_xaxes(title_text=f"come back, {first} first", col=2)
    figure.update_yaxes(tickformat=".2~p", rangemode="tozero")
    figure.update_yaxes(title_text=f"probability of “{name}”", col=1)
    dressed(figure, height)
    return legend_above(figure, titles=True).update_layout(showlegend=True)
