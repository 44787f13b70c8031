"""A paragraph and its translation: sentences first, then the words of a pair of them."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from core.analyses.paragraphs import sentences_of
from core.engine import ask
from core.measures.sentence_alignment import Bead
from core.requests import AlignmentReader, ParagraphsRequest
from core.types import Refused
from ui import widgets
from ui.views.alignment.common import PAGE, AlignmentChoice, badges, names_of
from ui.views.alignment.taking import offer_table
from ui.views.alignment.whole_set import pick_layer

HEIGHT = 250
SOURCE = (
    "The old man sat on the bank of the river. He had lived in the village for forty years, and he knew every boat. "
    "It began to rain. His daughter called him from the house, but he did not hear her."
)
TARGET = (
    "Le vieil homme était assis au bord de la rivière. Il habitait le village depuis quarante ans. Il connaissait tous "
    "les bateaux. Il commença à pleuvoir. Sa fille l'appela de la maison, mais il ne l'entendit pas."
)
SEE = "Sentences are put together in order, by how alike the model's vectors of them are and by their lengths."
TRY = "Tick a row: its words open in Pair. Leave a sentence out of one side: which row stands alone then?"
CAREFUL = "Every sentence gets a place, so a free translation is put together, too: look at the cosine of a row."


def draw(asked: AlignmentChoice) -> None:
    """Two texts, and their sentences side by side by model A."""
    left, right = st.columns(2, gap="medium")
    source = widgets.text_area(PAGE, left, "Text", "text_source", SOURCE, height=118)
    target = widgets.text_area(PAGE, right, "Its translation", "text_target", TARGET, height=118)
    reading, name = asked.readings[0], names_of(asked.readings)[0]
    rooms = st.container(key="sliders").columns([4, 8], gap="large", vertical_alignment="center")
    layer = pick_layer(rooms[0], AlignmentReader(reading.model), name, "layer_a")
    rooms[1].html(f'<div class="gaze-output">{badges(asked.readings[:1] * 2)}</div>')
    try:
        beads: list[Bead] = ask(ParagraphsRequest(reading.model, layer, source, target))
    except Refused as refusal:
        PAGE.refuse(refusal)
        return
    table = rows(beads, sentences_of(source), sentences_of(target))
    offer_table("This table", table)
    told = {"cosine": st.column_config.NumberColumn(format="%.2f", help="Of the model's vectors of both sides.")}
    with widgets.tall(st, HEIGHT, "paragraphs"):
        st.dataframe(
            table, hide_index=True, height="stretch", column_config=told, key=PAGE.key("beads"),
            selection_mode="single-row", on_select=partial(opened, table),
        )  # fmt: skip
    widgets.notes(f"{SEE} {said(beads)}", TRY, CAREFUL)


def rows(beads: list[Bead], source: tuple[str, ...], target: tuple[str, ...]) -> pd.DataFrame:
    """A row for each bead: how many sentences of each side, their cosine, and the sentences."""
    return pd.DataFrame(
        {
            "sentences": [f"{b.source[1] - b.source[0]}–{b.target[1] - b.target[0]}" for b in beads],
            "cosine": [b.cosine for b in beads],
            "source": [" ".join(source[slice(*b.source)]) for b in beads],
            "translation": [" ".join(target[slice(*b.target)]) for b in beads],
        }
    )


def opened(table: pd.DataFrame) -> None:
    """A row that is chosen opens in the view Pair, where both sides have a sentence."""
    chosen = PAGE.get("beads", {}).get("selection", {}).get("rows", [])
    if chosen:
        one, other = (str(table[side].iloc[chosen[0]]) for side in ("source", "translation"))
        if one and other:
            PAGE.update(source=one, target=other, view="Pair")


def said(beads: list[Bead]) -> str:
    """How many rows are one to one, and the row that is least alike."""
    single = sum(b.source[1] - b.source[0] == 1 == b.target[1] - b.target[0] for b in beads)
    known = [b for b in beads if b.cosine is not None]
    told = f"{single} of {len(beads)} rows are one sentence to one"
    if not known:
        return f"{told}."
    least = min(known, key=lambda b: b.cosine or 0.0)
    return f"{told}; row {beads.index(least) + 1} is the least alike, with a cosine of {least.cosine:.2f}."
