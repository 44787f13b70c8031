"""Charts of zero-shot transfer: each language with its interval, and accuracy against what might explain it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.figures.style import go, legend_above, make_subplots

#: Streamlit puts the theme's own categorical colours in place of these.
COLOURS = ("#000001", "#000002")
QUIET = "rgba(128, 128, 128, .8)"
APART = 0.16  # half the distance of two models' marks


@dataclass(frozen=True, slots=True)
class ModelResults:
    """One model's shares, a value for each language; NaN where there is none."""

    title: str
    zero_shot: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    inside: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Cloud:
    """One model's languages by a factor."""

    title: str
    names: tuple[str, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    said: str  # the correlation in words


def by_language(names: Sequence[str], sides: Sequence[ModelResults], chance: float, height: int) -> go.Figure:
    """Zero-shot with its 95 % interval as a filled mark, the in-language fit as a ring, chance as a line."""
    figure = go.Figure()
    for number, (colour, side) in enumerate(zip(COLOURS, sides, strict=False)):
        shift = (2 * number - 1) * APART if len(sides) > 1 else 0.0
        x = [i + shift for i in range(len(names))]
        figure.add_scatter(
            x=x,
            y=side.zero_shot,
            mode="markers",
            name=side.title,
            marker={"size": 13, "color": colour},
            error_y={
                "array": [h - s for h, s in zip(side.high, side.zero_shot, strict=True)],
                "arrayminus": [s - low for low, s in zip(side.low, side.zero_shot, strict=True)],
                "thickness": 1.5,
                "width": 4,
            },
            customdata=list(names),
            hovertemplate="%{customdata}: %{y:.0%}<extra>" + side.title + ", zero-shot</extra>",
        )
        figure.add_scatter(
            x=[one + 0.09 for one in x],
            y=side.inside,
            mode="markers",
            showlegend=False,
            marker={"size": 12, "color": colour, "symbol": "circle-open", "line": {"width": 2.5}},
            customdata=list(names),
            hovertemplate="%{customdata}: %{y:.0%}<extra>" + side.title + ", in-language</extra>",
        )
    for name, symbol in (("zero-shot, with its 95 % interval", "circle"), ("fitted in the language", "circle-open")):
        mark = {"size": 12, "color": QUIET, "symbol": symbol, "line": {"width": 2.5, "color": QUIET}}
        figure.add_scatter(x=[None], y=[None], mode="markers", name=name, marker=mark)
    figure.add_hline(y=chance, line={"color": QUIET, "width": 1.5, "dash": "dot"}, annotation_text="chance")
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=list(names), range=[-0.6, len(names) - 0.4])
    figure.update_yaxes(tickformat=".0%", range=[0, 1.04], title_text="right")
    return _plain(figure, height, below=True)


def factors(
    clouds: Sequence[tuple[str, Sequence[Cloud]]],
    curves: Sequence[tuple[str, tuple[float, ...]]],
    at: Sequence[int],
    chance: float,
    height: int,
) -> go.Figure:
    """Zero-shot accuracy against each factor, and its mean at every layer; at: the layers chosen."""
    titles = [f"<b>{title}</b>" for title, _ in clouds] + ["<b>layer</b>"] * bool(curves)
    figure = make_subplots(1, len(titles), subplot_titles=titles, horizontal_spacing=0.05, shared_yaxes=True)
    for column, (_, some) in enumerate(clouds, start=1):
        for colour, position, one in zip(COLOURS, ("top center", "bottom center"), some, strict=False):
            figure.add_scatter(
                x=one.x,
                y=one.y,
                text=one.names,
                mode="markers+text",
                textposition=position,
                textfont={"size": 13},
                marker={"size": 11, "color": colour},
                name=one.title,
                legendgroup=one.title,
                showlegend=column == 1,
                hovertemplate="%{text}: %{y:.0%}, %{x:.2f}<extra>" + one.title + "</extra>",
                row=1,
                col=column,
            )
        said = "<br>".join(one.said for one in some)
        figure.update_xaxes(title_text=said, title_font_size=13, row=1, col=column)
    for colour, (title, values), chosen in zip(COLOURS, curves, at, strict=False):
        sizes = [13 if layer == chosen else 7 for layer in range(len(values))]
        figure.add_scatter(
            x=list(range(len(values))),
            y=values,
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"size": sizes, "color": colour},
            name=title,
            legendgroup=title,
            showlegend=False,
            hovertemplate="layer %{x}: %{y:.0%}<extra>" + title + "</extra>",
            row=1,
            col=len(titles),
        )
    if curves:
        figure.update_xaxes(title_text="0 is the input embedding", title_font_size=13, dtick=1, row=1, col=len(titles))
    figure.add_hline(y=chance, line={"color": QUIET, "width": 1.5, "dash": "dot"})
    seen = [chance, *(y for _, some in clouds for one in some for y in one.y), *(y for _, c in curves for y in c)]
    figure.update_yaxes(tickformat=".0%", range=[max(0, min(seen) - 0.12), min(1.1, max(seen) + 0.12)])
    figure.update_yaxes(title_text="zero-shot, right", row=1, col=1)
    return _plain(figure, height).update_annotations(font_size=15)


def _plain(figure: go.Figure, height: int, *, below: bool = False) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 52, "r": 10, "t": 10, "b": 122 if below else 30},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
    )
    if below:
        edge = {"orientation": "h", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom"}
        return figure.update_layout(legend=edge)
    return legend_above(figure, titles=True)
