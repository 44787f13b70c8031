"""Curves of the cheaper methods: what is lost against what is saved, the spectrum of a map, cost as a text grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.figures.style import BELOW, COLOURS, RING, SYMBOLS, dressed, go


def lost_and_saved(
    lines: Mapping[str, tuple[Sequence[float], Sequence[float], Sequence[str]]],
    here: tuple[float, float, str],  # cost, error, method
    height: int = 400,
) -> go.Figure:
    """{method: (cost shares, errors of the output, hover)}, the chosen one thick and ringed."""
    figure = go.Figure()
    for number, (name, (cost, error, told)) in enumerate(lines.items()):
        figure.add_scatter(
            x=np.asarray(cost, np.float32),
            y=np.asarray(error, np.float32),
            name=name,
            mode="lines+markers",
            line={"color": COLOURS[number % len(COLOURS)], "width": 4 if name == here[2] else 2},
            marker={"size": 8, "symbol": SYMBOLS[number % len(SYMBOLS)]},
            customdata=list(told),
            hovertemplate="%{customdata}<br>cost %{x:.0%} of full, output off by %{y:.0%}<extra>" + name + "</extra>",
        )
    figure.add_scatter(x=[here[0]], y=[here[1]], name="chosen", mode="markers", marker=RING, hoverinfo="skip")
    ticks = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
    figure.update_xaxes(
        title_text="multiplications, share of full attention",
        type="log",
        tickvals=ticks,
        ticktext=[f"{100 * tick:g} %" for tick in ticks],
    )
    figure.update_yaxes(title_text="error of the output", tickformat=".0%", rangemode="tozero")
    dressed(figure, height)
    return figure.update_layout(title="What is lost against what is saved", title_font_size=15, legend=BELOW)


def spectrum(kept: np.ndarray, rank: int, height: int = 400) -> go.Figure:
    """Energy kept by the first k singular values [rank]; the k that is chosen ringed, 0 for none."""
    figure = go.Figure()
    figure.add_scatter(
        x=np.arange(1, len(kept) + 1),
        y=kept.astype(np.float32),
        mode="lines",
        line={"color": COLOURS[0], "width": 2.5},
        hovertemplate="%{x} singular values keep %{y:.1%} of the energy<extra></extra>",
    )
    if rank:
        figure.add_scatter(x=[rank], y=[float(kept[rank - 1])], mode="markers", marker=RING, hoverinfo="skip")
    figure.update_xaxes(title_text="k, singular values kept")
    figure.update_yaxes(title_text="energy kept", tickformat=".0%", range=[0, 1.04])
    dressed(figure, height)
    return figure.update_layout(title="How few numbers hold this map", title_font_size=15, showlegend=False)


def growth(
    lengths: Sequence[int],
    lines: dict[str, tuple[Sequence[float | None], Sequence[float | None]]],
    chosen: str,
    unit: str,
    height: int = 400,
) -> go.Figure:
    """Log-log: {method: (measured, or None; counted)} over lengths.

    Measured points are filled, counted ones hollow; the chosen method's line is thick.
    """
    figure = go.Figure()
    for number, (name, (measured, counted)) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        filled = [value is not None for value in measured]
        figure.add_scatter(
            x=list(lengths),
            y=[c if m is None else m for m, c in zip(measured, counted, strict=True)],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 4.5 if name == chosen else 1.8},
            marker={
                "size": 9,
                "color": [colour if full else "rgba(0,0,0,0)" for full in filled],
                "line": {"color": colour, "width": 2},
                "symbol": SYMBOLS[number % len(SYMBOLS)],
            },
            customdata=["measured" if full else "counted" for full in filled],
            hovertemplate="%{x:,} tokens: %{y:.3s}, %{customdata}<extra>" + name + "</extra>",
        )
    figure.update_xaxes(type="log", tickvals=list(lengths), ticktext=[f"{n:,}" for n in lengths], title_text="tokens")
    figure.update_yaxes(type="log", tickformat="~s", dtick=1, title_text=unit)
    dressed(figure, height)
    return figure.update_layout(legend=BELOW)
