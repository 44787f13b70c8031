"""Word vectors: learn them here from a text, watch the map, ask for neighbours, compare two runs."""

from __future__ import annotations

import streamlit as st

from ui import widgets
from ui.views.word_vectors import compare, map, neighbours, one_hot, pairs
from ui.views.word_vectors.common import PAGE

SCREENS = {
    "Map": map.draw,
    "Pairs": pairs.draw,
    "Neighbours": neighbours.draw,
    "Two runs": compare.draw,
    "One-hot": one_hot.draw,
}


@PAGE.drawn()
def main() -> None:
    """The screen that is chosen."""
    bar = st.container(key="bar").columns([7, 5], vertical_alignment="center", gap="small")
    screen = widgets.segments(PAGE, bar[0], "Screen", "screen", list(SCREENS))
    badge = widgets.provenance_badge("built in", "vectors learned here, from nothing")
    bar[1].html(f'<div class="gaze-badges">{badge}</div>')
    SCREENS[screen]()


main()
