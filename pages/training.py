"""Train one here: a small transformer learns a task before your eyes, its maps and its answer with it."""

from __future__ import annotations

import streamlit as st

from ui import widgets
from ui.views.training import pictures
from ui.views.training.common import PAGE, latest

SCREENS = {"One run": pictures.one, "Two runs": pictures.two}


@PAGE.drawn()
def main() -> None:
    """The screen that is chosen."""
    bar = st.container(key="bar").columns([5, 7], vertical_alignment="center", gap="small")
    screen = widgets.segments(PAGE, bar[0], "Screen", "screen", list(SCREENS))
    run = latest()
    parameters = f", {run.result.parameters:,} weights" if run.result is not None else ""
    badge = widgets.provenance_badge("trained here", "from random weights" + parameters)
    bar[1].html(f'<div class="gaze-badges">{badge}</div>')
    SCREENS[screen]()


main()
