"""What the screens of Model surgery share: a request that works, and what a model says before and after."""

from __future__ import annotations

from html import escape

import streamlit as st

from core.analyses.surgery import importance
from core.errors import Refused
from core.requests import TextRequest
from core.store.shelf import SHELF
from core.types import Encoding
from ui import state, widgets

BOUND = {"bind": "query-params", "label_visibility": "collapsed"}


def family_of(model: str) -> str:
    return SHELF[model].family if model in SHELF else "encoder"


def carefully(request: TextRequest, good: TextRequest) -> TextRequest:
    """The request if the model answers it and has a loss; else advice in its place, and the last that did."""
    room = st.empty()
    try:
        with room, st.spinner("Opening the model …", show_time=True):
            state.answered(request)
            importance(request.model, request.language)
        return request
    except Refused as refusal:
        room.empty()
        widgets.advice(refusal)
        return good
    finally:
        room.empty()


def summary(encoding: Encoding) -> str:
    """What a model writes or expects, as html."""
    if encoding.output:
        return f'<span dir="auto">{escape(encoding.output)}</span>'
    if not encoding.predictions:
        return "<small>predicts nothing in this text</small>"
    best = encoding.predictions[0]
    words = ", ".join(f"{escape(c.text or '?')} {widgets.percent(c.probability)}" for c in best.choices[:4])
    return f"<small>{escape(best.place)}</small> {words}"


def notes(before: Encoding, after: Encoding | None, total: float, now: float, what: str) -> str:
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
