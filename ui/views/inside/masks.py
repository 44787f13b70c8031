"""Masks: who may see whom, chosen or drawn by hand, and what the softmax makes of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.measures.inside import MASKS, allowed, as_added, attend, embedded, made_up
from core.types import Refused
from ui import widgets
from ui.components.grid.view import Grid, Step, edited_value, grid_payload, grid_view
from ui.views.inside.common import PAGE

WORDS = ("The", "cat", "sat", "on", "the", "mat", "because", "it", "was", "tired")
DRAWN = "drawn by hand"
LONG = 512  # words of the long text that the share of pairs is counted for, too
Seen = tuple[tuple[bool, ...], ...]


def draw() -> None:
    """A mask to choose or to draw, and the weights under it."""
    row = st.container(key="choose").columns([3, 3, 5], vertical_alignment="center", gap="medium")
    kinds = [*MASKS, DRAWN]
    kind = widgets.choice(PAGE, row[0], "Mask", "masked", kinds, kinds[3])
    sizes = more_options(kind, row[1])
    seen = PAGE.memory.get("drawn") if kind == DRAWN else None
    if seen is None:
        seen = as_tuple(allowed(kind if kind in MASKS else "none", len(WORDS), **sizes))
    PAGE.memory["mask on the board"] = seen
    row[2].html(f'<div class="gaze-output">{summary(kind, seen, sizes)}</div>')
    good, payload = PAGE.ask_or_last_good(lambda: seen, masked, lambda: as_tuple(allowed("none", len(WORDS))), "mask")
    if good != seen:
        payload = masked(good, seen)
    grid_view(payload, key=PAGE.key("masking"), height=400, on_edit=take_edit)


def more_options(kind: str, room) -> dict[str, int]:
    """The one number that a kind of mask has."""
    sliders = {
        "padding": ("padding", "Words of padding", 1, 9, 3),
        "local": ("window", "Neighbours to each side", 0, 9, 2),
        "strided": ("stride", "Every so many words", 1, 9, 3),
        "local + global": ("first", "Global words", 0, 9, 1),
    }
    if kind not in sliders:
        return {}
    name, title, least, most, value = sliders[kind]
    return {name: int(widgets.slider(PAGE, room, title, name, least, most, value))}


def summary(kind: str | None, seen: Seen, sizes: dict[str, int]) -> str:
    pairs = int(np.sum(seen))
    text = f"{pairs} of {len(WORDS) ** 2} pairs seen"
    if kind in MASKS:
        text += (
            f"; of {LONG} words {widgets.percent(allowed(kind, LONG, **sizes).mean())}<br><small>{MASKS[kind]}</small>"
        )
    return text


@lru_cache(maxsize=128)
def masked(seen: Seen, shown: Seen | None = None) -> bytes:
    """M and the weights under it; shown: the mask to draw where that one cannot be used."""
    x = embedded(WORDS, 16, positions=True)
    query, key = (made_up(16, seed)(x) for seed in (1, 2))
    found = attend(query, key, x, added=as_added(np.array(seen)))
    note = "the last mask that worked" if shown else "every row sums to 1"
    grids = (
        Grid("M", as_added(np.array(shown or seen)), WORDS, WORDS, "0 seen, −∞ hidden", edit="switch"),
        Grid("A", found.weights, WORDS, WORDS, note, shade="share"),
    )
    step = Step(
        "",
        "A = softmax(S′ + M)",
        "Rows attend to columns. Click cells of M to draw a mask of your own.",
        ("M", "→", "A"),
    )
    return grid_payload(grids, (step,), (2, 1))


def as_tuple(seen: np.ndarray) -> Seen:
    return tuple(tuple(bool(cell) for cell in row) for row in seen)


def take_edit() -> None:
    """A cell was switched: the mask is drawn by hand from now on, beginning with the one on the board."""
    message = PAGE["masking"].edit
    if not message or message.get("grid") != "M":
        return
    try:
        value = edited_value(message)
    except Refused:
        return
    seen = np.array(PAGE.memory["mask on the board"])
    row, column = int(message["row"]), int(message["column"])
    if 0 <= row < len(WORDS) and 0 <= column < len(WORDS):
        seen[row, column] = value == 0
        PAGE.memory["drawn"] = as_tuple(seen)
        PAGE["masked"] = DRAWN
