"""Curves of positions: by distance, by dimension, and one turning pair with the wavelengths of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.figures.style import go, make_subplots

#: Streamlit puts the theme's own categorical colours in place of these.
PLACES = tuple(f"#{number:06d}" for number in range(1, 11))
#: In this order lines that follow each other differ, and the first ones are bright on dark and dark on light.
COLOURS = tuple(PLACES[place] for place in (0, 3, 5, 6, 4, 9, 8, 1, 7, 2))
#: What the marks under a curve add: a grey that is seen on light and dark.
QUIET = "rgba(128, 128, 128, .55)"
MARGIN = {"l": 44, "r": 12, "t": 34, "b": 40}


@dataclass(frozen=True, slots=True, eq=False)
class CurvePanel:
    """Lines over one axis."""

    title: str
    along: np.ndarray  # [point]
    lines: dict[str, np.ndarray]  # name -> [point]
    axes: tuple[str, str] = ("position", "value")


def _dressed(figure: go.Figure, height: int, *, legend: bool = True) -> go.Figure:
    figure.update_layout(
        height=height,
        margin=MARGIN,
        showlegend=legend,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": -0.2},
        hovermode="closest",
    )
    figure.update_annotations(font_size=15)
    return figure


def curves(side: CurvePanel, height: int) -> go.Figure:
    """The lines of one side, named below."""
    figure = go.Figure()
    for colour, (name, values) in zip(COLOURS, side.lines.items(), strict=False):
        line = {"color": colour, "width": 2}
        figure.add_scatter(x=side.along, y=values.astype(np.float32), name=name, line=line, mode="lines")
    figure.update_xaxes(title_text=side.axes[0])
    figure.update_yaxes(title_text=side.axes[1])
    return _dressed(figure, height).update_layout(
        title={"text": side.title, "x": 0.5, "xanchor": "center", "font": {"size": 15}}
    )


def by_distance(sides: list[tuple[str, np.ndarray, np.ndarray, np.ndarray, np.ndarray]], height: int) -> go.Figure:
    """(title, distance, least, mean, greatest) of each side, one above the other.

    Where least and greatest part, the distance does not tell all.
    """
    figure = make_subplots(len(sides), 1, subplot_titles=[f"<b>{side[0]}</b>" for side in sides], vertical_spacing=0.2)
    for row, (_, offsets, least, mean, greatest) in enumerate(sides, start=1):
        for values, width, colour, name in (
            (least, 1, QUIET, "least"),
            (greatest, 1, QUIET, "greatest"),
            (mean, 2.5, COLOURS[0], "mean"),
        ):
            line = {"width": width, "color": colour}
            figure.add_scatter(
                x=offsets, y=values.astype(np.float32), name=name, line=line, mode="lines", row=row, col=1
            )
    figure.update_xaxes(title_text="distance: key minus query", row=len(sides), col=1)
    return _dressed(figure, height, legend=False)


def rotation(
    pair: int, start: int, k: int, frequencies: np.ndarray, query: np.ndarray, key: np.ndarray, height: int
) -> go.Figure:
    """One pair of a sinusoid at positions p and p + k; a query at p and a key at p + k as RoPE turns that pair.

    frequencies: [d/2]; query, key: unit vectors [2] before they are turned.
    """
    titles = [f"<b>{title}</b>" for title in ("Sinusoid at p and p + k", "RoPE: q at p, k at p + k")]
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.07)
    angle, turn = start * frequencies[pair], k * frequencies[pair]
    around = np.linspace(0, 2 * np.pi, 90)
    for column in (1, 2):
        figure.add_scatter(
            x=np.cos(around), y=np.sin(around), mode="lines", line={"color": QUIET, "width": 1},
            hoverinfo="skip", row=1, col=column,
        )  # fmt: skip
        bare = {
            "range": [-1.45, 1.45],
            "constrain": "domain",
            "showgrid": False,
            "zeroline": False,
            "showticklabels": False,
        }
        figure.update_xaxes(**bare, row=1, col=column)
        figure.update_yaxes(**bare, scaleanchor=f"x{column if column > 1 else ''}", row=1, col=column)
    # Sine up, cosine to the right: the pair of position p lies at the angle p times its frequency.
    _arrow(figure, 1, angle, COLOURS[0], "p")
    _arrow(figure, 1, angle + turn, COLOURS[1], "p + k")
    _arc(figure, 1, angle, turn)
    at_query, at_key = (np.arctan2(v[1], v[0]) for v in (query, key))
    _arrow(figure, 2, at_query + angle, COLOURS[0], "q")
    _arrow(figure, 2, at_key + angle + turn, COLOURS[1], "k")
    figure.update_xaxes(title_text="cosine", row=1, col=1)
    figure.update_yaxes(title_text="sine", row=1, col=1)
    return _dressed(figure, height, legend=False)


def waves(pair: int, frequencies: np.ndarray, height: int) -> go.Figure:
    """Positions that each pair needs for a full turn, on a logarithmic axis; one pair marked."""
    lengths = (2 * np.pi / frequencies).astype(np.float32)
    figure = go.Figure()
    line, marked = {"color": COLOURS[0], "width": 2}, {"color": COLOURS[1], "size": 12}
    figure.add_scatter(x=np.arange(len(lengths)), y=lengths, mode="lines", line=line, name="wavelength")
    figure.add_scatter(x=[pair], y=[lengths[pair]], mode="markers", marker=marked, name="this pair")
    figure.update_yaxes(type="log", dtick=1, title_text="positions a turn")
    figure.update_xaxes(title_text="pair")
    title = {"text": "Wavelength of every pair", "x": 0.5, "xanchor": "center", "font": {"size": 15}}
    return _dressed(figure, height, legend=False).update_layout(title=title)


def _arrow(figure: go.Figure, column: int, angle: float, colour: str, name: str) -> None:
    x, y = float(np.cos(angle)), float(np.sin(angle))
    figure.add_scatter(
        x=[0, x], y=[0, y], mode="lines+markers+text", line={"color": colour, "width": 3},
        marker={"size": [0, 9], "color": colour}, text=["", name], textposition=_beside(x, y),
        textfont={"size": 14}, name=name, row=1, col=column,
    )  # fmt: skip


def _beside(x: float, y: float) -> str:
    """Where a name stands beside the end of an arrow, away from the centre."""
    return f"{'top' if y >= 0 else 'bottom'} {'right' if x >= 0 else 'left'}"


def _arc(figure: go.Figure, column: int, start: float, turn: float) -> None:
    """The way between two arrows, at most a few turns of it."""
    steps = np.linspace(start, start + np.clip(turn, -20 * np.pi, 20 * np.pi), 240)
    far = 0.28 + 0.2 * np.linspace(0, 1, len(steps))
    figure.add_scatter(
        x=far * np.cos(steps), y=far * np.sin(steps), mode="lines", line={"color": COLOURS[1], "width": 1.5},
        hoverinfo="skip", row=1, col=column,
    )  # fmt: skip
