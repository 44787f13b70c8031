"""BertViz's views in a page: which view, which layers, and what it cannot hold said in a sentence."""

from __future__ import annotations

import streamlit as st

from core.data.saved import saved
from core.figures.bertviz import VIEWS, fitting_layers, page
from core.measures.attention import layer_numbers
from core.types import Encoding, Refused, TextEncoding
from ui import saving, widgets
from ui.views.attention.controls import PAGE

HEIGHT = 620


def draw(encoding: Encoding) -> None:
    """Head, model or neuron view of an encoding, offline."""
    if isinstance(encoding, TextEncoding):
        saving.offer_files("All weights", {"NPZ": ("npz", lambda _: saved(encoding))})
    fewest = min(encoding.attentions, key=lambda one: one.weights.shape[0])
    numbers = layer_numbers(fewest)
    layers = len(numbers)
    fit = fitting_layers(encoding)
    left, right = st.columns([2.6, 5], vertical_alignment="center")
    view = widgets.segments(PAGE, left, "BertViz view", "bertviz", VIEWS)
    chosen = list(range(layers))
    if fit < layers:
        right.caption(
            f"BertViz writes every weight into its page as text: of these {len(encoding.tokens)} tokens it can hold "
            f"{fit} of {layers} layers at once. Choose which; Gaze's own views show them all."
        )
        if fit:
            chosen = right.multiselect(
                "Layers",
                chosen,
                default=chosen[:fit],
                max_selections=fit,
                format_func=lambda i: f"layer {numbers[i] + 1}",
                label_visibility="collapsed",
            )
    try:
        if view == "neuron view":
            from core.models.text import inner  # asks the model again, for its queries and keys

            chosen = chosen[: max(1, min(len(chosen), 4))]
            right.caption("Queries and keys of " + ", ".join(f"layer {numbers[i] + 1}" for i in chosen))
            whole = page(encoding, view, chosen, dark=is_dark(), inner=inner(encoding.request, chosen))
        else:
            whole = page(encoding, view, chosen, dark=is_dark())
        with widgets.tall(st, HEIGHT, "bertviz"):
            st.iframe(whole, height="stretch")
    except Refused as refusal:
        widgets.advice(refusal)


def is_dark() -> bool:
    return st.context.theme.type == "dark"
