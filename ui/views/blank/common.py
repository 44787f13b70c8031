"""What the views of Fill the blank are given, and the html that they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from core.store.cards import ModelCard
from core.store.shelf import card_for
from core.types import Refused, Token
from ui import widgets
from ui.session import Session

PAGE = Session("blank")

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class BlankChoice:
    """The choices of the page."""

    models: tuple[str, ...]
    text: str
    hidden: tuple[int, ...] = ()  # words, counted from 0
    pair: str = ""


def display_name(name: str) -> str:
    card: ModelCard = card_for(name)
    return card.title


def numbered(word: str, index: int) -> str:
    """A word with its place in small figures, counted from 1: so each is named once."""
    return word + str(index + 1).translate(SUBSCRIPTS)


def by_model(asked: BlankChoice, ask: Callable[[str], Any]) -> dict[str, Any]:
    """What each model answers; advice in its place where one refuses. Refused when all do."""
    found: dict[str, Any] = {}
    refusals: list[str] = []
    for name in asked.models:
        try:
            with st.spinner(f"Asking {name} …"):
                found[name] = ask(name)
        except Refused as refusal:
            refusals.append(str(refusal))
    if not found:
        raise Refused(refusals[0])
    for sentence in dict.fromkeys(refusals):
        widgets.advice(sentence)
    return found


def heading(name: str) -> str:
    return f'<p class="gaze-model"><b>{escape(display_name(name))}</b> {widgets.badge(name)}</p>'


def labels(tokens: tuple[Token, ...]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens)
