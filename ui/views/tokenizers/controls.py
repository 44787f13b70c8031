"""Which phrases are cut, by which tokenizers."""

from __future__ import annotations

import streamlit as st

from core.data.labelled import shipped
from core.measures.tokenizers import Tokenized
from core.models.tokenizer import open_tokenizer, tokenize
from core.requests import Spacing
from core.store.families import families_that
from core.store.shelf import SHELF, available_offline
from core.types import Refused
from ui import default_models, jobs, widgets
from ui.session import Session

PAGE = Session("tokenizers")

VIEWS = ("Pieces", "Shared", "Languages")
TEXTS = ("encoder", *families_that("continue"), "encoder-decoder", "recurrent", "clip")


MOST_PHRASES, MOST_TOKENIZERS, MOST_LETTERS = 12, 6, 500


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
    "Pieces": "In scripts without spaces every character counts as a word here, a run of katakana as one: fewer than "
    "one piece a word is possible.",
    "Shared": "A shared piece is not a shared meaning: “die” is an article in German. Unknown pieces are not counted.",
    "Languages": "Thirty-two sentences show a tendency, not a law; other texts give other numbers.",
}


def usual() -> list[str]:
    here = available_offline()
    wanted = [
        default_models.usual(default_models.MBERT),
        default_models.usual(default_models.XLMR),
        *[name for name in default_models.GPT if name in here][:1],
    ]
    wanted = list(dict.fromkeys(name for name in wanted if name in here))
    return wanted or [name for name in here if SHELF[name].family in TEXTS][:1]


def use_preset() -> None:
    """Put the chosen phrases into the box."""
    if PAGE.get("preset"):
        PAGE["phrases"] = "\n".join(PRESETS[PAGE["preset"]])
        PAGE["preset"] = None  # else the browser would choose it again with the next change


def choose() -> tuple[tuple[str, ...], tuple[str, ...], Spacing, str]:
    """(phrases, tokenizers, white space, view)."""
    top = st.container(key="choose").columns([5, 5.4], gap="small")
    opening = "\n".join(PRESETS[OPENING])
    text = widgets.text_area(PAGE, top[0], "Phrases, one a line", "phrases", opening, height=92, help="One a line.")
    here = set(available_offline())
    names = sorted((n for n, c in SHELF.items() if c.family in TEXTS), key=lambda n: n not in here)
    chosen = widgets.several(
        PAGE,
        top[1],
        "Tokenizers",
        "tokenizers",
        names,
        usual(),
        accept_new_options=True,
        placeholder="Choose tokenizers, or type an id or a folder",
    )
    row = top[1].columns([2.7, 4.7, 1.6], vertical_alignment="center", gap="small")
    row[0].selectbox(
        "Example",
        list(PRESETS),
        index=None,
        placeholder="Examples",
        key=PAGE.key("preset"),
        on_change=use_preset,
        label_visibility="collapsed",
    )
    view = widgets.segments(PAGE, row[1], "View", "show", VIEWS)
    with row[2], st.popover("More", width="stretch"):
        spacing, whole = white_space()
    phrases = phrases_of(text, spacing, whole=whole)
    return phrases, tuple(dict.fromkeys(chosen)), spacing, view


def white_space() -> tuple[Spacing, bool]:
    """How white space reaches the tokenizers, and whether the whole box is one text."""
    spacing = widgets.spacing(
        PAGE,
        st,
        "As typed, spaces at the ends, double spaces and tabs reach the tokenizer: “ cat” is not “cat”.",
    )
    return spacing, widgets.toggle(PAGE, st, "One text with its line breaks", "whole")


def phrases_of(text: str, spacing: Spacing, *, whole: bool) -> tuple[str, ...]:
    """The phrases of the box: one a line, or all of it."""
    lines = [text] if whole else text.splitlines()
    return tuple(line.strip() if spacing == "tidy" else line for line in lines if line.strip())


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


def read(phrases: tuple[str, ...], names: tuple[str, ...], spacing: Spacing = "typed") -> list[list[Tokenized]]:
    """Every phrase by every tokenizer: [text][tokenizer]."""
    checked(phrases, names)
    room = st.empty()
    for name in names:
        with jobs.fetching(PAGE, room, name) as job, room, st.spinner(f"Opening the tokenizer of {name} …"):
            open_tokenizer(name, progress=job.progress)
    return [[tokenize(name, phrase, spacing) for name in names] for phrase in phrases]
