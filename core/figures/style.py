"""The style of all charts: plotly as they use it, colours, marks and letters that the back row reads."""

from __future__ import annotations

import pandas  # noqa: F401  plotly looks whether it is loaded, and stumbles while another thread is loading it
import plotly.graph_objects as go
from plotly.subplots import make_subplots

__all__ = [
    "BELOW", "COLOURS", "FONT", "QUIET", "RING", "SYMBOLS", "dressed", "go", "legend_above", "make_subplots",
]  # fmt: skip


#: Streamlit puts the theme's own categorical colours in place of these.
COLOURS = tuple(f"#{number:06d}" for number in range(1, 11))
QUIET = "rgba(128, 128, 128, .8)"
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "triangle-down", "hexagon", "x")
FONT = 14
RING = {"size": 18, "color": "rgba(0,0,0,0)", "line": {"width": 3, "color": "#b85c00"}}
BELOW = {"orientation": "h", "y": -0.22, "yanchor": "top"}


def dressed(figure: go.Figure, height: int) -> go.Figure:
    """Clear ground, room for the axes, letters that the back row reads."""
    figure.update_layout(
        height=height,
        margin={"l": 10, "r": 10, "t": 34, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
        legend={"font": {"size": FONT - 1}},
    )
    figure.update_xaxes(title_font_size=FONT, tickfont_size=FONT - 1, automargin=True)
    figure.update_yaxes(title_font_size=FONT, tickfont_size=FONT - 1, automargin=True)
    figure.update_annotations(font_size=15)
    return figure


def legend_above(figure: go.Figure, *, titles: bool = False) -> go.Figure:
    """A legend of up to two lines at the figure's upper edge; titles: its parts have some, and they stand below it.

    Measured from the edge: given as a share of a picture that is low on some screens, it would lie on the titles.
    """
    edge = {"orientation": "h", "x": 0, "yref": "container", "y": 1, "yanchor": "top"}
    return figure.update_layout(legend=edge, margin_t=78 if titles else 50)
