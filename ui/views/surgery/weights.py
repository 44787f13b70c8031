"""Weights under the knife: pruned, rounded to few bits, or run in real 8-bit layers, in a copy of the model."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st

from core.analyses.surgery import Compressed
from core.engine import ask
from core.measures.attention import layer_numbers
from core.requests import BITS, Compression, CompressionRequest, TextRequest, WeightsCurvesRequest
from core.types import Stopped
from ui import jobs, widgets
from ui.components.board.view import BoardSide, board_view
from ui.views.surgery import heads
from ui.views.surgery.common import PAGE, summary

WHAT = ("Prune", "Fewer bits", "int8")
CAREFUL = (
    "Zeros save time only where the machine can skip them: here a pruned copy runs no faster. "
    "After pruning one trains on a little, which brings much back; that is not done here."
)


def choose() -> tuple[str, Compression]:
    """What is done, and how much of it."""
    bar = st.container(key="bar").columns([3.4, 3.6, 4], vertical_alignment="bottom", gap="medium")
    what = widgets.segments(PAGE, bar[0], "Cut", "what", WHAT)
    if what == "Prune":
        share = widgets.slider(PAGE, bar[1], "Weights pruned, %", "share", 0, 95, 30, step=5)
        scopes = {"layer": "of every matrix", "global": "smallest of all"}
        scope = widgets.segments(PAGE, bar[2], "Scope", "scope", list(scopes), format_func=scopes.get)
        return what, Compression(pruned=share / 100, scope=scope)
    if what == "Fewer bits":
        bits = widgets.segments(PAGE, bar[1], "Bits a weight", "bits", BITS, 4, titled=True)
        scales = {"matrix": "one scale a matrix", "channel": "one scale a channel"}
        scale = widgets.segments(PAGE, bar[2], "Scale", "scale", list(scales), format_func=scales.get)
        return what, Compression(bits=bits, per_channel=scale == "channel")
    return what, Compression(int8=True)


def draw(request: TextRequest) -> None:
    """Before and after in numbers, the maps that moved, and the curve over all cuts of this sort."""
    what, cut = choose()
    with st.spinner("Cutting a copy …"):
        before, after = ask(CompressionRequest(request, Compression())), ask(CompressionRequest(request, cut))
    st.html(
        f'<div class="gaze-output">{widgets.badge(request.model)} <small>&nbsp; before</small> '
        f"{summary(before.encoding)} "
        f"<small>&nbsp; after</small> {summary(after.encoding)}</div>"
    )
    left, right = st.columns([5, 6], gap="medium")
    with left:
        room, bar = st.empty(), st.empty()
    with right:
        st.html(numbers(before, after))
        moved = sides(before, after)
        board_view(moved, "share of its attention that moved", key=PAGE.key("moved"), still=True)
    with st.container():
        explain(before, after, moved, cut)
    curves(request, what, cut, before, after, room, bar)


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
        BoardSide(was.kind, np.array(heads.moved(was, now)), numbers=layer_numbers(was))
        for was, now in zip(before.forced.attentions, after.forced.attentions, strict=True)
    ]


def curves(request: TextRequest, what: str, cut: Compression, before: Compressed, after: Compressed, room, bar) -> None:
    """Loss over all cuts of this sort: drawn as far as it is known, with progress."""
    from core.figures.surgery import losses  # plotly loads with the first curve

    what = "Fewer bits" if what == "int8" else what
    prune = what == "Prune"
    here = (cut.pruned if prune else 8 if cut.int8 else cut.bits, after.loss)
    axis = "weights pruned" if prune else "bits a weight"
    ticks = None if prune else {bits: str(bits) for bits in BITS}

    def draw(lines: dict) -> None:
        drawn = {title: ([x for x, _ in points], [y for _, y in points]) for title, points in lines.items() if points}
        widgets.chart(losses(drawn, here, before.loss, axis, 375, percent=prune, ticks=ticks), room=room)

    question = WeightsCurvesRequest(request.model, request.language, what)
    if jobs.is_stopped(PAGE, "weights curve", question):
        draw({})
    with suppress(Stopped), jobs.job(PAGE, bar, "Copy by copy", "weights curve", mark=question) as job:
        draw(ask(question, lambda done, total, *_: job.progress(done, total), job.cancelled))


def explain(before: Compressed, after: Compressed, moved: list[BoardSide], cut: Compression) -> None:
    side = max(moved, key=lambda one: one.values.max())
    place, head = np.unravel_index(int(side.values.argmax()), side.values.shape)
    layer = side.numbers[place] if side.numbers else place
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
