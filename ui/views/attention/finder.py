"""Heads by what they do: the colours of the board, the sliders that choose heads, the models to compare with."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from core.data.head_cards import CARD_MEASURES, HeadCards, KindCards
from core.data.kept_cards import shipped_file
from core.data.numbers import Numbers
from core.measures.head_patterns import PATTERNS
from core.store.shelf import SHELF
from ui import widgets
from ui.views.attention.controls import PAGE
from ui.views.attention.looked_at import HeadName, written

EDGE = "edge "  # begins the name of what a share of strongest edges is
MOST_NAMED = 6
#: Sliders over means: measure -> (label, greatest, step); the others are shares of sentences.
MEANS: dict[str, tuple[str, float, float]] = {
    "entropy": ("Entropy at most, bits", 8.0, 0.1),
    "distance": ("Distance at least, tokens", 16.0, 0.5),
    "induction": ("Induction at least, %", 100.0, 5.0),
}


def titled(name: str) -> str:
    """'strongest edge: previous token', 'mean: entropy'."""
    if name.startswith(EDGE):
        return f"strongest edge: {PATTERNS[name.removeprefix(EDGE)][0].lower()}"
    return f"mean: {CARD_MEASURES[name][0].lower()}"


def unit_of(name: str) -> str:
    """What a colour on the board is, in words."""
    if name.startswith(EDGE):
        return "share of the sentences"
    return {"entropy": "bits", "distance": "tokens"}.get(name, "mean weight")


def colour_box(room: Any, cards: HeadCards) -> str:
    """By what the board is coloured."""
    names = [EDGE + name for name in PATTERNS if any(name in one.edges for one in cards.kinds)]
    names += [name for name in CARD_MEASURES if any(name in one.means for one in cards.kinds)]
    return str(widgets.choice(PAGE, room, "Colour", "by", names, format_func=titled))


def values_of(kind: KindCards, name: str) -> np.ndarray:
    """[layer, head]; NaN where this kind of attention has no such thing."""
    some = kind.edges.get(name.removeprefix(EDGE)) if name.startswith(EDGE) else kind.means.get(name)
    return np.full((len(kind.numbers), len(kind.strongest[0])), np.nan) if some is None else some


def sliders(cards: HeadCards) -> dict[str, float]:
    """What heads must have: name -> the least share or mean (of entropy: the most); only what was moved."""
    st.caption("In at least so many % of the sentences the strongest edge is …")
    rooms = st.columns(2, gap="medium")
    wanted: dict[str, float] = {}
    for k, name in enumerate(PATTERNS):
        if not any(name in one.edges for one in cards.kinds):
            continue
        least = widgets.slider(PAGE, rooms[k % 2], PATTERNS[name][0], f"find_{name}", 0, 100, 0, step=5)
        if least:
            wanted[EDGE + name] = least / 100
    for k, (name, (label, most, step)) in enumerate(MEANS.items()):
        begin = most if name == "entropy" else 0.0
        value = widgets.slider(PAGE, rooms[k % 2], label, f"find_{name}", 0.0, most, begin, step=step)
        if value != begin:
            wanted[name] = value / 100 if name == "induction" else value
    return wanted


def fitting(cards: HeadCards, wanted: dict[str, float]) -> list[HeadName]:
    """The heads that have all that is wanted, in order of layer and head; what a kind does not have does not fit."""
    found: list[HeadName] = []
    for one in cards.kinds:
        fits = np.ones((len(one.numbers), len(one.strongest[0])), bool)
        for name, bound in wanted.items():
            values = values_of(one, name)
            with np.errstate(invalid="ignore"):
                fits &= values <= bound if name == "entropy" else values >= bound
        found += [(one.kind, one.numbers[layer], int(head)) for layer, head in np.argwhere(fits)]
    return found


def told(cards: HeadCards, wanted: dict[str, float], found: list[HeadName]) -> str:
    """How many heads fit, and the first of them by name."""
    count = sum(len(one.numbers) * len(one.strongest[0]) for one in cards.kinds)
    if not wanted:
        return f"{count} heads; click one." if count > 1 else "One head."
    named = ", ".join(written(head) for head in found[:MOST_NAMED])
    more = " …" if len(found) > MOST_NAMED else ""
    return f"{len(found)} of {count} heads fit" + (f": {named}{more}" if found else ": lower a bound.")


def numbers(cards: HeadCards) -> Numbers:
    """A row for each head: means and spreads of the measures, shares of strongest edges; empty where there is none."""
    columns: dict[str, list] = {"kind": [], "layer": [], "head": []}
    for one in cards.kinds:
        heads = len(one.strongest[0])
        columns["kind"] += [one.kind] * (len(one.numbers) * heads)
        columns["layer"] += [number + 1 for number in one.numbers for _ in range(heads)]
        columns["head"] += list(range(1, heads + 1)) * len(one.numbers)
        for name in PATTERNS:
            columns.setdefault(f"strongest edge: {name}", []).extend(values_of(one, EDGE + name).ravel().tolist())
        for name in CARD_MEASURES:
            spreads = one.spreads.get(name, values_of(one, name))
            columns.setdefault(f"mean: {name}", []).extend(values_of(one, name).ravel().tolist())
            columns.setdefault(f"spread: {name}", []).extend(spreads.ravel().tolist())
    return Numbers(columns)


@lru_cache(maxsize=16)
def models_with(language: str) -> tuple[str, ...]:
    """Built-in models whose cards over these sentences come with Gaze."""
    return tuple(name for name, card in SHELF.items() if card.sha256 and shipped_file(name, language).exists())


def other_box(room: Any, names: list[str]) -> str:
    """The model with which heads are compared; the first one that reads both ways, as an encoder does."""
    begin = next((name for name in names if SHELF[name].family == "encoder"), names[0])
    return str(widgets.choice(PAGE, room, "Compare with", "other", names, begin))
