"""One-hot against dense: what a word is before it has a vector, and what the vector adds."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.measures.projection import units
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.session import Session
from ui.views.word_vectors.common import PAGE, known, learned, places_of, vectors_of

WORDS = "king, queen, man, woman, dog, cat, red, blue, paris, berlin"
MOST = 14


def draw() -> None:
    run = learned()
    assert run.result is not None
    places, count, size = places_of(run), len(run.result.words), run.settings.size
    row = st.container(key="choose").columns([7, 5], vertical_alignment="bottom", gap="medium")
    begin = WORDS if "paris" in places else ", ".join(run.result.words[:10])
    typed = widgets.text_box(PAGE, row[0], "Words", "listed", begin, titled=True, live="400ms")
    words, _ = PAGE.ask_or_last_good(
        lambda: known(typed, run, MOST), len, lambda: known(begin, run, MOST), f"listed {id(run)}"
    )
    if row[1].button(
        "The same word in six sentences: Embedding space", icon=":material/arrow_forward:", key=PAGE.key("on")
    ):
        Session("embedding").go("../pages/embedding.py", texts="One word: bank", units="words")
    dense = units(vectors_of(run)[[places[word] for word in words]])
    names = tuple(words)
    panels = [
        Panel(f"One-hot: {count:,} numbers a word, one of them 1", np.eye(len(words)), names, names,
              axes=("word", "word"), group="cosine", note="Every two words are equally far apart: cosine 0."),
        Panel(f"Dense: {size} numbers a word", dense @ dense.T, names, names, axes=("word", "word"), group="cosine",
              note="Learned from the text alone."),
    ]  # fmt: skip
    panels_view(panels, key=PAGE.key("one_hot"), height=400)
    widgets.notes(*told(words, dense, count, size))


def told(words: list[str], dense: np.ndarray, count: int, size: int) -> tuple[str, str, str]:
    see = f"One-hot vectors of {count:,} words take {count**2:,} numbers and say nothing; dense ones {count * size:,}."
    if len(words) > 1:
        cosines = dense @ dense.T - 2 * np.eye(len(words))
        i, j = np.unravel_index(int(cosines.argmax()), cosines.shape)
        see += f" Most alike here are “{words[i]}” and “{words[j]}”, with a cosine of {cosines[i, j]:.2f}."
    return (
        see,
        "Multiply a one-hot vector with a matrix: which row comes out? That is all an embedding layer does.",
        "A word has one vector here, whatever it means: for “bank” by a river and “bank” with money, walk on to "
        "Embedding space.",
    )
