"""Step by step, inside a model: any head of any text model with its own X, W, Q, K and V."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.inside import HeadRequest, heads_of, run_over
from core.data.examples import EXAMPLES
from core.errors import Refused
from core.requests import TextRequest
from core.store.shelf import SHELF, available_offline
from ui import state, widgets
from ui.components.grid.view import grid_view
from ui.views.inside.model_board import model_board
from ui.views.inside.steps import HEIGHT, first_step

FAMILIES = ("encoder-decoder", "encoder", "decoder")
MODEL = "translator"
BARE = {"bind": "query-params", "label_visibility": "collapsed"}


@st.fragment
def draw() -> None:
    """A head of a model on the same board as the example."""
    room = controls([4, 2.6, 1.6, 1.2, 1.2])
    line = st.empty()
    text = asked(room[:2], run_over)
    if text is None:
        return
    kind, layer = chosen_layer(room[2:4], text)
    some, at = range(1, heads_of(text)[kind][1] + 1), dict(state.most_decisive_head(text, kind))["head"]
    head = room[4].selectbox("Head", some, at, format_func="head {}".format, key="head_of", **BARE) or 1
    line.html(f"{widgets.badge(text.model)} {kind} head {layer + 1}.{head}")
    grid_view(model_board(HeadRequest(text, kind, layer, head - 1), first_step()), key="in_model", height=HEIGHT)


def controls(widths: Sequence[float], stand: str = "center") -> list[DeltaGenerator]:
    return st.container(key="choose").columns(widths, vertical_alignment=stand, gap="small")


def first_text() -> TextRequest:
    return TextRequest(MODEL, EXAMPLES["encoder-decoder"][0].text)


def asked(room: Sequence[DeltaGenerator], check: Callable[[TextRequest], Any] = state.answered) -> TextRequest | None:
    """The text and model that the widgets name, once `check` has taken them.

    Where they are refused there is advice, and what was asked before; None where not even the example can be asked.
    """
    model, text = text_and_model(room)
    place = st.empty()
    try:
        request = TextRequest(model, text)
        with place, st.spinner("Asking the model …", show_time=True):
            state.answered(request, widgets.fetch_progress(place, model, back_to_default))
            check(request)
        st.session_state["_text"] = request
    except Refused as refusal:
        widgets.advice(refusal)
    finally:
        place.empty()
    for instead in (st.session_state.get("_text"), first_text()):
        try:
            if instead is not None:
                check(instead)
                return instead
        except Refused:
            continue  # advice was given already
    return None


def family_of(model: str) -> str:
    return SHELF[model].family if model in SHELF else "encoder"


def text_and_model(room: Sequence[DeltaGenerator]) -> tuple[str, str]:
    """(model, text) as chosen."""
    with room[1]:
        model = widgets.model_picker(FAMILIES, default_model(), on_change=change_model)
    if "text" not in st.session_state and "text" not in st.query_params:
        st.session_state.text = EXAMPLES[family_of(model)][0].text
    return model, room[0].text_input("Text", key="text", live="400ms", **BARE)


def back_to_default() -> None:
    """Stop: a model that is here, so that the download does not begin again."""
    st.session_state.model = default_model()


def default_model() -> str:
    """The built-in translator; where it is missing, whatever text model is here."""
    here = [name for name in available_offline() if SHELF[name].family in FAMILIES]
    return MODEL if MODEL in here or not here else here[0]


def change_model() -> None:
    """Another family begins with its own example; a text of the user's own stays."""
    known = {example.text for some in EXAMPLES.values() for example in some}
    if st.session_state.get("text") in known:
        st.session_state.text = EXAMPLES[family_of(st.session_state.model)][0].text


def chosen_layer(room: Sequence[DeltaGenerator], request: TextRequest) -> tuple[str, int]:
    """Kind of attention and layer, of a model that answered."""
    sizes = heads_of(request)
    kinds = list(sizes)
    if st.session_state.get("attention") not in kinds:
        st.session_state.pop("attention", None)
    kind = room[0].selectbox("Attention", kinds, index=len(kinds) - 1, key="attention", **BARE) or kinds[-1]
    layers = range(1, sizes[kind][0] + 1)
    at = dict(state.most_decisive_head(request, kind))["layer"]
    layer = room[1].selectbox("Layer", layers, at, format_func="layer {}".format, key="layer_of", **BARE) or 1
    return kind, layer - 1
