"""What the screens of Word vectors share: settings, runs and recordings, and words that are typed."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from core.data.delimited import decoded
from core.data.small_world import kinds_shown, small_world
from core.learning.recordings import RECORDINGS, WordRun, load_words, word_run
from core.requests.learning import MOST_SIZE, MOST_TEXT, MOST_WINDOW, WordVectorTraining
from core.types import Refused
from ui import runs, widgets
from ui.brought import brought, file_box
from ui.session import Session

PAGE = Session("word_vectors")
TRAINER = "core.learning.word_vectors:train"
BUILT_IN, OWN = "Small world", "Your text"
RECORDED = {"skip-gram": "words-skip-gram", "CBOW": "words-cbow"}
SECONDS = 300.0
TITLES = {
    "method": "method", "size": "size", "window": "window", "negatives": "negatives", "threshold": "threshold",
    "epochs": "epochs", "fewest": "times a word must occur", "rate": "learning rate", "seed": "seed",
}  # fmt: skip


@lru_cache(maxsize=4)
def recording(method: str) -> WordRun:
    """A run that comes with Gaze."""
    return load_words(RECORDINGS / f"{RECORDED[method]}.npz", f"recorded, {method}")


def settings_row() -> None:
    """The settings of the next run and its button; a click begins it."""
    row = st.container(key="choose").columns(
        [1.9, 2.2, 1.2, 1.2, 1.2, 1.2, 1.0, 1.5], vertical_alignment="bottom", gap="small"
    )
    source = widgets.choice(PAGE, row[0], "Text", "source", (BUILT_IN, OWN), titled=True)
    widgets.segments(PAGE, row[1], "Method", "method", ("skip-gram", "CBOW"), titled=True)
    number = widgets.number_box
    number(PAGE, row[2], "Size", "size", 2, MOST_SIZE, 50, titled=True, help="Numbers a word.")
    number(PAGE, row[3], "Window", "window", 1, MOST_WINDOW, 4, titled=True, help="Context words on each side.")
    number(PAGE, row[4], "Negatives", "negatives", 1, 20, 5, titled=True, help="Words drawn by chance, for each pair.")
    number(PAGE, row[5], "Epochs", "epochs", 1, 100, 5, titled=True, help="How often the text is read.")
    with row[6].popover("More", width="stretch"):
        more(source)
    row[7].button(
        "Train", key=PAGE.key("train"), type="primary", icon=":material/play_arrow:", on_click=start, width="stretch"
    )


def more(source: str) -> None:
    """What is seldom chosen: the text of one's own, and what rare and frequent words are."""
    if source == OWN:
        widgets.text_area(PAGE, st, "Your text, a sentence or a paragraph a line", "own", "", titled=True, height=120)
        file_box(PAGE, st, "or a text file", "file", type=["txt", "md", "csv"], max_upload_size=MOST_TEXT // 1_000_000)
    number = widgets.number_box
    number(PAGE, st, "A word must occur so often", "fewest", 1, 50, 2, titled=True)
    number(
        PAGE, st, "Threshold of frequent words", "threshold", 0.0, 0.1, 0.001, titled=True, step=0.001, format="%.3f",
        help="Words more frequent than this share of the text are left out by chance; 0: none is.",
    )  # fmt: skip
    number(PAGE, st, "Learning rate", "rate", 0.001, 1.0, 0.05, titled=True, step=0.005, format="%.3f")
    number(PAGE, st, "Seed", "seed", 0, 9_999, 0, titled=True)
    if st.button("Show the recording again", key=PAGE.key("again"), width="stretch"):
        runs.forget(PAGE)
        PAGE.memory.pop("before", None)


def own_text() -> str:
    """What somebody pasted or brought. Refused: nothing, or a file that is no text."""
    for name, content in brought(PAGE, "file"):
        if len(content) > MOST_TEXT:
            raise Refused(
                f"{name} has {len(content) / 1e6:.1f} MB; training here takes up to {MOST_TEXT / 1e6:.0f} MB."
            )
        return decoded(content, name)
    text = str(PAGE.get("own", ""))
    if not text.strip():
        raise Refused("There is no text of yours yet. Open More, and paste one or choose a file.")
    return text


def wanted() -> WordVectorTraining:
    """The settings as they are chosen; Refused says what does not go."""
    own = PAGE.get("source") == OWN
    chosen: dict[str, Any] = {name: PAGE[name] for name in TITLES if name in PAGE}
    return WordVectorTraining(own_text() if own else small_world(), shown=() if own else tuple(kinds_shown()), **chosen)


def start() -> None:
    """Begin a run with these settings; the one that is shown becomes the one before."""
    shown = latest()
    runs.start(PAGE, TRAINER, wanted, lambda: shown if shown.result is not None else None, SECONDS)


def latest() -> WordRun:
    """The visitor's own run as far as it is, else the recording of the method that is chosen."""
    training = runs.current(PAGE)
    found = word_run(training.settings, training.steps) if training is not None else None
    return found or recording(str(PAGE.get("method", "skip-gram")))


def learned() -> WordRun:
    """The last run that has ended: what can be asked for neighbours."""
    found = latest()
    if found.result is not None:
        return found
    before = PAGE.memory.get("before")
    return before if isinstance(before, WordRun) else recording("skip-gram")


def titled(run: WordRun) -> str:
    """What a run is called: its recording, or its settings."""
    some = run.settings
    return run.name or f"{some.method}, size {some.size}, window {some.window}, {some.epochs} epochs"


def changed(one: WordVectorTraining, other: WordVectorTraining) -> list[str]:
    """The settings in which two runs differ, in words."""
    found = [
        f"{TITLES[f.name]} {getattr(one, f.name):g} → {getattr(other, f.name):g}"
        if isinstance(getattr(one, f.name), int | float)
        else f"{TITLES[f.name]} {getattr(one, f.name)} → {getattr(other, f.name)}"
        for f in fields(one)
        if f.name in TITLES and getattr(one, f.name) != getattr(other, f.name)
    ]
    return found + (["another text"] if one.text != other.text else [])


def places_of(run: WordRun) -> dict[str, int]:
    """Word -> its row of the vectors."""
    assert run.result is not None
    return {word: place for place, word in enumerate(run.result.words)}


def vectors_of(run: WordRun) -> np.ndarray:
    assert run.result is not None
    return run.result.vectors


def known(typed: str, run: WordRun, most: int = 8) -> list[str]:
    """The words that are typed, commas or blanks between; Refused names those that were not learned."""
    words = list(dict.fromkeys(typed.lower().replace(",", " ").split()))
    if not words:
        raise Refused("Type a word of the text, or several with commas between.")
    there = places_of(run)
    unknown = [word for word in words if word not in there]
    if unknown:
        named = ", ".join(f"“{word[:30]}”" for word in unknown[:4])
        times = run.settings.fewest
        raise Refused(
            f"Not among the {len(there):,} words that were learned: {named}. A word must occur {times} times."
        )
    if len(words) > most:
        raise Refused(f"{len(words)} words: up to {most} are shown at once. Leave some out.")
    return words
