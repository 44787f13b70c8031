"""Fill the blank: click a word to hide it, see what masked language models put there, and how they learn it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.analyses.blank import MASKS, sentence
from core.types import Refused
from ui import along, default_models, widgets
from ui.views.blank import dice, fill, leak, pair
from ui.views.blank.common import PAGE, BlankChoice, numbered

VIEWS = {"Fill": fill.draw, "Dice": dice.draw, "Pair": pair.draw, "Leak": leak.draw}
#: (text, word that is hidden first, second text)
EXAMPLES = (
    ("She is reading a book in the garden.", "book", ""),
    ("The cat chased the mouse.", "cat", ""),
    ("The capital of France is Paris.", "France", ""),
    ("The [MASK] chased the mouse.", "", ""),
    ("I would like a cup of hot tea.", "hot", ""),
    ("Ich trinke jeden Morgen eine Tasse Kaffee.", "Kaffee", ""),
    ("Elle lit un livre dans le jardin.", "livre", ""),
    ("The cat sat on the mat.", "sat", "It was a very comfortable mat."),
    ("The dog barked loudly.", "dog", "The owner came running."),
    ("The sky is blue.", "blue", "What is the price of apples?"),
    ("The cat sleeps on the chair.", "cat", "Die Katze schläft auf dem Stuhl."),
    ("The cat sleeps on the chair.", "cat", "Wo ist der Bahnhof?"),
)
SECOND = EXAMPLES[6][0]
CAREFUL = {
    "Fill": "A likely word is not a true one: the model fills in what often stands there. What a blank looks at is not "
    "proof of what it used.",
    "Dice": "Which pieces are hidden changes with every pass of training; here the throw's number fixes it.",
    "Pair": "A head learns what its training made easy: later models left the next sentence out and lost nothing.",
    "Leak": "The maps are the model's own with the diagonal taken out and rows scaled to 1; the model also has a "
    "stream that carries each word along.",
}


def labels(text: str) -> tuple[str, ...]:
    """What stands on the words' buttons."""
    one = sentence(text)
    return tuple(numbered(one.word(i), i) for i in range(len(one.spans)))


def first_hidden(text: str, wanted: str = "") -> list[str]:
    """The word that is hidden first: the wanted one, else the longest."""
    try:
        one = sentence(text)
    except Refused:
        return []
    words = [one.word(i) for i in range(len(one.spans))]
    if any(MASKS.fullmatch(word) for word in words):
        return []
    place = words.index(wanted) if wanted in words else max(range(len(words)), key=lambda i: len(words[i]))
    return [numbered(words[place], place)]


def put(number: int) -> None:
    """An example's texts and hidden word into the boxes."""
    text, word, second = EXAMPLES[number]
    PAGE.update(text=text, hide=first_hidden(text, word))
    if second:
        PAGE["pair"] = second


def change_text() -> None:
    PAGE["hide"] = first_hidden(PAGE["text"])


def choose() -> tuple[BlankChoice, str]:
    """The widgets above the picture: (what is asked, which view)."""
    top = st.container(key="choose").columns([4.4, 1.6, 2.6, 2.6], vertical_alignment="bottom", gap="small")
    text = widgets.text_box(PAGE, top[0], "Text", "text", EXAMPLES[0][0], live="400ms", on_change=change_text)
    labels = [" / ".join(part for part in (one, other) if part) for one, _, other in EXAMPLES]
    widgets.example_box(PAGE, top[1], labels, put)
    one = widgets.model_box(PAGE, top[2], ("encoder",), default_models.usual(default_models.MBERT))
    two = widgets.model_box(PAGE, top[3], ("encoder",), default_models.usual(default_models.XLMR), "second")
    bar = st.container(key="bar").columns([3.4, 6.6], vertical_alignment="center", gap="small")
    view = widgets.segments(PAGE, bar[0], "View", "show", list(VIEWS))
    with bar[1]:
        places: tuple[int, ...] = ()
        second = ""
        if view == "Fill":
            places = words(text)
        elif view == "Pair":
            second = widgets.text_box(PAGE, st, "Second text", "pair", SECOND, live="400ms")
        elif view == "Dice":
            dice.choose()
    return BlankChoice(tuple(dict.fromkeys((one, two))), text, places, second), view


def words(text: str) -> tuple[int, ...]:
    """The words as buttons; those that are pressed are hidden."""
    try:
        options = labels(text)
    except Refused:
        return ()
    pressed = widgets.several_pills(PAGE, st, "Hidden words", "hide", options, first_hidden(text, EXAMPLES[0][1]))
    return tuple(i for i, one in enumerate(options) if one in pressed)


def usual() -> BlankChoice:
    """The opening question."""
    models = (default_models.usual(default_models.MBERT), default_models.usual(default_models.XLMR))
    return BlankChoice(models, EXAMPLES[0][0], (4,), SECOND)


@PAGE.drawn()
def main() -> None:
    """Choose, ask, draw, explain; what cannot be asked gets a sentence, and the last good picture stays."""
    asked, view = choose()

    def draw(one: BlankChoice) -> tuple[str, str]:
        sentence(one.text)
        return VIEWS[view](one)

    shown, (see, attempt) = PAGE.ask_or_last_good(lambda: asked, draw, usual, view, st.container())
    widgets.notes(see, attempt, CAREFUL[view])
    along.links(PAGE, shown.text, shown.models[0])


st.html(Path(__file__).resolve().parents[1] / "ui" / "languages.css")
main()
