"""Why sqrt(d): three words' scores to edit, and what happens to random queries and keys of any width."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses.by_hand import Edits, with_edit
from core.figures.inside import scaling
from core.measures.inside import Draws, draws, entropy, gradient, softmax
from core.types import Refused
from ui import widgets
from ui.components.grid.view import Grid, Rule, Step, edited_value, grid_payload, grid_view
from ui.views.inside.common import PAGE

WIDTHS = tuple(2**i for i in range(11))
WORDS = ("the", "cat", "sat")
SCORES = ((8.0, 4.0, 1.0), (2.0, 16.0, 6.0), (3.0, 12.0, 5.0))


def draw() -> None:
    """Scores of three words above, random scores below; one width for both."""
    left, middle, right, end = st.container(key="choose").columns(
        [4, 2.2, 3, 1.1], vertical_alignment="center", gap="medium"
    )
    d = widgets.stops(PAGE, left, "Width d", "d", WIDTHS, 64, format_func="d = {:,}".format)
    divide = widgets.toggle(PAGE, middle, "÷ √d", "divide", begin=True)
    row = widgets.choice(PAGE, right, "Gradient of the row", "row", WORDS, "cat", format_func="J of “{}”".format)
    edits = PAGE.memory.setdefault("scores", ())
    end.button("Reset", on_click=reset, disabled=not edits, key=PAGE.key("reset scores"), width="stretch")
    payload = three(edits, d if divide else 1, WORDS.index(row))
    grid_view(payload, key=PAGE.key("scores"), height=200, on_edit=take_edit)
    raw, scaled = facts(WIDTHS)
    at = WIDTHS.index(d)
    st.html(f'<div class="gaze-output">{summary(raw[at], scaled[at], d)}</div>')
    widgets.chart(scaling(WIDTHS, raw, scaled, at), "scaling", panels=True)


def summary(raw: Draws, scaled: Draws, d: int) -> str:
    badge = widgets.provenance_badge("random", "4,000 draws of 10 keys")
    if d == 1:
        return f"{badge} √1 = 1: with one number a word there is nothing to divide."
    return (
        f"{badge} d = {d:,}: greatest weight {raw.greatest:.2f}, divided {scaled.greatest:.2f}; "
        f"entropy {raw.entropy:.2f} and {scaled.entropy:.2f} bits; "
        f"gradient {raw.passed_on:.2f} and {scaled.passed_on:.2f}."
    )


@lru_cache(maxsize=2)
def facts(widths: tuple[int, ...]) -> tuple[tuple[Draws, ...], tuple[Draws, ...]]:
    """Draws at every width, not divided and divided."""
    return tuple(draws(d, scaled=False) for d in widths), tuple(draws(d, scaled=True) for d in widths)


@lru_cache(maxsize=64)
def three(edits: Edits, d: int, row: int) -> bytes:
    """S, S divided, A, and the Jacobian of one row."""
    scores = np.array(SCORES)
    for _, i, j, value in edits:
        scores[i, j] = value
    scaled = scores / np.sqrt(d)
    weights = softmax(scaled)
    bits = ", ".join(f"{b:.2f}" for b in entropy(weights))
    grids = (
        Grid("S", scores, WORDS, WORDS, "type your own scores", edit="number", unit="S"),
        Grid("S′", scaled, WORDS, WORDS, f"S ÷ √{d} = S ÷ {np.sqrt(d):.3g}" if d > 1 else "S as it is", unit="S"),
        Grid("A", weights, WORDS, WORDS, f"entropy {bits} bits", shade="share"),
        Grid("J", gradient(weights[row]), WORDS, WORDS, f"∂A[{WORDS[row]}, row] ÷ ∂S′[{WORDS[row]}, column]"),
    )
    step = Step("", "", "", ("S", "→", "S′", "→", "A", "→", "J"), Rule("softmax", ("S′",), "A"))
    return grid_payload(grids, (step,), (1, 1))


def reset() -> None:
    PAGE.memory["scores"] = ()


def take_edit() -> None:
    message = PAGE["scores"].edit
    if not message or message.get("grid") != "S":
        return
    row, column = int(message["row"]), int(message["column"])
    if not (0 <= row < 3 and 0 <= column < 3):
        return
    try:
        PAGE.memory["scores"] = with_edit(PAGE.memory["scores"], "S", row, column, edited_value(message))
    except Refused:
        return  # the board says so itself, where the cell is
