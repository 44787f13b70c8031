"""Start: what Gaze shows, one picture, and where to go."""

import streamlit as st

from core.examples import FIRST
from core.types import Shown
from ui import parts, state
from ui.components.heads_view import heads_view

st.title("See what a transformer looks at")
left, right = st.columns([2, 5], gap="medium")
with left:
    st.markdown(
        "Type a sentence, and every head of a trained model draws which word takes from which. "
        "It works here, now, with no network."
    )
    st.page_link("../pages/attention.py", label="Type a sentence of your own", icon=":material/grid_on:")
    st.page_link("../pages/models.py", label="The models, and how good they are", icon=":material/inventory_2:")
    encoding = state.answered(FIRST)
    st.html(
        f'<div class="gaze-output"><small>reads</small>{FIRST.text}<br><small>writes</small>{encoding.output}</div>'
        + parts.badge(encoding.model)
    )
    st.markdown(
        "Each small square on the right is one **head** of the translator. Row by row it shows, for each French word "
        "being written, how much it takes from each English word. Choose a head; the words are beside it."
    )
with right:
    heads_view(state.packed(FIRST, Shown(), None, state.telling(FIRST, "cross")), key="start", height=540)
state.FIRST_DRAWN.set()
