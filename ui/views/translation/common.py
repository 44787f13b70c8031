"""What the views of Translation share: the sentence, its target, and the five models that are asked."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.data.pairs import lesson
from core.requests import Gold, TextRequest
from core.store.shelf import SHELF, card_for
from core.types import TextEncoding
from ui import jobs, state
from ui.session import Session

PAGE = Session("translation")
SCORES = ("additive", "dot", "general", "scaled-dot")
RECURRENT = tuple(name for name, card in SHELF.items() if card.family == "recurrent")
LANGUAGE = "fr"
HEIGHT = 412
SAME, OWN = "one target for all", "each its own"
FIRST = lesson(LANGUAGE)[0]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The choices of the page that every view takes."""

    text: str
    target: str  # empty: each model's own
    other: str  # the fifth model
    language: str  # that it writes

    def asked(self, model: str) -> TextRequest:
        """The question to one of the models."""
        language = self.language if model == self.other else LANGUAGE
        return TextRequest(model, self.text, target=self.target, language=language)

    @property
    def models(self) -> tuple[str, ...]:
        return (*RECURRENT, self.other)


def answer(request: TextRequest) -> TextEncoding:
    """The answer of one model, with progress while it is fetched."""
    room = st.empty()
    with jobs.fetching(PAGE, room, request.model, back_to_first) as job:
        return state.answered(request, job.progress, job.cancelled)


def back_to_first() -> None:
    """Stop: the model that is always here, so that the download does not begin again."""
    PAGE["model"] = "translator"


def gold_of(sentence: Sentence) -> Gold | None:
    """Links made by hand, where the sentence and its target are a pair that comes with Gaze."""
    pair = next((one for one in lesson(LANGUAGE) if one.source_text == sentence.text.strip()), None)
    return pair.gold if pair and pair.target_text == sentence.target.strip() else None


def title_of(model: str) -> str:
    """A short name: the score of a recurrent model, the title of another."""
    if model in RECURRENT:
        return f"recurrent, {model.removeprefix('rnn-')}"
    title: str = card_for(model).title
    return title
