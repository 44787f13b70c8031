"""Retrieval both ways: a text finds pictures, a picture finds texts, in the gallery or in the visitor's own folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses.emoji_vectors import emoji_vectors
from core.data.clip import emoji_name, key_of, lesson
from core.data.gallery import PLAIN, gallery, plain_names
from core.data.pictures import display_name, picture
from core.data.scenes import emoji
from core.measures.retrieval import best, rank_of
from core.models.clip import picture_vectors, text_vectors
from core.types import Refused
from ui import jobs, widgets
from ui.components.finds.message import Find, pack_finds
from ui.components.finds.view import finds_view
from ui.pictures.chooser import choose_picture, put
from ui.views.clip.common import PAGE, bars, language_name, language_picker, own_pictures, told_wrong

WAYS = ("Text finds pictures", "Picture finds texts")
EMOJI, SCENES, OWN = "All emoji", "Scenes and photographs", "Your pictures"
FOUND, NAMED = 30, 14
HEIGHT = 474


@dataclass(frozen=True, slots=True)
class RetrievalChoice:
    """What is searched for, and where."""

    model: str
    text: str
    pictures: tuple[str, ...]


def draw(model: str) -> None:
    row = st.container(key="matrix_bar").columns([3.6, 2.4, 4.4, 1.9], vertical_alignment="center", gap="small")
    way = widgets.segments(PAGE, row[0], "Way", "way", WAYS)
    if way == WAYS[0]:
        where = widgets.choice(PAGE, row[1], "Gallery", "where", (EMOJI, SCENES, OWN))
        begin = lesson().questions[0]
        text = widgets.text_box(PAGE, row[2], "Text", "question", begin, live="400ms", max_chars=400)
        with row[3], st.popover("Your pictures", icon=":material/folder:", width="stretch"):
            own = own_pictures("retrieval", "where", OWN)
        told_wrong("retrieval")
        by_text(model, text, where, own)
    else:
        with row[1]:
            language = language_picker("name_language")
        with row[2]:
            image = choose_picture(PAGE, "asked_picture", "cat-face")
        by_picture(model, image, language)


def by_text(model: str, text: str, where: str, own: dict[str, str]) -> None:
    """The pictures nearest to a text, each with its cosine."""
    key = PAGE.key("example")
    st.pills("Examples", lesson().questions, key=key, on_change=take_example, label_visibility="collapsed")
    room = st.empty()
    pictures = {EMOJI: plain_names(), SCENES: tuple(gallery())}.get(where, tuple(own))
    answer = lambda asked: (vectors_of(asked, room), text_vectors(asked.model, [asked.text])[0])  # noqa: E731
    first = lambda: RetrievalChoice(model, lesson().questions[0], tuple(gallery()))  # noqa: E731
    asked_for = lambda: RetrievalChoice(model, text, pictures)  # noqa: E731
    asked, (vectors, question) = PAGE.ask_or_last_good(asked_for, answer, first, "search")
    indices, cosines = best(question[None], vectors, FOUND)
    own_key = named(asked.text)
    finds = [
        Find(name, own.get(name) or display_name(name), float(cosine), name == PLAIN + own_key)
        for name, cosine in zip((asked.pictures[i] for i in indices[0]), cosines[0], strict=True)
    ]
    st.caption(summary(asked, question, vectors, own_key))
    event = finds_view(pack_finds(finds, HEIGHT), key=PAGE.key("finds"))
    if event.picked in asked.pictures:
        put(PAGE, "asked_picture", event.picked)
        PAGE.later("way", WAYS[1])
        st.rerun()


def take_example() -> None:
    if PAGE.get("example"):
        PAGE["question"] = PAGE["example"]


def vectors_of(asked: RetrievalChoice, room) -> np.ndarray:
    """Vectors of the gallery, shipped or made now with their number told; Refused where it is empty."""
    if not asked.pictures:
        raise Refused("There are no pictures of yours yet. Give some under Your pictures, or choose another gallery.")
    mark = asked.model, asked.pictures
    with jobs.job(PAGE, room, "Pictures through the tower", "search", mark=mark) as job:
        if asked.pictures == plain_names():
            return emoji_vectors(asked.model, job.progress, job.cancelled)
        return picture_vectors(asked.model, asked.pictures, job.progress, job.cancelled)


@lru_cache(maxsize=1)
def keys_by_name() -> dict[str, str]:
    """Every name in every language -> the key of its emoji."""
    return {name.casefold(): one.key for one in emoji() for name in one.names.values()}


def named(text: str) -> str:
    """The key of the emoji that a text names in any language; empty for any other text."""
    return keys_by_name().get(" ".join(text.split()).casefold(), "")


def summary(asked: RetrievalChoice, question: np.ndarray, vectors: np.ndarray, key: str) -> str:
    """How many were searched, and where the emoji of this name was found."""
    say = f"The {min(FOUND, len(vectors))} nearest of {len(vectors):,} pictures; below each its cosine with the text."
    if key and PLAIN + key in asked.pictures:
        place = rank_of(question, vectors, asked.pictures.index(PLAIN + key))
        say += f" The emoji of this name is found at place {place:,}."
    return say + " Click one to ask which texts it finds."


def by_picture(model: str, image: str, language: str) -> None:
    """The names nearest to a picture, among those of all emoji in one language."""
    room = st.empty()
    names = names_in(language)
    try:
        what, mark = f"{language_name(language)} names through the tower", (model, language)
        with jobs.job(PAGE, room, what, "names", mark=mark) as job:
            vectors = text_vectors(model, names, job.progress, job.cancelled)
        (question,) = picture_vectors(model, [image])
    except Refused as refusal:
        PAGE.refuse(refusal)
        return
    indices, cosines = best(question[None], vectors, NAMED)
    left, right = st.columns([3.6, 8.4], gap="medium")
    left.image(picture(image), caption=display_name(image), width=300)
    top = max(float(cosines.max()), 1e-6)
    own = key_of(image)
    mine = emoji_name(own, language) if own else ""
    rows = [
        (f"{sign_of(language, i)} {names[i]}", float(c), f"{c:.3f}")
        for i, c in zip(indices[0], cosines[0], strict=True)
    ]
    marked = next((row[0] for row, i in zip(rows, indices[0], strict=True) if names[i] == mine), "")
    with right:
        say = f"The {len(rows)} nearest of {len(names):,} names in {language_name(language)}, with their cosines."
        if mine:
            say += f" Its own name, “{mine}”, is at place {rank_of(question, vectors, names.index(mine)):,}."
        st.caption(say)
        st.html(bars(rows, top, marked))


@lru_cache(maxsize=28)
def names_in(language: str) -> tuple[str, ...]:
    """The names of all emoji, each once."""
    return tuple(dict.fromkeys(one.names[language] for one in emoji()))


@lru_cache(maxsize=28)
def signs_in(language: str) -> dict[str, str]:
    return {one.names[language]: one.sign for one in reversed(emoji())}


def sign_of(language: str, place: int) -> str:
    return signs_in(language)[names_in(language)[place]]
