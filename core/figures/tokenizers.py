"""Bars of what each language costs each tokenizer: pieces per word, and pieces for what English says in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.style import go, make_subplots

#: Streamlit puts the theme's own categorical colours in place of these.
COLOURS = ("#000001", "#000002", "#000003", "#000004", "#000005", "#000006")
QUIET = "rgba(128, 128, 128, .8)"


@dataclass(frozen=True, slots=True)
class Costs:
    """One tokenizer's numbers, a value for each language."""

    title: str
    fertility: tuple[float, ...]  # pieces per word
    premium: tuple[float, ...]  # pieces for what English says in one
    unknown: tuple[float, ...]  # share of pieces


def costs(languages: Sequence[str], some: Sequence[Costs], height: int) -> go.Figure:
    """Two groups of bars, a colour a tokenizer; the line is one piece a word, and English."""
    titles = ("pieces per word", "pieces for what English says in one")
    figure = make_subplots(1, 2, subplot_titles=[f"<b>{title}</b>" for title in titles], horizontal_spacing=0.06)
    for colour, one in zip(COLOURS, some, strict=False):
        for column, values in ((1, one.fertility), (2, one.premium)):
            figure.add_bar(
                x=list(languages),
                y=[round(value, 3) for value in values],
                name=one.title,
                legendgroup=one.title,
                showlegend=column == 1,
                marker_color=colour,
                customdata=[f"{share:.1%}".replace("%", " %") for share in one.unknown],
                hovertemplate="%{x}: %{y:.2f}<br>%{customdata} unknown<extra>" + one.title + "</extra>",
                row=1,
                col=column,
            )
    figure.add_hline(y=1, line={"color": QUIET, "width": 1.5, "dash": "dot"})
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(
        height=height,
        margin={"l": 36, "r": 10, "t": 44, "b": 30},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": -0.12},
        bargap=0.28,
    )
    return figure.update_annotations(font_size=15)
