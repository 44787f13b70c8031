"""What is learned from: the pairs of a centre with its context, and the negatives that are drawn against them."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.learning.words import words_in
from core.measures.word_vectors import context, noise
from core.types import Refused
from ui import widgets
from ui.views.word_vectors.common import PAGE, learned, places_of
from ui.views.word_vectors.map import table

SENTENCE = "the king wears the royal crown and the queen drinks a cup of tea"
MOST = 24  # words of the sentence


def draw() -> None:
    run = learned()
    result = run.result
    assert result is not None
    row = st.container(key="choose").columns([5.2, 2.4, 1.6, 1.6, 1.6], vertical_alignment="bottom", gap="small")
    typed = widgets.text_box(PAGE, row[0], "Sentence", "sentence", SENTENCE, titled=True, live="400ms")
    words, _ = PAGE.ask_or_last_good(lambda: read(typed), lambda some: some, lambda: read(SENTENCE), "sentence")
    place = 0
    if len(words) > 1:
        place = int(widgets.slider(PAGE, row[1], "Centre", "centre", 1, len(words), min(2, len(words)))) - 1
    window = int(widgets.number_box(PAGE, row[2], "Window", "window", 1, 10, 4, titled=True))
    negatives = int(widgets.number_box(PAGE, row[3], "Negatives", "negatives", 1, 20, 5, titled=True))
    if row[4].button("Draw again", icon=":material/casino:", key=PAGE.key("dice"), width="stretch"):
        PAGE.memory["draw"] = PAGE.memory.get("draw", 0) + 1
    around = context(len(words), place, window)
    st.html(marked(words, place, around))
    left, right = st.columns([7, 5], gap="large")
    share = noise(result.counts)
    chance = np.random.RandomState(PAGE.memory.get("draw", 0))
    rows: list[tuple[str, ...]] = []
    for there in around:
        drawn = ", ".join(result.words[i] for i in chance.choice(len(share), negatives, p=share))
        rows.append((words[place], words[there], drawn))
    with left:
        st.html(table(rows, ("centre", "context: its positive", f"{negatives} negatives, drawn by chance")))
    with right:
        st.html(chances(list(dict.fromkeys(words)), run_places=places_of(run), counts=result.counts, share=share))
    unknown = [word for word in dict.fromkeys(words) if word not in places_of(run)]
    see = (
        f"With a window of {window}, “{words[place]}” makes {len(around)} pairs here: at the edge of a sentence a "
        "window is cut. CBOW joins them to one: the mean of the context has to tell the centre."
    )
    if unknown:
        see += f" Not in the learned text: {', '.join(unknown[:5])}."
    widgets.notes(
        see,
        "Move the centre to the first word: how many pairs are left? Then compare the last two columns on the right: "
        "which words does the power of 0.75 favour?",
        "A negative is drawn by chance and may well be a good context; over many draws that averages out.",
    )


def read(text: str) -> tuple[str, ...]:
    words = tuple(words_in(text))
    if not words:
        raise Refused("There is no word in this sentence. Type one with two words or more.")
    if len(words) > MOST:
        raise Refused(f"This sentence has {len(words)} words; up to {MOST} are shown. Shorten it.")
    return words


def marked(words: tuple[str, ...], place: int, around: list[int]) -> str:
    """The sentence with its centre and the words of the window, as html."""
    kinds = {place: "centre", **dict.fromkeys(around, "context")}
    spans = (
        f'<span class="gaze-word" data-kind="{kinds.get(i, "")}">{escape(word)}</span>' for i, word in enumerate(words)
    )
    return f"<style>{STYLE}</style><div class='gaze-words'>{' '.join(spans)}</div>"


STYLE = """
.gaze-words { font-size: 1.3rem; line-height: 2.1; }
.gaze-word { padding: .12em .4em; border-radius: 6px; border: 2px solid transparent; }
.gaze-word[data-kind="centre"] { background: color-mix(in srgb, #c77700 30%, transparent); border-color: #c77700; }
.gaze-word[data-kind="context"] { border-color: #2f7d95; background: color-mix(in srgb, #2f7d95 16%, transparent); }
"""


def chances(words: list[str], run_places: dict[str, int], counts: np.ndarray, share: np.ndarray) -> str:
    """How often the words of the sentence occur and are drawn, as html."""
    some = sorted((word for word in words if word in run_places), key=lambda word: run_places[word])
    plain = counts / counts.sum()
    rows = [
        (
            word,
            f"{counts[run_places[word]]:,}",
            widgets.percent(plain[run_places[word]]),
            widgets.percent(share[run_places[word]]),
        )
        for word in some[:11]
    ]
    return table(rows, ("word", "times in the text", "its share", "drawn as a negative"))
