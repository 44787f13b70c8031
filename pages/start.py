"""Start: what Gaze shows, one picture, and where to go."""

from html import escape

import streamlit as st

from core.data.examples import FIRST
from core.types import Display
from ui import edits, state, widgets
from ui.components.heads.view import heads_view
from ui.session import Session

encoding = state.answered(FIRST)
st.subheader("See what a transformer looks at", anchor=False)
said, go = st.columns([5, 2.4], vertical_alignment="center", gap="medium")
said.html(
    f'<div class="gaze-output">{escape(FIRST.text)} <small>&nbsp;becomes</small> '
    f'<span dir="auto">{escape(encoding.output)}</span> {widgets.badge(encoding.model)}</div>'
)
go.page_link("../pages/attention.py", label="**Type a sentence of your own**", icon=":material/edit:")
event = heads_view(
    state.packed(FIRST, Display(), None, state.most_decisive_head(FIRST, "cross")), key="start", height=490
)
state.FIRST_DRAWN.set()
if event.toggle_head:  # what comes of it is shown where the model can be edited
    chosen = event.toggle_head
    off = edits.switched("", chosen["kind"], (chosen["kind"], chosen["layer"], chosen["head"]))
    Session("attention").go("../pages/attention.py", off=off, **{k: str(v) for k, v in chosen.items()})
widgets.notes(
    "Each small square is one head: row by row, how much a French word takes from each English one. Choose a head.",
    "Press Lines, and point at a word. Then type a sentence that the room proposes: it works here, with no network.",
)
