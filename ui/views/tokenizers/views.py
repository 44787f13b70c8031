"""Pieces as boxes, what phrases share, and what each language costs."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.data.labelled import NAMES, languages, shipped
from core.data.numbers import Numbers, records
from core.figures.tokenizers import Costs, costs
from core.measures.tokenizers import Tokenized, fertility, in_both, overlap, premium, shared, unknown_share
from core.models.tokenizer import reader, tokenize
from core.store.revisions import kept
from ui import saving, widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.components.pieces.view import pieces_view
from ui.views.tokenizers.controls import PAGE

HEIGHT = 432
CHART = 410


def draw_pieces(phrases: tuple[str, ...], names: tuple[str, ...], rows: list[list[Tokenized]]) -> str:
    titles = [reader(name).title for name in names]
    saving.offer("Pieces", lambda _: pieces_of(titles, rows))
    pieces_view([reader(name) for name in names], rows, key="pieces", height=HEIGHT)
    most = max(((unknown_share([c]), i, j) for i, row in enumerate(rows) for j, c in enumerate(row)), default=(0, 0, 0))
    if most[0] >= 0.1:
        title = reader(names[most[2]]).title
        share, phrase = widgets.percent(most[0]), phrases[most[1]][:30]
        return f"{share} of “{phrase}” is unknown to {title}: to that model it says nothing."
    worst = max(((fertility([c]), i, j) for i, row in enumerate(rows) for j, c in enumerate(row)))
    return f"{reader(names[worst[2]]).title} takes most: {worst[0]:.2g} pieces a word in “{phrases[worst[1]][:30]}”."


def pieces_of(titles: list[str], rows: list[list[Tokenized]]) -> Numbers:
    """A row for each piece of each text in each tokenizer."""
    return records(
        {"text": cut.text, "tokenizer": title, "place": place, "piece": piece.text, "id": piece.id, "word": piece.word}
        | {"special": piece.special, "unknown": piece.unknown}
        for row in rows
        for title, cut in zip(titles, row, strict=True)
        for place, piece in enumerate(cut.pieces)
    )


def draw_shared(phrases: tuple[str, ...], names: tuple[str, ...], rows: list[list[Tokenized]]) -> str:
    """A matrix a tokenizer, and the shared pieces of the pair that was clicked."""
    columns = [[row[k] for row in rows] for k in range(len(names))]
    labels = tuple(phrase[:24] for phrase in phrases)
    panels = [
        Panel(
            reader(name).title,
            between(cuts),
            labels,
            labels,
            axes=("text", "text"),
            scale="weight",
            group="share of the pieces that both texts have",
            note=most_shared(cuts),
            pick=True,
        )
        for name, cuts in zip(names, columns, strict=True)
    ]
    cell = getattr(panels_view(panels, key=PAGE.key("shared"), height=304), "cell", None)
    if cell:
        PAGE.memory["pair"] = int(cell["row"]), int(cell["column"])
    total = np.sum([between(cuts) for cuts in columns], axis=0)
    a, b = PAGE.memory.get("pair") or (len(phrases), 0)
    if max(a, b) >= len(phrases):  # nothing was clicked, or other texts came: those with most in common
        a, b = sorted(int(i) for i in np.unravel_index(total.argmax(), total.shape))
        b = b or min(1, len(phrases) - 1)
    lines = []
    for name, cuts in zip(names, columns, strict=True):
        common = " · ".join(in_both(cuts[a], cuts[b])) or "none"
        lines.append(f"<tr><td>{escape(reader(name).title)}</td><td><code dir='auto'>{escape(common)}</code></td></tr>")
    head = f"<tr><th>tokenizer</th><th>pieces of both “{escape(phrases[a])}” and “{escape(phrases[b])}”</th></tr>"
    st.html(f'<table class="gaze-numbers">{head}{"".join(lines)}</table>')
    return ""


def between(cuts: list[Tokenized]) -> np.ndarray:
    """The overlap of each text with the others: what it shares with itself tells nothing, and would set the scale."""
    found = overlap(cuts)
    np.fill_diagonal(found, 0)
    return found


def most_shared(cuts: list[Tokenized]) -> str:
    """The two texts with most pieces in common, in words."""
    counts = shared(cuts)
    pairs = [(int(counts[i, j]), i, j) for i in range(len(cuts)) for j in range(i + 1, len(cuts))]
    most = max(pairs, default=(0, 0, 0))
    return f"most: {most[0]} between texts {most[1] + 1} and {most[2] + 1}" if most[0] else "no two texts share a piece"


@kept
def by_language(name: str) -> Costs:
    """What each language of the shipped sentences costs a tokenizer."""
    sentences = shipped("topics")
    every = {
        code: [tokenize(name, one.text) for one in sentences if one.language == code] for code in languages(sentences)
    }
    return Costs(
        reader(name).title,
        tuple(fertility(cuts) for cuts in every.values()),
        tuple(premium(cuts, every["en"]) for cuts in every.values()),
        tuple(unknown_share(cuts) for cuts in every.values()),
    )


def draw_languages(phrases: tuple[str, ...], names: tuple[str, ...], rows: list[list[Tokenized]]) -> str:
    some = [by_language(name) for name in names]
    codes = languages(shipped("topics"))
    widgets.chart(costs([NAMES[code] for code in codes], some, CHART), "costs", panels=True)
    lost = [(share, codes[i], one.title) for one in some for i, share in enumerate(one.unknown)]
    share, code, title = max(lost)
    if share >= 0.01:
        return f"{widgets.percent(share)} of the {NAMES[code]} pieces are unknown to {title}."
    dear = max((value, code, one.title) for one in some for value, code in zip(one.premium, codes, strict=True))
    return f"{dear[2]} needs {dear[0]:.2g} times as many pieces for {NAMES[dear[1]]} as for English."


DRAW = {"Pieces": draw_pieces, "Shared": draw_shared, "Languages": draw_languages}
