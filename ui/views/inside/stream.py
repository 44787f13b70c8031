"""The residual stream: how large it is and what every layer adds, pre-norm and post-norm, by hand and in a model."""

from __future__ import annotations

import streamlit as st

from core.engine import ask
from core.figures.inside import streams
from core.measures.inside import residual_stack
from core.requests import StreamRequest
from ui import widgets
from ui.views.inside.common import MADE_UP, PAGE


def by_hand() -> None:
    """The same random layers with the norm before and behind."""
    left, right = st.container(key="choose").columns([3, 7], vertical_alignment="center", gap="medium")
    layers = int(widgets.slider(PAGE, left, "Layers", "layers", 1, 48, 12))
    pre, post = residual_stack(layers, pre=True), residual_stack(layers, pre=False)
    badge, after = widgets.provenance_badge(*MADE_UP), "1 layer" if layers == 1 else f"{layers} layers"
    right.html(
        f'<div class="gaze-output">{badge} After {after} the stream is '
        f"{pre.after[-1]:.0f} long with pre-norm; post-norm sets it back to √64 = 8 every time.</div>"
    )
    parts_ = (("pre-norm: x + f(norm(x))", pre), ("post-norm: norm(x + f(x))", post))
    widgets.chart(streams(parts_), "stacks", panels=True)


def in_a_model() -> None:
    """The stream of a model that ran over the text."""
    from ui.views.inside import in_model  # torch comes with it

    room = in_model.controls([5, 3])
    line = st.empty()

    text = in_model.chosen_text(room, lambda text: ask(StreamRequest(text)))
    sides = ask(StreamRequest(text))
    kinds = "; ".join(f"{side}: {'pre' if pre else 'post'}-norm" for side, (_, pre) in sides.items())
    line.html(f'<div class="gaze-output">{widgets.badge(text.model)} {kinds}</div>')
    widgets.chart(streams(tuple((side, one) for side, (one, _) in sides.items())), "stream", panels=len(sides) > 1)
