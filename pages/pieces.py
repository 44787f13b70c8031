"""Tokenizers: the same phrases through several tokenizers, what they share, and what each language costs."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st

from core.figures.panels import Panel
from core.figures.tokens import Costs, costs
from core.models.tokens import cut, open_tokenizer, reader
from core.parallel import NAMES, languages, shipped
from core.shelf import SHELF, available_offline
from core.tokens import Cut, fertility, in_both, overlap, premium, shared, unknown_share
from core.types import Refused
from ui import parts, pick, state
from ui.components.panels_view import panels_view
from ui.components.pieces_view import pieces_view

VIEWS = ("Pieces", "Shared", "Languages")
TEXTS = ("encoder", "decoder", "encoder-decoder", "recurrent", "clip")
MOST_PHRASES, MOST_TOKENIZERS, MOST_LETTERS = 12, 6, 500
HEIGHT = 432
CHART = 410
PRESETS = {
    "hello world in three scripts": ("Hello world", "नमस्ते दुनिया", "ハローワールド"),
    "I have a new GPU!": ("I have a new GPU!", "I have a new graphics processing unit!"),
    "Relatives: one word, many languages": (
        "international",
        "internationale",
        "internacional",
        "internationaal",
        "インターナショナル",
        "国际",
        "quốc tế",
    ),
    "Long words": (
        "Donaudampfschifffahrtsgesellschaft",
        "unbelievably",
        "arbeidsongeschiktheidsverzekering",
        "incomprehensibilities",
    ),
    "Right to left": ("مرحبا بالعالم", "שלום עולם", "Hello world"),
    "Names and numbers": ("Tom paid 1,234.56 euros.", "Tom a payé 1 234,56 euros.", "トムは1234ユーロ払った。"),
    "Emoji": ("I love it 😍", "👩‍👩‍👧 🏳️‍🌈", "☕"),
    "Same sentence, eight languages": tuple(one.text for one in shipped("topics") if one.same == "travel 8"),
}
OPENING = next(iter(PRESETS))
SEE = {
    "Pieces": "A box is one piece with its number in the vocabulary; boxes joined by a line are one word. ",
    "Shared": "How many pieces two texts have in common, as a share of all their pieces: dark means the model can "
    "carry over what it learned. ",
    "Languages": "The same 32 sentences in each language: tall bars mean that a language is cut finer, so that less "
    "of it fits into a model. ",
}
TRY = {
    "Pieces": "Point at a piece: the same piece lights up in the other texts. Write a word of your own language, then "
    "misspell it.",
    "Shared": "Click a cell to read the pieces that both texts share. Choose “Relatives” above.",
    "Languages": "Which language costs most, and is it the one with least training data? Add another tokenizer.",
}
CAREFUL = {
    "Pieces": "In scripts without spaces every character counts as a word here, so fewer than one piece a word is "
    "possible.",
    "Shared": "A shared piece is not a shared meaning: “die” is an article in German. Unknown pieces are not counted.",
    "Languages": "Thirty-two sentences show a tendency, not a law; other texts give other numbers.",
}


def usual() -> list[str]:
    here = available_offline()
    wanted = [pick.usual(pick.MBERT), pick.usual(pick.XLMR), *[name for name in pick.GPT if name in here][:1]]
    wanted = list(dict.fromkeys(name for name in wanted if name in here))
    return wanted or [name for name in here if SHELF[name].family in TEXTS][:1]


def use_preset() -> None:
    """Put the chosen phrases into the box."""
    if st.session_state.preset:
        st.session_state.phrases = "\n".join(PRESETS[st.session_state.preset])
        st.session_state.preset = None  # else the browser would choose it again with the next change


def choose() -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """(phrases, tokenizers, view)."""
    state.begin({"phrases": "\n".join(PRESETS[OPENING]), "tokenizers": usual(), "show": "Pieces"}, {"show": VIEWS})
    hidden = {"label_visibility": "collapsed"}
    top = st.container(key="choose").columns([5, 5.4], gap="small")
    text = top[0].text_area(
        "Phrases, one a line", key="phrases", bind="query-params", height=92, help="One a line.", **hidden
    )
    here = set(available_offline())
    names = sorted((n for n, c in SHELF.items() if c.family in TEXTS), key=lambda n: n not in here)
    chosen = top[1].multiselect(
        "Tokenizers",
        names,
        key="tokenizers",
        bind="query-params",
        accept_new_options=True,
        placeholder="Choose tokenizers, or type an id or a folder",
        **hidden,
    )
    row = top[1].columns([4.4, 5], vertical_alignment="center", gap="small")
    row[0].selectbox(
        "Example", list(PRESETS), index=None, placeholder="Examples", key="preset", on_change=use_preset, **hidden
    )
    view = row[1].segmented_control("View", VIEWS, key="show", required=True, bind="query-params", **hidden)
    phrases = tuple(line.strip() for line in (text or "").splitlines() if line.strip())
    return phrases, tuple(dict.fromkeys(chosen)), view or "Pieces"


def checked(phrases: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Refused where there is nothing to draw, or too much."""
    if not phrases:
        raise Refused("There is no text to cut. Type a phrase, or choose an example.")
    if len(phrases) > MOST_PHRASES:
        raise Refused(f"There are {len(phrases)} phrases; up to {MOST_PHRASES} are drawn. Take some lines out.")
    if max(map(len, phrases)) > MOST_LETTERS:
        raise Refused(
            f"A phrase has {max(map(len, phrases)):,} characters; up to {MOST_LETTERS} are drawn. Shorten it."
        )
    if not names:
        raise Refused("No tokenizer is chosen. Choose one above.")
    if len(names) > MOST_TOKENIZERS:
        raise Refused(f"There are {len(names)} tokenizers; up to {MOST_TOKENIZERS} stand side by side. Take some out.")


