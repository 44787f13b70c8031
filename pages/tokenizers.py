"""Tokenizers: the same phrases through several tokenizers, what they share, and what each language costs."""

from __future__ import annotations

import streamlit as st

from ui import along, widgets
from ui.views.tokenizers.controls import CAREFUL, OPENING, PAGE, PRESETS, SEE, TRY, choose, read, usual
from ui.views.tokenizers.views import DRAW


@PAGE.drawn()
def main() -> None:
    """Choose, cut, draw, explain; what cannot be cut gets a sentence, and the last good picture stays."""
    phrases, names, spacing, view = choose()
    question = (phrases, names, spacing)
    alert, line = st.empty(), st.empty()
    (phrases, names, _), rows = PAGE.ask_or_last_good(
        lambda: question, lambda one: read(*one), lambda: (PRESETS[OPENING], tuple(usual()), "typed"), alert=alert
    )
    line.html(f'<div class="gaze-output">{" ".join(widgets.badge(name) for name in names)}</div>')
    found = DRAW[view](phrases, names, rows)
    widgets.notes(SEE[view] + found, TRY[view], CAREFUL[view])
    along.links(PAGE, next(iter(phrases), ""))


main()
