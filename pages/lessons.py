"""Lessons: what can be learned step by step on the pages of Gaze, and cards to recall it."""

from __future__ import annotations

import streamlit as st

from ui import language, widgets
from ui.session import Session
from ui.views.lessons import recall, shelf

PAGE = Session("lessons")
WRITTEN_IN = "Lessons and recall cards are in English, or in the language of the lecturer who wrote them."
SCREENS = {"Lessons": shelf.draw, "Recall cards": recall.draw}


@PAGE.drawn()
def main() -> None:
    """The screen that is chosen."""
    bar = st.container(key="bar")
    screen = widgets.segments(PAGE, bar, "Screen", "screen", list(SCREENS))
    if language.catalogue_file(language.reader()):  # who reads the page in English needs no such word
        bar.caption(WRITTEN_IN)
    SCREENS[screen]()


main()
