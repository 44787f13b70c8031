"""Order: shuffle the words and, without positions, the map is re-indexed; shuffle (K, V) and nothing changes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses.by_hand import WIDTH
from core.measures.inside import Layer, embedded, layer, made_up
from ui import widgets
from ui.components.grid.view import Grid, Step, grid_payload, grid_view
from ui.views.inside.common import PAGE, sentence_box, typed_words

EXACT = 1e-12  # sums in another order differ in the sixteenth digit


def draw() -> None:
    """The map before and after a shuffle, and put back into the old order."""
    row = st.container(key="choose").columns([4.4, 1.8, 1.4, 4.4], vertical_alignment="center", gap="medium")
    text = sentence_box(row[0])
    positions = widgets.toggle(PAGE, row[1], "Positions", "positions")
    row[2].button("Shuffle", on_click=shuffle, icon=":material/shuffle:", key=PAGE.key("shuffle"), width="stretch")
    words = typed_words(text)
    payload, apart, kept = shuffled(words, PAGE.memory.setdefault("shuffle", 1), positions=positions)
    row[3].html(f'<div class="gaze-output">{summary(apart, kept, len(words))}</div>')
    grid_view(payload, key=PAGE.key("order"), height=320)


def summary(apart: float, kept: float, count: int) -> str:
    if count == 1:
        return "One word has one order: it attends to itself with weight 1."
    same = "0 (to 12 digits): re-indexed, nothing else" if apart < EXACT else f"{apart:.2f}: the words’ places matter"
    return f"Put back, the largest difference is <b>{same}</b><br><small>(K, V) shuffled: {digits(kept)}</small>"


def digits(value: float) -> str:
    return "output unchanged" if value < EXACT else f"output changed by {value:.2f}"


def shuffle() -> None:
    PAGE.memory["shuffle"] = PAGE.memory.get("shuffle", 0) + 1


def permuted(count: int, seed: int) -> np.ndarray:
    """An order that is not the one before, where there is another."""
    order = np.random.default_rng(seed).permutation(count)
    return np.roll(order, 1) if (order == np.arange(count)).all() else order


def worked(words: tuple[str, ...], memory: np.ndarray | None = None, *, positions: bool) -> Layer:
    q, k, v, o = (made_up(WIDTH, seed) for seed in range(1, 5))
    return layer(embedded(words, WIDTH, positions=positions), (q, k, v, o), 1, memory)


@lru_cache(maxsize=64)
def shuffled(words: tuple[str, ...], seed: int, *, positions: bool) -> tuple[bytes, float, float]:
    """(board, largest difference of the map put back, of the output with K and V shuffled together)."""
    order = permuted(len(words), seed)
    moved = tuple(words[i] for i in order)
    before, after = worked(words, positions=positions), worked(moved, positions=positions)
    back = np.argsort(order)
    returned = after.weights[0][np.ix_(back, back)]
    memory = embedded(words, WIDTH, positions=positions)[order]
    turned = worked(words, positions=positions, memory=memory)
    apart = float(np.abs(returned - before.weights[0]).max())
    kept = float(np.abs(turned.output - before.output).max())
    whole = tuple(str(i + 1) for i in range(WIDTH))
    grids = (
        Grid("A", before.weights[0], words, words, "as you typed it", shade="share"),
        Grid("A′", after.weights[0], moved, moved, "the words shuffled", shade="share"),
        Grid("A′ put back", returned, words, words, "the same rows and columns as before", shade="share"),
        Grid("A″", turned.weights[0], words, moved, "only (K, V) shuffled", shade="share"),
        Grid("Z", before.output, words, whole, "output as you typed it", unit="Z"),
        Grid("Z″", turned.output, words, whole, "output with (K, V) shuffled", unit="Z"),
    )
    steps = (
        Step(
            "Words shuffled",
            "",
            "Equivariant: without positions a shuffle of the words shuffles rows and columns alike.",
            ("A", "→", "A′", "→", "A′ put back"),
        ),
        Step(
            "Only (K, V) shuffled",
            "",
            "A sum does not care for the order of its terms: the output stays.",
            ("A″", "Z", "=", "Z″"),
        ),
    )
    return grid_payload(grids, steps, (min(1, len(words) - 1), min(2, len(words) - 1))), apart, kept
