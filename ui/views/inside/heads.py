"""One head against eight, and what is lost when heads are averaged; by hand and in a model."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.measures.inside import embedded, entropy, layer, made_up
from core.requests import TextRequest
from core.store.revisions import kept
from ui import state, widgets
from ui.components.grid.view import Grid, Step, grid_payload, grid_view
from ui.views.inside.common import MADE_UP, PAGE, sentence_box, typed_words

WIDTH, HEADS = 64, 8
MOST_CELL, TALL = 24, 150  # pixels: all heads on one screen


def by_hand() -> None:
    """The same X of 64 numbers a word through one head of 64 and through eight of 8."""
    row = st.container(key="choose").columns([4, 6], vertical_alignment="center", gap="medium")
    payload, line = eight(typed_words(sentence_box(row[0])))
    row[1].html(f'<div class="gaze-output">{widgets.provenance_badge(*MADE_UP)} {line}</div>')
    grid_view(payload, key=PAGE.key("eight"), height=300)


@lru_cache(maxsize=32)
def eight(words: tuple[str, ...]) -> tuple[bytes, str]:
    x = embedded(words, WIDTH, positions=True)
    q, k, v, o = (made_up(WIDTH, seed, decimals=6) for seed in range(11, 15))
    one, many = (layer(x, (q, k, v, o), heads).weights for heads in (1, HEADS))
    return board(many, words, words, ("one head of 64", one[0])), summary(many)


def in_a_model() -> None:
    """All heads of a layer, and their average."""
    from ui.views.inside import in_model  # torch comes with it

    room = in_model.controls([4.4, 3, 1.8, 1.5])
    line = st.empty()

    request = in_model.chosen_text(room[:2])
    kind, at = in_model.chosen_layer(room[2:4], request)
    payload, facts = of_layer(request, kind, at)
    line.html(f'<div class="gaze-output">{widgets.badge(request.model)} {facts}</div>')
    grid_view(payload, key=PAGE.key("all_heads"), height=300)


@kept
def of_layer(request: TextRequest, kind: str, at: int) -> tuple[bytes, str]:
    attention = next(a for a in state.answered(request).attentions if a.kind == kind)
    rows, columns = (tuple(t.text for t in tokens) for tokens in (attention.queries, attention.keys))
    weights = np.asarray(attention.weights[at], dtype=np.float64)
    return board(weights, rows, columns), summary(weights)


def board(
    weights: np.ndarray,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    more: tuple[str, np.ndarray] | None = None,
) -> bytes:
    """Every head, their average, and perhaps one map more."""
    named = [(f"head {i + 1}", one) for i, one in enumerate(weights)] + [("average", weights.mean(axis=0))]
    named += [more] if more else []
    grids = tuple(Grid(name, values, rows, columns, shade="share") for name, values in named)
    cell = max(5, min(MOST_CELL, TALL // len(rows)))
    return grid_payload(grids, (Step("", "", "", tuple(name for name, _ in named), cell=cell),), (0, 0))


def summary(weights: np.ndarray) -> str:
    apart, together = float(entropy(weights).mean()), float(entropy(weights.mean(axis=0)).mean())
    return f"A row has {apart:.2f} bits in a head, {together:.2f} in the average of {len(weights)}."
