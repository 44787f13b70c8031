"""Where a head comes from, and which method it is tried with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.analyses import scaling
from core.analyses.efficient import OfHand, OfModel, OfNoise, Source, sizes
from core.analyses.scaling import UNITS
from core.data.examples import FIRST
from core.errors import Refused
from core.measures import efficient
from core.measures.efficient import METHODS, HeadInputs, MethodSettings
from core.requests import TextRequest
from ui import widgets

FAMILIES = ("encoder-decoder", "encoder", "decoder")


TEXT = (
    "The children were playing in the garden when it began to rain, "
    "so they ran into the house and their mother gave them a cup of hot tea."
)


BEGIN = OfModel(TextRequest(FIRST.model, TEXT, language="fr"), "encoder", 1, 2)


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


HIDDEN = {"label_visibility": "collapsed"}


BOUND = {"bind": "query-params"} | HIDDEN


def typed(seed: int = 3) -> dict[str, np.ndarray]:
    """Small numbers to begin with, for somebody to change."""
    drawn = np.random.default_rng(seed).normal(size=(3, len(WORDS), HAND_WIDTH)).round(1).astype(np.float32)
    return dict(zip("QKV", drawn, strict=True))


def choose_source() -> tuple[Source, str]:
    """Where the head comes from, and which view is wanted."""
    top = st.container()
    bar = st.container(key="bar").columns([4, 4.2, 4], vertical_alignment="center", gap="small")
    of = bar[0].segmented_control("Source", SOURCES, default=SOURCES[0], required=True, key="of", **BOUND)
    view = bar[1].segmented_control("View", VIEWS, default=VIEWS[0], required=True, key="view", **BOUND)
    st.session_state["_line"] = bar[2].empty()
    if of == "By hand":
        return hand_source(), view or VIEWS[0]
    if of == "Noise":
        left, right, _ = top.columns([3, 3, 5], gap="medium")
        n = left.select_slider("Tokens", (8, 16, 32, 64, 128, 256, 512), 64, key="n", bind="query-params")
        d = right.select_slider("Width d", (1, 4, 8, 16, 32, 64), 32, key="d", bind="query-params")
        return OfNoise(int(n), int(d)), view or VIEWS[0]
    with top:
        return model_source(), view or VIEWS[0]


def hand_source() -> OfHand:
    """The numbers that stand on the boards."""
    cells = st.session_state.setdefault("_cells", typed())
    rows = {name: tuple(tuple(float(cell) for cell in row) for row in values) for name, values in cells.items()}
    causal = st.toggle("Causal: a row sees no later word", key="causal", bind="query-params")
    return OfHand(WORDS, rows["Q"], rows["K"], rows["V"], bool(causal))


def model_source() -> Source:
    """A text, a model, and one of its heads; what cannot be had gives advice, and the last good head stays."""
    row = st.container(key="choose").columns([5, 2.5, 1.5, 1.35, 1.35], vertical_alignment="bottom", gap="small")
    st.session_state.setdefault("text", st.query_params.get("text", TEXT))
    text = row[0].text_input("Text", key="text", live="400ms", **BOUND)
    with row[1]:
        model = widgets.model_picker(FAMILIES, FIRST.model)
    room = st.empty()
    try:
        request = TextRequest(model, text, language=first_language(model))
        with room, st.spinner("Asking the model …", show_time=True):
            there = sizes(request)
    except Refused as refusal:
        widgets.advice(refusal)
        request = st.session_state.get("_good", BEGIN.request)
        there = sizes(request)
    room.empty()
    st.session_state["_good"] = request
    return OfModel(request, *pick_head(row[2:], there))


def first_language(model: str) -> str:
    card = widgets.card_of(model)
    return card.languages[0] if card and card.languages else ""


def pick_head(rooms, there: dict[str, tuple[int, int]]) -> tuple[str, int, int]:
    """Kind, layer and head, those that the model has."""
    kinds = list(there)
    kind = rooms[0].selectbox("Kind", kinds, key="kind", **BOUND)
    layers, heads = there[kind or kinds[0]]
    for name, most, first in (("layer", layers, BEGIN.layer + 1), ("head", heads, BEGIN.head + 1)):
        if not 1 <= st.session_state.get(name, 0) <= most and name in st.session_state:
            st.session_state[name] = 1
        st.session_state.setdefault(name, min(first, most))
    said = {name: f"{name} {{}}".format for name in ("layer", "head")}
    layer = rooms[1].selectbox("Layer", range(1, layers + 1), key="layer", format_func=said["layer"], **HIDDEN)
    head = rooms[2].selectbox("Head", range(1, heads + 1), key="head", format_func=said["head"], **HIDDEN)
    return kind or kinds[0], (layer or 1) - 1, (head or 1) - 1


def choose_method(head: HeadInputs, still: bool) -> tuple[str, MethodSettings]:
    """The method and where its slider stands; still: there is nothing to slide."""
    widths = [7.4, 4.6] if still else [8.2, 3.4, 1.6]
    row = st.container(key="method_bar").columns(widths, vertical_alignment="bottom", gap="small")
    titles = {name: method.short for name, method in METHODS.items()}
    method = row[0].pills(
        "Method", list(METHODS), default="local", required=True, format_func=titles.get, key="method", **BOUND
    )
    method = method or "local"
    field, most = METHODS[method].field, efficient.most(method, *head.scores.shape)
    setting = MethodSettings()
    if still:
        row[1].segmented_control(
            "Unit", list(UNITS), default="seconds", required=True, format_func=str.capitalize, key="unit", **BOUND
        )
        return method, setting
    if field and most > (0 if field == "window" else 1):
        first = 0 if field == "window" else 1
        key = f"{field}_few" if most < FEW else f"{field}_many"  # a window of 4 is little in a text, all by hand
        value = st.session_state.get(key, max(1, most // 8))
        st.session_state[key] = min(max(value, first), most)
        setting = replace(setting, **{field: row[1].slider(SLIDERS[field], first, most, key=key)})
    if method == "local_global":
        count = row[2].number_input("Global", 0, 16, 1, key="globals", bind="query-params")
        setting = replace(setting, globals=int(count))
    elif method == "linformer":
        how = row[2].selectbox("E", ("mean", "random"), key="projection", bind="query-params")
        setting = replace(setting, projection=how or "mean")
    return method, setting
