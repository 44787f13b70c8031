"""Cost over the length, counted and measured on this machine."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from core.analyses import scaling
from core.analyses.scaling import UNITS
from core.figures import efficient as figures
from core.measures.costs import LENGTHS, WIDTH
from core.measures.efficient import METHODS
from core.types import Stopped
from ui import jobs, widgets
from ui.views.efficient.controls import PAGE, B


def growth(method: str) -> None:
    """Cost over the length, counted and measured on this machine, with progress."""
    room, bar = st.empty(), st.empty()

    def draw(points: tuple[scaling.Measured, ...]) -> None:
        unit = PAGE.get("unit", "seconds")
        chosen = METHODS[method].title
        lines = scaling.lines(points, unit, B)
        widgets.chart(figures.growth(LENGTHS, lines, chosen, UNITS[unit]), room=room)

    draw(())
    what, again = "Measuring on this machine", "Measure on this machine"
    with suppress(Stopped), jobs.job(PAGE, bar, what, "growth", again=again, advice="") as job:
        drawn = [0]

        def progress(done: int, of: int, points: tuple[scaling.Measured, ...]) -> None:
            job.what = f"{what}: {points[-1].tokens:,} tokens, point"
            job.progress(done, of)
            if points[-1].tokens != drawn[0]:
                drawn[0] = points[-1].tokens
                draw(points)

        points = scaling.scaling(progress, job.cancelled)
        draw(points)
        grown(points, method)


def grown(points: tuple[scaling.Measured, ...], method: str) -> None:
    """What was measured, in words."""
    both = [(p, next((q for q in points if (q.method, q.tokens) == (method, p.tokens)), None)) for p in points]
    beside = [(p, q) for p, q in both if p.method == "full" and p.seconds and q and q.seconds]
    line = "Low rank is counted nowhere here: to find the singular values costs more than the attention."
    if beside:
        of, other = beside[-1]
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
    time = f"{1e3 * (point.seconds or 0):.3g} ms"
    return f"{time} and {point.bytes / 1e6:.3g} MB" if point.bytes else time
