"""Tokenizers: the same phrases through several tokenizers, what they share, and what each language costs."""

from __future__ import annotations

import streamlit as st

from core.errors import Refused
from ui import widgets
from ui.views.tokenizers.controls import CAREFUL, OPENING, PRESETS, SEE, TRY, choose, read, usual
from ui.views.tokenizers.views import DRAW


@st.fragment
def lesson() -> None:
    """Choose, cut, draw, explain; what cannot be cut gets a sentence, and the last good picture stays."""
    phrases, names, view = choose()
    alert, line = st.empty(), st.empty()
    good = st.session_state.get("_good pieces", (PRESETS[OPENING], tuple(usual())))
    try:
        rows = read(phrases, names)
    except Refused as refusal:
        with alert:
            widgets.advice(refusal)
        phrases, names = good
        rows = read(phrases, names)
    st.session_state["_good pieces"] = phrases, names
    line.html(f'<div class="gaze-output">{" ".join(widgets.badge(name) for name in names)}</div>')
    found = DRAW[view](phrases, names, rows)
    widgets.notes(SEE[view] + found, TRY[view], CAREFUL[view])


lesson()
