"""Where a head comes from, and which method it is tried with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses import scaling
from core.analyses.efficient import OfHand, OfNoise, Source, sizes
from core.analyses.scaling import UNITS
from core.data.examples import FIRST
from core.engine import ask
from core.measures import efficient
from core.measures.efficient import METHODS, HeadInputs, MethodSettings
from core.requests import HeadRequest, QueriesRequest, TextRequest
from ui import jobs, widgets
from ui.session import Session

FAMILIES = ("encoder-decoder", "encoder", "decoder")
TEXT = (
    "The children were playing in the garden when it began to rain, "
    "so they ran into the house and their mother gave them a cup of hot tea."
)
BEGIN = HeadRequest(TextRequest(FIRST.model, TEXT, language="fr"), "encoder", 1, 2)
WORDS = ("The", "cat", "chased", "a", "mouse")
HAND_WIDTH = 4
FEW = 10  # tokens
VIEWS = ("Maps", "Lost and saved", "Growth")
SOURCES = ("In a model", "By hand", "Noise")
SLIDERS = {"window": "Window, to each side", "stride": "Stride s", "rank": "k"}
CAREFUL = (
    "The head was trained with full attention and never met the cheaper one; a model trained with it adapts. "
    "So the error is of this head, not of the idea."
)
B = scaling.BOUNDS
PAGE = Session("efficient")


def typed(seed: int = 3) -> dict[str, np.ndarray]:
    """Small numbers to begin with, for somebody to change."""
    drawn = np.random.default_rng(seed).normal(size=(3, len(WORDS), HAND_WIDTH)).round(1).astype(np.float32)
    return dict(zip("QKV", drawn, strict=True))


def choose_source() -> tuple[Source, str, DeltaGenerator]:
    """Where the head comes from, which view is wanted, and the room for a line."""
    top = st.container()
    bar = st.container(key="bar").columns([4, 4.2, 4], vertical_alignment="center", gap="small")
    of = widgets.segments(PAGE, bar[0], "Source", "of", SOURCES)
    view = widgets.segments(PAGE, bar[1], "View", "view", VIEWS)
    line = bar[2].empty()
    if of == "By hand":
        return hand_source(), view, line
    if of == "Noise":
        left, right, _ = top.columns([3, 3, 5], gap="medium")
        n = widgets.stops(PAGE, left, "Tokens", "n", (8, 16, 32, 64, 128, 256, 512), 64)
        d = widgets.stops(PAGE, right, "Width d", "d", (1, 4, 8, 16, 32, 64), 32)
        return OfNoise(n, d), view, line
    with top:
        return model_source(), view, line


def hand_source() -> OfHand:
    """The numbers that stand on the boards."""
    cells = PAGE.memory.setdefault("cells", typed())
    rows = {name: tuple(tuple(float(cell) for cell in row) for row in values) for name, values in cells.items()}
    causal = widgets.toggle(PAGE, st, "Causal: a row sees no later word", "causal")
    return OfHand(WORDS, rows["Q"], rows["K"], rows["V"], causal)


def model_source() -> Source:
    """A text, a model, and one of its heads; what cannot be had gives advice, and the last good head stays."""
    row = st.container(key="choose").columns([5, 2.5, 1.5, 1.35, 1.35], vertical_alignment="bottom", gap="small")
    text = widgets.text_box(PAGE, row[0], "Text", "text", TEXT, live="400ms")
    model = widgets.model_box(PAGE, row[1], FAMILIES, FIRST.model)
    room = st.empty()

    def answer(request: TextRequest) -> dict[str, tuple[int, int]]:
        with jobs.asking(PAGE, room, request.model, FIRST.model) as job:
            ask(QueriesRequest(request), job.progress)
        return sizes(request)

    make = lambda: TextRequest(model, text, language=first_language(model))  # noqa: E731
    request, there = PAGE.ask_or_last_good(make, answer, lambda: BEGIN.text, "text")
    return HeadRequest(request, *pick_head(row[2:], there))


def first_language(model: str) -> str:
    card = widgets.card_of(model)
    return card.languages[0] if card and card.languages else ""


def pick_head(rooms, there: dict[str, tuple[int, int]]) -> tuple[str, int, int]:
    """Kind, layer and head, those that the model has."""
    kinds = list(there)
    kind = widgets.choice(PAGE, rooms[0], "Kind", "kind", kinds)
    layers, heads = there[kind]
    found = []
    for room, name, most, first in ((rooms[1], "layer", layers, BEGIN.layer), (rooms[2], "head", heads, BEGIN.head)):
        numbers, begin = range(1, most + 1), min(first + 1, most)
        label = f"{name} {{}}".format
        found.append(widgets.choice(PAGE, room, name.capitalize(), name, numbers, begin, format_func=label) - 1)
    return kind, found[0], found[1]


def choose_method(head: HeadInputs, *, still: bool) -> tuple[str, MethodSettings]:
    """The method and where its slider stands; still: there is nothing to slide."""
    widths = [7.4, 4.6] if still else [8.2, 3.4, 1.6]
    row = st.container(key="method_bar").columns(widths, vertical_alignment="bottom", gap="small")
    titles = {name: method.short for name, method in METHODS.items()}
    method = widgets.pills(PAGE, row[0], "Method", "method", list(METHODS), "local", format_func=titles.get)
    field, most = METHODS[method].field, efficient.most(method, *head.scores.shape)
    setting = MethodSettings()
    if still:
        widgets.segments(PAGE, row[1], "Unit", "unit", list(UNITS), "seconds", format_func=str.capitalize)
        return method, setting
    if field and most > (0 if field == "window" else 1):
        first = 0 if field == "window" else 1
        key = f"{field}_few" if most < FEW else f"{field}_many"  # a window of 4 is little in a text, all by hand
        value = widgets.slider(PAGE, row[1], SLIDERS[field], key, first, most, max(1, most // 8), linked=False)
        changed: dict[str, Any] = {field: int(value)}
        setting = replace(setting, **changed)
    if method == "local_global":
        count = widgets.number_box(PAGE, row[2], "Global", "globals", 0, 16, 1, titled=True)
        setting = replace(setting, globals=int(count))
    elif method == "linformer":
        how = widgets.choice(PAGE, row[2], "E", "projection", ("mean", "random"), titled=True)
        setting = replace(setting, projection=how)
    return method, setting
