"""Fill the blank: click a word to hide it, see what masked language models put there, and how they learn it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.analyses.blank import MASKS, sentence
from core.errors import Refused
from ui import default_models, state, widgets
from ui.views.blank import dice, fill, leak, pair
from ui.views.blank.common import BlankChoice, numbered

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
BEGIN = {"pair": EXAMPLES[6][0], "throw": 3, "rate": 15, "show": "Fill"}
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


def use_example() -> None:
    """Put the chosen example into the boxes."""
    number = st.session_state.example
    if number is not None:
        st.session_state.example = None  # else the browser would choose it again with the next change
        text, word, second = EXAMPLES[number]
        st.session_state.text, st.session_state.hide = text, first_hidden(text, word)
        st.session_state.pair = second or st.session_state.get("pair", "")


def change_text() -> None:
    st.session_state.hide = first_hidden(st.session_state.text)


def choose() -> tuple[BlankChoice, str]:
    """The widgets above the picture: (what is asked, which view)."""
    state.begin({"text": EXAMPLES[0][0], **BEGIN}, {"show": VIEWS})
    hidden = {"bind": "query-params", "label_visibility": "collapsed"}
    top = st.container(key="choose").columns([4.4, 1.6, 2.6, 2.6], vertical_alignment="bottom", gap="small")
    text = top[0].text_input("Text", key="text", live="400ms", on_change=change_text, **hidden)
    top[1].selectbox(
        "Example",
        range(len(EXAMPLES)),
        index=None,
        format_func=lambda i: " / ".join(part for part in (EXAMPLES[i][0], EXAMPLES[i][2]) if part),
        placeholder="Examples",
        key="example",
        on_change=use_example,
        label_visibility="collapsed",
    )
    with top[2]:
        one = widgets.model_picker(("encoder",), default_models.usual(default_models.MBERT))
    with top[3]:
        two = widgets.model_picker(("encoder",), default_models.usual(default_models.XLMR), key="second")
    bar = st.container(key="bar").columns([3.4, 6.6], vertical_alignment="center", gap="small")
    view = bar[0].segmented_control("View", list(VIEWS), key="show", required=True, **hidden) or "Fill"
    with bar[1]:
        places, second = (), ""
        if view == "Fill":
            places = words(text or "")
        elif view == "Pair":
            second = st.text_input("Second text", key="pair", live="400ms", **hidden)
        elif view == "Dice":
            dice.choose()
    return BlankChoice(tuple(dict.fromkeys((one, two))), text or "", places, second or ""), view


def words(text: str) -> tuple[int, ...]:
    """The words as buttons; those that are pressed are hidden."""
    try:
        options = labels(text)
    except Refused:
        return ()
    known = [one for one in st.query_params.get_all("hide") if one in options]
    if "hide" in st.session_state:
        known = [one for one in st.session_state.hide or () if one in options]
    elif not known:
        known = first_hidden(text, EXAMPLES[0][1])
    st.session_state.hide = known
    pressed = st.pills(
        "Hidden words", options, selection_mode="multi", key="hide", bind="query-params", label_visibility="collapsed"
    )
    return tuple(i for i, one in enumerate(options) if one in pressed)


@st.fragment
def lesson() -> None:
    """Choose, ask, draw, explain; what cannot be asked gets a sentence, and the last good picture stays."""
    asked, view = choose()
    alert = st.container()
    usual = BlankChoice(
        (default_models.usual(default_models.MBERT), default_models.usual(default_models.XLMR)),
        EXAMPLES[0][0],
        (4,),
        BEGIN["pair"],
    )
    good = st.session_state.get(f"_good blank {view}", usual)
    for one in dict.fromkeys((asked, good, usual)):
        try:
            sentence(one.text)
            see, attempt = VIEWS[view](one)
            break
        except Refused as refusal:
            if one == asked:
                with alert:
                    widgets.advice(refusal)
    else:
        return
    st.session_state[f"_good blank {view}"] = one
    widgets.notes(see, attempt, CAREFUL[view])


st.html(Path(__file__).resolve().parents[1] / "ui" / "languages.css")
lesson()
