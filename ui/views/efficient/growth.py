"""Cost over the length, counted and measured on this machine."""

from __future__ import annotations

import streamlit as st

from core.analyses import scaling
from core.analyses.scaling import UNITS
from core.figures import efficient as figures
from core.measures.costs import LENGTHS, WIDTH
from core.measures.efficient import METHODS
from ui import widgets
from ui.views.efficient.controls import B


def growth(method: str) -> None:
    """Cost over the length, counted and measured on this machine, with progress."""
    room, bar = st.empty(), st.empty()

    def draw(points: tuple[scaling.Measured, ...]) -> None:
        unit = st.session_state.get("unit") or "seconds"
        chosen = METHODS[method].title
        lines = scaling.lines(points, unit, B)
        widgets.chart(figures.growth(LENGTHS, lines, chosen, UNITS[unit]), room=room)

    drawn = [0]

    def progress(done: int, of: int, points: tuple[scaling.Measured, ...]) -> None:
        bar.progress(done / of, f"Measuring on this machine: {points[-1].tokens:,} tokens, point {done} of {of}")
        if points[-1].tokens != drawn[0]:
            drawn[0] = points[-1].tokens
            draw(points)

    if st.session_state.get("_stop_growth"):
        draw(())
        if bar.button("Measure on this machine", key="go_growth"):
            st.session_state["_stop_growth"] = False
            st.rerun(scope="fragment")
        return
    draw(())
    stop = st.empty()
    stop.button("Stop", key="stop_growth", on_click=lambda: st.session_state.update(_stop_growth=True))
    points = scaling.scaling(progress)
    draw(points)
    bar.empty()
    stop.empty()
    grown(points, method)


def grown(points: tuple[scaling.Measured, ...], method: str) -> None:
    """What was measured, in words."""
    both = [(p, next((q for q in points if (q.method, q.tokens) == (method, p.tokens)), None)) for p in points]
    both = [(p, q) for p, q in both if p.method == "full" and p.seconds and q and q.seconds]
    line = "Low rank is counted nowhere here: to find the singular values costs more than the attention."
    if both:
        of, other = both[-1]
        line = f"At <b>{of.tokens:,} tokens</b> one head of full attention takes {short(of)}"
        line += f"; {METHODS[method].title.lower()} {short(other)}." if method != "full" else "."
    set_to = f"window {B.window}, stride {B.stride}, {B.globals} global tokens, k = {B.rank}, d = {WIDTH}"
    st.html(
        f'<div class="gaze-output">{widgets.badge("measured on this machine")} {line} <small>{set_to}</small></div>'
    )
    held = LENGTHS[-1] ** 2 * 4 / 1e6
    widgets.notes(
        "Filled marks are measured, hollow ones counted: a point that would not fit into memory or time is not run. "
        f"One full map of {LENGTHS[-1]:,} tokens is {held:,.0f} MB.",
        "Find the steepest line: from one length to the next but one, by how much does it grow? "
        "Which lines are parallel to the convolution's?",
        "The recurrent layer multiplies as little as linear attention, yet its steps wait for each other. "
        "Seconds are those of this machine now; other programs on it show.",
    )


def short(point: scaling.Measured) -> str:
    time = f"{1e3 * point.seconds:.3g} ms"
    return f"{time} and {point.bytes / 1e6:.3g} MB" if point.bytes else time
