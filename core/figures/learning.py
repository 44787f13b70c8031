"""Curves of runs: the loss as it falls, two runs on one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.figures.style import COLOURS, dressed, go

ABOVE = {"orientation": "h", "y": 1.0, "yanchor": "bottom"}
DASHES = ("solid", "dash", "dot", "dashdot")


def curves(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    across: str,
    down: str,
    height: int,
    *,
    share: bool = False,
) -> go.Figure:
    """{name: (x, y)}; share: y is a share, shown as percent from 0 to 100."""
    figure = go.Figure()
    for number, (name, (x, y)) in enumerate(lines.items()):
        figure.add_scatter(
            x=list(x),
            y=list(y),
            name=name,
            mode="lines",
            line={"color": COLOURS[number % len(COLOURS)], "width": 2.6, "dash": DASHES[number % len(DASHES)]},
            hovertemplate=f"%{{x:.3~g}}: %{{y:{'.0%' if share else '.3f'}}}<extra>{name}</extra>",
        )
    figure.update_xaxes(title_text=across, rangemode="tozero")
    figure.update_yaxes(title_text=down, rangemode="tozero")
    if share:
        figure.update_yaxes(tickformat=".0%", range=[0, 1.04])
    return dressed(figure, height).update_layout(showlegend=len(lines) > 1, legend=ABOVE)
