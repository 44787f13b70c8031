"""Start: what Gaze shows, one sentence at work, and where to go."""

import streamlit as st

from core.data.examples import FIRST
from core.measures.attention import one_map
from core.types import Display
from ui import edits, saving, state, widgets
from ui.components.heads.view import heads_view
from ui.components.start.view import doors_view, sentence_view
from ui.leading import lead
from ui.lessons import book
from ui.session import Session
from ui.views.attention.heads import offer

SAYS = "See what transformers look at, on your own sentences, with no network."
ENCODER = "mini-bert-wordpiece"  # one kind of attention: a first look needs no choice of it
WORDS = Display(units="words", special="hide")
DOORS = (
    {
        "title": "Teach", "says": "Twelve lessons, alone or in a room that follows you.", "page": "lessons",
        "query": "",
        "icon": "M12 5 2.5 9.5 12 14l9.5-4.5zM6 11.5V16c0 1.5 3 3 6 3s6-1.5 6-3v-4.5M21.5 9.5V15",
    },
    {
        "title": "Explore", "says": "Type a sentence of your own. See every head.", "page": "attention",
        "query": f"model={ENCODER}", "types": True,
        "icon": "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
    },
    {
        "title": "Compare mBERT and XLM-R", "says": "Which words does each take for translations?", "page": "alignment",
        "query": "", "icon": "M4 7h9M4 12h6M4 17h9M20 7h-3M20 12h-6M20 17h-3M13 7l4 5M10 12h4M13 17l4-5",
    },
)  # fmt: skip

PAGE = Session("start")


@PAGE.drawn()
def main() -> None:
    encoding = state.answered(FIRST)
    start = state.most_decisive_head(FIRST, "cross")
    chosen = dict(start)
    written, read, weights = one_map(encoding.attentions[-1], WORDS, chosen["layer"], chosen["head"])
    picture, ways = st.columns([8.2, 3], gap="medium")
    with picture:
        st.html(f'<div class="gaze-output"><b>{SAYS}</b> {widgets.badge(encoding.model)}</div>')
        sentence_view([token.text for token in read], [token.text for token in written], weights, key="start:sentence")
        event = heads_view(state.packed(FIRST, Display(), None, start), key="start", height=440)
    with ways:
        gone = doors_view(DOORS, [book.told_of(one) for one in book.lessons().values()], key="start:doors").gone
    offer(encoding, Display())
    saving.tell(*saving.caption_of(FIRST))
    lead(gone)
    if event.toggle_head:  # what comes of it is shown where the model can be edited
        chosen = event.toggle_head
        off = edits.switched("", chosen["kind"], (chosen["kind"], chosen["layer"], chosen["head"]))
        Session("attention").go("../pages/attention.py", off=off, **{k: str(v) for k, v in chosen.items()})
    widgets.notes(
        "Each small square is one head: row by row, how much a French word takes from each English one. Choose a head.",
        "Press Lines, and point at a word. Then type a sentence that the room proposes: that works with no network.",
    )


main()
