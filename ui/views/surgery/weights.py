"""Weights under the knife: pruned, rounded to few bits, or run in real 8-bit layers, in a copy of the model."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.analyses import pruning_curves
from core.analyses.surgery import Compressed, operated
from core.measures.surgery import BITS, Compression, changed
from core.requests import TextRequest
from ui import widgets
from ui.components.board.view import BoardSide, board_view
from ui.views.surgery.common import BOUND, summary

WHAT = ("Prune", "Fewer bits", "int8")
CAREFUL = (
    "Zeros save time only where the machine can skip them: here a pruned copy runs no faster. "
    "After pruning one trains on a little, which brings much back; that is not done here."
)


def choose() -> tuple[str, Compression]:
    """What is done, and how much of it."""
    bar = st.container(key="bar").columns([3.4, 3.6, 4], vertical_alignment="bottom", gap="medium")
    what = bar[0].segmented_control("Cut", WHAT, default=WHAT[0], required=True, key="what", **BOUND) or WHAT[0]
    if what == "Prune":
        share = bar[1].slider("Weights pruned, %", 0, 95, 30, 5, key="share", bind="query-params")
        scopes = {"layer": "of every matrix", "global": "smallest of all"}
        scope = bar[2].segmented_control(
            "Scope", list(scopes), default="layer", required=True, format_func=scopes.get, key="scope", **BOUND
        )
        return what, Compression(pruned=share / 100, scope=scope or "layer")
    if what == "Fewer bits":
        bits = bar[1].segmented_control(
            "Bits a weight", BITS, default=4, required=True, key="bits", bind="query-params"
        )
        scales = {"matrix": "one scale a matrix", "channel": "one scale a channel"}
        scale = bar[2].segmented_control(
            "Scale", list(scales), default="matrix", required=True, format_func=scales.get, key="scale", **BOUND
        )
        return what, Compression(bits=int(bits or 4), per_channel=scale == "channel")
    return what, Compression(int8=True)


@st.fragment
def draw(request: TextRequest) -> None:
    """Before and after in numbers, the maps that moved, and the curve over all cuts of this sort."""
    what, cut = choose()
    with st.spinner("Cutting a copy …"):
        before, after = operated(request, Compression()), operated(request, cut)
    st.html(
        f'<div class="gaze-output">{widgets.badge(request.model)} <small>&nbsp; before</small> '
        f"{summary(before.encoding)} "
        f"<small>&nbsp; after</small> {summary(after.encoding)}</div>"
    )
    left, right = st.columns([5, 6], gap="medium")
    with left:
        room, job = st.empty(), st.empty()
    with right:
        st.html(numbers(before, after))
        moved = sides(before, after)
        board_view(moved, "share of its attention that moved", key="moved", still=True)
    with st.container():
        explain(before, after, moved, cut)
    curves(request, what, cut, before, after, room, job)


def numbers(before: Compressed, after: Compressed) -> str:
    """Size, time, loss and zeros, before and after."""
    rows = (
        ("Loss, nats a piece", f"{before.loss:.2f}", f"{after.loss:.2f}"),
        ("Size of a file", f"{before.megabytes:,.1f} MB", f"{after.megabytes:,.1f} MB"),
        ("Time for 24 sentences", f"{after.whole_milliseconds:,.0f} ms", f"{after.milliseconds:,.0f} ms"),
        ("Weights at 0, of those cut", widgets.percent(before.zeros), widgets.percent(after.zeros)),
    )
    cells = "".join(f"<tr><td>{name}</td><td>{old}</td><td><b>{new}</b></td></tr>" for name, old, new in rows)
    head = "<tr><th></th><th>before</th><th>after</th></tr>"
    return f'<table class="gaze-numbers">{head}{cells}</table>'


def sides(before: Compressed, after: Compressed) -> list[BoardSide]:
    """How far each head's map moved, over the words that the whole model wrote."""
    return [
        BoardSide(was.kind, np.array([changed(was.weights[i], now.weights[i]) for i in range(was.weights.shape[0])]))
        for was, now in zip(before.forced.attentions, after.forced.attentions, strict=True)
    ]


def curves(request: TextRequest, what: str, cut: Compression, before: Compressed, after: Compressed, room, job) -> None:
    """Loss over all cuts of this sort: drawn as far as it is known, with progress."""
    from core.figures.surgery import losses  # plotly loads with the first curve

    what = "Fewer bits" if what == "int8" else what
    prune = what == "Prune"
    here = (cut.pruned if prune else 8 if cut.int8 else cut.bits, after.loss)
    axis = "weights pruned" if prune else "bits a weight"
    ticks = None if prune else {bits: str(bits) for bits in BITS}

    def draw(lines: dict) -> None:
        drawn = {title: tuple(zip(*points, strict=True)) for title, points in lines.items() if points}
        widgets.chart(losses(drawn, here, before.loss, axis, 375, prune, ticks), room=room)

    if st.session_state.get("_stopped_weights") == (request.model, what):
        draw({})
        if job.button("Go on with the curve"):
            del st.session_state["_stopped_weights"]
            st.rerun(scope="fragment")
        return
    shown = []

    def progress(doing: str, done: int, of: int, lines: dict) -> None:
        if not shown:
            draw(lines)
            with job.container():
                shown.append(st.progress(0.0))
                stop = {"_stopped_weights": (request.model, what)}
                st.button("Stop", on_click=lambda: st.session_state.update(stop), key="stop_weights")
        shown[0].progress(done / of, f"{doing.capitalize()}: {done} of {of}")

    draw(pruning_curves.weights_curves(request.model, request.language, what, progress))
    job.empty()


def explain(before: Compressed, after: Compressed, moved: list[BoardSide], cut: Compression) -> None:
    side = max(moved, key=lambda one: one.values.max())
    layer, head = np.unravel_index(int(side.values.argmax()), side.values.shape)
    see = (
        f"The copy loses {after.loss:.2f} nats a piece, the whole model {before.loss:.2f}. {side.kind.capitalize()} "
        f"head {layer + 1}.{head + 1} moved most: {widgets.percent(float(side.values.max()))} of its attention."
    )
    attempt = (
        "Find the share at which the text breaks, by matrix and over all matrices. "
        "Then 4 bits with one scale a matrix and one a channel: why does a channel's own scale help?"
    )
    careful = CAREFUL
    if cut.bits < 32:
        careful = (
            "These bits are a picture of rounding: the copy computes in 32 bits, so its time does not fall. "
            "int8 is real."
        )
    if cut.int8:
        careful = (
            "Only linear layers are in 8 bits, on this machine's processor. "
            "On a small model turning numbers back and forth can cost more time than it saves."
        )
    widgets.notes(see, attempt, careful)