def read(phrases: tuple[str, ...], names: tuple[str, ...]) -> list[list[Cut]]:
    """Every phrase by every tokenizer: [text][tokenizer]."""
    checked(phrases, names)
    room = st.empty()
    for name in names:
        with room, st.spinner(f"Opening the tokenizer of {name} …"):
            open_tokenizer(name, progress=parts.fetch_progress(room, name))
    room.empty()
    return [[cut(name, phrase) for name in names] for phrase in phrases]


def draw_pieces(phrases: tuple[str, ...], names: tuple[str, ...], rows: list[list[Cut]]) -> str:
    pieces_view([reader(name) for name in names], rows, key="pieces", height=HEIGHT)
    most = max(((unknown_share([c]), i, j) for i, row in enumerate(rows) for j, c in enumerate(row)), default=(0, 0, 0))
    if most[0] >= 0.1:
        title = reader(names[most[2]]).title
        return f"{most[0]:.0%} of “{phrases[most[1]][:30]}” is unknown to {title}: to that model it says nothing."
    worst = max(((fertility([c]), i, j) for i, row in enumerate(rows) for j, c in enumerate(row)))
    return f"{reader(names[worst[2]]).title} takes most: {worst[0]:.2g} pieces a word in “{phrases[worst[1]][:30]}”."


