"""Deletion and insertion side by side: what becomes of a class as patches go, in the order of several maps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.figures.style import COLOURS, QUIET, SYMBOLS, dressed, go, make_subplots

#: Each line's own form too, for those who do not tell colours apart.
DASHES = ("dot", "dash", "solid", "dashdot")
Curve = tuple[np.ndarray, np.ndarray, np.ndarray]  # shares, deletion, insertion


def deletion_insertion(lines: Mapping[str, Curve], name: str, height: int = 400) -> go.Figure:
    """{title: (shares, deletion, insertion)} in two panels with one scale; name: of the class."""
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
                hovertemplate="%{x:.0%} of the patches: %{y:.1%}<extra>" + title + "</extra>",
                row=1,
                col=column,
            )
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_xaxes(title_text="gone, brightest first", col=1)
    figure.update_xaxes(title_text="come back, brightest first", col=2)
    figure.update_yaxes(tickformat=".2~p", rangemode="tozero")
    figure.update_yaxes(title_text=f"probability of “{name}”", col=1)
    dressed(figure, height)
    figure.update_annotations(font_size=15)
    return figure.update_layout(legend={"orientation": "h", "y": 1.1, "yanchor": "bottom"}, showlegend=True)
