"""How models learned: loss against steps, and scores against the length of a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.figures.style import COLOURS, SYMBOLS, dressed, go

ABOVE = {"orientation": "h", "y": 1.0, "yanchor": "bottom"}


def learned(lines: Mapping[str, Sequence[Sequence[float]]], height: int = 340) -> go.Figure:
    """{name: (step, loss), ...} as curves."""
    figure = go.Figure()
    for number, (name, points) in enumerate(lines.items()):
        figure.add_scatter(
            x=[step for step, _ in points],
            y=[loss for _, loss in points],
            name=name,
            mode="lines",
            line={"color": COLOURS[number % len(COLOURS)], "width": 2.4},
            hovertemplate="step %{x:,}: loss %{y:.2f}<extra>" + name + "</extra>",
        )
    figure.update_xaxes(title_text="training step")
    figure.update_yaxes(title_text="loss, nats a token")
    figure.update_layout(legend=ABOVE)
    return dressed(figure, height)


def by_length(lines: Mapping[str, tuple[Sequence[str], Sequence[float], bool]], height: int = 340) -> go.Figure:
    """{name: (groups of lengths, BLEU, whether it is drawn dashed)} as curves."""
    figure = go.Figure()
    for number, (name, (groups, scores, dashed)) in enumerate(lines.items()):
        figure.add_scatter(
            x=list(groups),
            y=list(scores),
            name=name,
            mode="lines+markers",
            marker={"size": 9, "symbol": SYMBOLS[number % len(SYMBOLS)]},
            line={"color": COLOURS[number % len(COLOURS)], "width": 2.4, "dash": "dot" if dashed else "solid"},
            hovertemplate="%{x} words: BLEU %{y:.1f}<extra>" + name + "</extra>",
        )
    figure.update_xaxes(title_text="English words in the sentence", type="category")
    figure.update_yaxes(title_text="BLEU", rangemode="tozero")
    figure.update_layout(legend=ABOVE)
    return dressed(figure, height)