def draw_shared(phrases: tuple[str, ...], names: tuple[str, ...], rows: list[list[Cut]]) -> str:
    """A matrix a tokenizer, and the shared pieces of the pair that was clicked."""
    columns = [[row[k] for row in rows] for k in range(len(names))]
    labels = tuple(phrase[:24] for phrase in phrases)
    panels = [
        Panel(
            reader(name).title,
            between(cuts),
            labels,
            labels,
            axes=("text", "text"),
            scale="weight",
            group="share of the pieces that both texts have",
            note=most_shared(cuts),
            pick=True,
        )
        for name, cuts in zip(names, columns, strict=True)
    ]
    cell = getattr(panels_view(panels, key="shared", height=304), "cell", None)
    if cell:
        st.session_state["_pair"] = int(cell["row"]), int(cell["column"])
    total = sum(between(cuts) for cuts in columns)
    a, b = st.session_state.get("_pair") or (len(phrases), 0)
    if max(a, b) >= len(phrases):  # nothing was clicked, or other texts came: those with most in common
        a, b = sorted(int(i) for i in np.unravel_index(total.argmax(), total.shape))
        b = b or min(1, len(phrases) - 1)
    lines = []
    for name, cuts in zip(names, columns, strict=True):
        common = " · ".join(in_both(cuts[a], cuts[b])) or "none"
        lines.append(f"<tr><td>{escape(reader(name).title)}</td><td><code dir='auto'>{escape(common)}</code></td></tr>")
    head = f"<tr><th>tokenizer</th><th>pieces of both “{escape(phrases[a])}” and “{escape(phrases[b])}”</th></tr>"
    st.html(f'<table class="gaze-numbers">{head}{"".join(lines)}</table>')
    return ""


def between(cuts: list[Cut]) -> np.ndarray:
    """The overlap of each text with the others: what it shares with itself tells nothing, and would set the scale."""
    found = overlap(cuts)
    np.fill_diagonal(found, 0)
    return found


def most_shared(cuts: list[Cut]) -> str:
    """The two texts with most pieces in common, in words."""
    counts = shared(cuts)
    pairs = [(int(counts[i, j]), i, j) for i in range(len(cuts)) for j in range(i + 1, len(cuts))]
    most = max(pairs, default=(0, 0, 0))
    return f"most: {most[0]} between texts {most[1] + 1} and {most[2] + 1}" if most[0] else "no two texts share a piece"


@lru_cache(maxsize=16)
def by_language(name: str) -> Costs:
    """What each language of the shipped sentences costs a tokenizer."""
    sentences = shipped("topics")
    every = {code: [cut(name, one.text) for one in sentences if one.language == code] for code in languages(sentences)}
    return Costs(
        reader(name).title,
        tuple(fertility(cuts) for cuts in every.values()),
        tuple(premium(cuts, every["en"]) for cuts in every.values()),
        tuple(unknown_share(cuts) for cuts in every.values()),
    )


def draw_languages(phrases: tuple[str, ...], names: tuple[str, ...], rows: list[list[Cut]]) -> str:
    some = [by_language(name) for name in names]
    codes = languages(shipped("topics"))
    parts.chart(costs([NAMES[code] for code in codes], some, CHART), "costs", panels=True)
    lost = [(share, codes[i], one.title) for one in some for i, share in enumerate(one.unknown)]
    share, code, title = max(lost)
    if share >= 0.01:
        return f"{share:.0%} of the {NAMES[code]} pieces are unknown to {title}."
    dear = max((value, code, one.title) for one in some for value, code in zip(one.premium, codes, strict=True))
    return f"{dear[2]} needs {dear[0]:.2g} times as many pieces for {NAMES[dear[1]]} as for English."


DRAW = {"Pieces": draw_pieces, "Shared": draw_shared, "Languages": draw_languages}


@st.fragment
def lesson() -> None:
    """Choose, cut, draw, explain; what cannot be cut gets a sentence, and the last good picture stays."""
    phrases, names, view = choose()
    alert, line = st.empty(), st.empty()
    good = st.session_state.get("_good pieces", (PRESETS[OPENING], tuple(usual())))
    try:
        rows = read(phrases, names)
    except Refused as refusal:
        with alert:
            parts.advice(refusal)
        phrases, names = good
        rows = read(phrases, names)
    st.session_state["_good pieces"] = phrases, names
    line.html(f'<div class="gaze-output">{" ".join(parts.badge(name) for name in names)}</div>')
    found = DRAW[view](phrases, names, rows)
    parts.notes(SEE[view] + found, TRY[view], CAREFUL[view])


lesson()
