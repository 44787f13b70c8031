"""One sentence on many pages: the menu that takes it along, with its model where the other page can ask it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.data.languages import NAMES
from core.store.opening import family_named
from ui.session import Session

TEXTS = ("encoder-decoder", "encoder", "decoder")


@dataclass(frozen=True, slots=True)
class Goal:
    """A page that takes a sentence."""

    title: str
    text: str  # the parameter that holds the sentence
    families: tuple[str, ...] = ()  # of models that it asks under the name `model`
    always: tuple[tuple[str, str], ...] = ()  # what else its address says


GOALS = {
    "journey": Goal("Journey", "text", TEXTS),
    "attention": Goal("Attention", "text", (*TEXTS, "recurrent")),
    "next_token": Goal("Next token", "text", ("decoder",)),
    "blank": Goal("Fill the blank", "text", ("encoder",)),
    "translation": Goal("Translation", "text"),
    "tokenizers": Goal("Tokenizers", "phrases"),
    "inside": Goal("Inside a head", "text", TEXTS, (("screen", "Steps"), ("where", "In a model"))),
    "positions": Goal("Positions", "sentence"),
    "surgery": Goal("Model surgery", "text", TEXTS),
}


def address_of(file: str, text: str, model: str = "", language: str = "") -> dict[str, str]:
    """What the address of a page says, so that it opens on a sentence and, where it can ask it, on a model."""
    goal = GOALS[file]
    found = {goal.text: text, **dict(goal.always)}
    family = family_named(model) if model and goal.families else ""
    if family in goal.families and family:
        found["model"] = model
        if language and file in ("attention", "journey"):
            found["into"] = NAMES.get(language, language)
    return found


def links(page: Session, text: str, model: str = "", language: str = "") -> None:
    """The other pages that take a sentence, in a menu beside the page's name; nothing where there is no sentence."""
    if not text.strip():
        return
    with st.container(key="along"), st.popover("Take along", icon=":material/move_up:", help="This sentence in …"):
        for file, goal in GOALS.items():
            if file == page.name or (file == "blank" and "[MASK]" in text):
                continue
            if st.button(goal.title, type="tertiary", key=page.key(f"along {file}")):
                Session(file).go(f"../pages/{file}.py", **address_of(file, text, model, language))
