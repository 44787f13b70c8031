"""What the screens of Model surgery share: a request that works, and what a model says before and after."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.analyses.surgery import importance
from core.data.examples import FIRST
from core.requests import TextRequest
from core.types import TextEncoding
from ui import jobs, state, widgets
from ui.session import Session

PAGE = Session("surgery")


def answer(request: TextRequest) -> None:
    """Have the model answer, and find what its heads are worth; Refused where it does not, or has no loss."""
    room = st.empty()
    with jobs.asking(PAGE, room, request.model, FIRST.model, "Opening the model …") as job:
        state.answered(request, job.progress, job.cancelled)
        importance(request.model, request.language)


def summary(encoding: TextEncoding) -> str:
    """What a model writes or expects, as html."""
    if encoding.output:
        return f'<span dir="auto">{escape(encoding.output)}</span>'
    if not encoding.predictions:
        return "<small>predicts nothing in this text</small>"
    best = encoding.predictions[0]
    words = ", ".join(f"{escape(c.text or '?')} {widgets.percent(c.probability)}" for c in best.choices[:4])
    return f"<small>{escape(best.place)}</small> {words}"


def notes(before: TextEncoding, after: TextEncoding | None, total: float, now: float, what: str) -> str:
    """One line: the loss, and what the model says, before and after."""
    badge = widgets.badge(before.model)
    if after is None:
        return (
            f'<div class="gaze-output">{badge} loss <b>{total:.2f}</b></div>'
            f'<div class="gaze-output"><small>whole</small>{summary(before)}</div>'
        )
    return (
        f'<div class="gaze-output">{badge} {escape(what)}: loss {total:.2f} → <b>{now:.2f}</b></div>'
        f'<div class="gaze-output"><small>before</small>{summary(before)}</div>'
        f'<div class="gaze-output"><small>after</small>{summary(after)}</div>'
    )
