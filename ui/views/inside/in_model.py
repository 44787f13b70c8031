"""Step by step, inside a model: any head of any text model with its own X, W, Q, K and V."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.inside import heads_of, layer_numbers, run_over
from core.data.examples import EXAMPLES
from core.requests import HeadRequest, TextRequest
from core.store.families import families_that
from core.store.shelf import SHELF, available_offline
from ui import jobs, state, widgets
from ui.components.grid.view import grid_view
from ui.default_models import examples_of, follow_model
from ui.views.inside.common import PAGE
from ui.views.inside.model_board import model_board
from ui.views.inside.steps import HEIGHT, first_step

FAMILIES = ("encoder-decoder", "encoder", *families_that("continue"))
MODEL = "translator"


def draw() -> None:
    """A head of a model on the same board as the example."""
    room = controls([4, 2.6, 1.6, 1.2, 1.2])
    line = st.empty()
    text = chosen_text(room[:2], run_over)
    kind, layer = chosen_layer(room[2:4], text)
    some, at = range(1, heads_of(text)[kind][1] + 1), dict(state.most_decisive_head(text, kind))["head"] + 1
    head = widgets.choice(PAGE, room[4], "Head", "head_of", some, at, format_func="head {}".format)
    line.html(f"{widgets.badge(text.model)} {kind} head {layer_numbers(text, kind)[layer] + 1}.{head}")
    grid_view(
        model_board(HeadRequest(text, kind, layer, head - 1), first_step()), key=PAGE.key("in_model"), height=HEIGHT
    )


def controls(widths: Sequence[float], stand: Literal["top", "center", "bottom"] = "center") -> list[DeltaGenerator]:
    return st.container(key="choose").columns(widths, vertical_alignment=stand, gap="small")


def first_text() -> TextRequest:
    return TextRequest(MODEL, EXAMPLES["encoder-decoder"][0].text)


def chosen_text(room: Sequence[DeltaGenerator], check: Callable[[TextRequest], Any] = state.answered) -> TextRequest:
    """The text and model that the widgets name, once `check` has taken them.

    Where they are refused there is advice, and what was asked before; the page ends where not even the example goes.
    """
    model, text = text_and_model(room)
    place = st.empty()

    def answer(request: TextRequest) -> None:
        with jobs.fetching(PAGE, place, request.model, back_to_default) as job:
            state.answered(request, job.progress, job.cancelled)
        with place, st.spinner("Asking the model …", show_time=True):
            check(request)
        place.empty()

    request, _ = PAGE.ask_or_last_good(lambda: TextRequest(model, text), answer, first_text, "text")
    return request


def text_and_model(room: Sequence[DeltaGenerator]) -> tuple[str, str]:
    """(model, text) as chosen."""
    model = widgets.model_box(PAGE, room[1], FAMILIES, default_model(), on_change=partial(follow_model, PAGE))
    begin = examples_of(model)[0].text
    return model, widgets.text_box(PAGE, room[0], "Text", "text", begin, live="400ms")


def back_to_default() -> None:
    """Stop: a model that is here, so that the download does not begin again."""
    PAGE["model"] = default_model()


def default_model() -> str:
    """The built-in translator; where it is missing, whatever text model is here."""
    here = [name for name in available_offline() if SHELF[name].family in FAMILIES]
    return MODEL if MODEL in here or not here else here[0]


def chosen_layer(room: Sequence[DeltaGenerator], request: TextRequest) -> tuple[str, int]:
    """Kind of attention and layer, of a model that answered."""
    sizes = heads_of(request)
    kinds = list(sizes)
    kind = widgets.choice(PAGE, room[0], "Attention", "attention", kinds, kinds[-1])
    layers = [number + 1 for number in layer_numbers(request, kind)]
    at = layers[dict(state.most_decisive_head(request, kind))["layer"]]
    layer = widgets.choice(PAGE, room[1], "Layer", "layer_of", layers, at, format_func="layer {}".format)
    return kind, layers.index(layer)
