"""Curves of the picture pages: how far features follow a moved picture, and what attention costs as pictures grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.figures.style import BELOW, COLOURS, FONT, QUIET, RING, dressed, go


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One model: what its layers are called, how well their cells match, and any two cells."""

    name: str
    layers: tuple[str, ...]
    mean: np.ndarray  # [layer] cosine
    chance: np.ndarray  # [layer]
    whole: tuple[bool, ...]  # the move is one of whole cells


def carried(lines: Sequence[Line], height: int = 192) -> go.Figure:
    """Cosine of matching cells from the first layer to the last; hollow where the move is not one of whole cells."""
    figure = go.Figure()
    for number, (dash, line) in enumerate(zip(("solid", "dash"), lines, strict=False)):
        colour = COLOURS[number]
        depth = np.linspace(0, 1, len(line.layers)).astype(np.float32)
        figure.add_scatter(
            x=depth,
            y=line.mean.astype(np.float32),
            name=line.name,
            mode="lines+markers",
            line={"color": colour, "width": 3, "dash": dash},
            marker={
                "size": 10,
                "color": [colour if whole else "rgba(0,0,0,0)" for whole in line.whole],
                "line": {"color": colour, "width": 2},
            },
            customdata=line.layers,
            hovertemplate="%{customdata}: %{y:.3f}<extra>" + line.name + "</extra>",
        )
        figure.add_scatter(
            x=depth,
            y=line.chance.astype(np.float32),
            name="any two cells",
            showlegend=number == 0,
            mode="lines",
            line={"color": QUIET, "width": 1.5, "dash": dash},
            customdata=line.layers,
            hovertemplate="%{customdata}: %{y:.3f} for any two cells<extra>" + line.name + "</extra>",
        )
    low = min(float(min(line.chance.min(), line.mean.min())) for line in lines) - 0.04
    figure.update_xaxes(tickvals=[0, 1], ticktext=["first layer", "last layer"], range=[-0.04, 1.04])
    figure.update_yaxes(title_text="cosine", range=[low, 1 + 0.1 * (1 - low)])
    dressed(figure, height)
    return figure.update_layout(legend={**BELOW, "font": {"size": FONT - 1}}, margin={"l": 10, "r": 10, "t": 8, "b": 6})


def windows_cost(
    sides: Sequence[int], full: Sequence[int], windowed: Sequence[int], window: int, here: int, height: int = 330
) -> go.Figure:
    """Multiplications of one attention layer over grids of side x side patches; the grid that is shown ringed."""
    figure = go.Figure()
    rows = (("all patches", full, "solid"), (f"windows of {window} × {window}", windowed, "dash"))
    for colour, (name, values, dash) in zip(COLOURS, rows, strict=False):
        figure.add_scatter(
            x=[side**2 for side in sides],
            y=list(values),
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 3, "dash": dash},
            customdata=[f"{side} × {side}" for side in sides],
            hovertemplate="%{customdata} patches: %{y:.3s}<extra>" + name + "</extra>",
        )
        if here in sides:
            at = list(sides).index(here)
            figure.add_scatter(
                x=[here**2], y=[values[at]], mode="markers", marker=RING, hoverinfo="skip", showlegend=False
            )
    figure.update_xaxes(
        type="log", title_text="patches", tickvals=[s**2 for s in sides], ticktext=[f"{s}²" for s in sides]
    )
    figure.update_yaxes(type="log", tickformat="~s", dtick=1, title_text="multiplications")
    dressed(figure, height)
    return figure.update_layout(legend=BELOW, margin={"l": 10, "r": 10, "t": 8, "b": 10})
