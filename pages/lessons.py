"""Lessons: what can be learned step by step on the pages of Gaze, and cards to recall it."""

from __future__ import annotations

import streamlit as st

from ui import widgets
from ui.session import Session
from ui.views.lessons import recall, shelf

PAGE = Session("lessons")
SCREENS = {"Lessons": shelf.draw, "Recall cards": recall.draw}


@PAGE.drawn()
def main() -> None:
    """The screen that is chosen."""
    screen = widgets.segments(PAGE, st.container(key="bar"), "Screen", "screen", list(SCREENS))
    SCREENS[screen]()


main()
