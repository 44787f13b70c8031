"""What the views of Word alignment share: the question, opening its models, and names as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from core.analyses.alignment import AlignmentRequest, Compared, compared, layers_of
from core.data.pairs import LANGUAGES, Pair, lesson, typed
from core.engine import freeze_garbage
from core.errors import Refused
from core.measures.alignment import LinkMethod
from core.store.opening import open_model
from core.store.shelf import SHELF
from ui import widgets
from ui.default_models import MBERT, XLMR
from ui.default_models import usual as usual_model

BOUND = {"bind": "query-params", "label_visibility": "collapsed"}
FAMILIES = ("encoder", "encoder-decoder")
FIRST_LANGUAGE, FIRST_PAIR = "fr", 6
SETS = ("this language", "all 64 pairs")


@dataclass(frozen=True, slots=True)
class AlignmentChoice:
    """Everything that the pictures of this page depend on."""

    pair: Pair
    readings: tuple[AlignmentRequest, AlignmentRequest]
    way: LinkMethod
    language: str


def usual() -> AlignmentChoice:
    """The opening picture."""
    first, second = (AlignmentRequest(model) for model in usual_models())
    return AlignmentChoice(lesson(FIRST_LANGUAGE)[FIRST_PAIR], (first, second), LinkMethod(), FIRST_LANGUAGE)


def usual_models() -> tuple[str, str]:
    """mBERT and XLM-R where they are here, else what stands for them."""
    return usual_model(MBERT), usual_model(XLMR)


def opened(model: str) -> None:
    """Have a model ready, with progress while it is fetched."""
    room = st.empty()
    try:
        with room, st.spinner(f"Opening {model} …", show_time=True):
            open_model(model, progress=widgets.fetch_progress(room, model))
    finally:
        room.empty()
    if model not in _MET:
        _MET.add(model)
        freeze_garbage()


_MET: set[str] = set()


def carefully(source: str, target: str, asked: AlignmentChoice) -> AlignmentChoice:
    """The question with the pair that was typed if both models answer it; else advice, and the last that they did."""
    try:
        pair = typed(source, target, asked.language)
        wanted = AlignmentChoice(pair, asked.readings, asked.way, asked.language)
        for reading in wanted.readings:
            opened(reading.model)
            compared(reading, pair)
        return wanted
    except Refused as refusal:
        widgets.advice(refusal)
        return st.session_state.get("_good_alignment") or usual()


def default_layer(reading: AlignmentRequest) -> int:
    """The layer, as people count them, that is known to align best: by its card, else two thirds up.

    SimAlign found 8 of 12 the best in mBERT and XLM-R. Attention between sentences follows translations halfway up,
    a translator's cross-attention in its last layer.
    """
    card, layers = SHELF.get(reading.model), layers_of(reading)
    known = card.scores.get("AER layer") if card and reading.of == "states" else None
    if known is not None and int(known) in layers:
        return int(known)
    if card and card.family == "encoder-decoder":
        return layers[-1]
    share = 2 / 3 if reading.of == "states" else 1 / 2
    return min(layers, key=lambda layer: abs(layer - share * layers[-1]))


def display_name(model: str) -> str:
    """A model's name without the folders in front."""
    return model.rstrip("/").rsplit("/", 1)[-1]


def names_of(readings: tuple[AlignmentRequest, AlignmentRequest]) -> list[str]:
    """Names for curves and tables; two of the same model are told apart by their letter."""
    names = [display_name(reading.model) for reading in readings]
    return [f"{'AB'[k]} {name}" for k, name in enumerate(names)]


def set_of(chosen: str, language: str) -> tuple[Pair, ...]:
    """The pairs of one language, or all."""
    languages = [language] if chosen == SETS[0] else list(LANGUAGES)
    return tuple(pair for one in languages for pair in lesson(one))


def badges(readings: tuple[AlignmentRequest, AlignmentRequest]) -> str:
    return " ".join(dict.fromkeys(widgets.badge(reading.model) for reading in readings))


def warnings(some: tuple[Compared, ...], asked: AlignmentChoice) -> list[str]:
    """Sentences about pieces that a tokenizer does not know."""
    found = []
    for reading, one in zip(asked.readings, some, strict=True):
        for side, share in zip(("source", "translation"), one.unknown, strict=True):
            if share > 0.2:
                found.append(
                    f"{escape(display_name(reading.model))} does not know {widgets.percent(share)} "
                    f"of the {side}'s pieces: what it links there means nothing."
                )
    return list(dict.fromkeys(found))


def spinning(readings: tuple[AlignmentRequest, AlignmentRequest]):
    """What is shown while both models read many pairs."""
    return st.spinner(f"{display_name(readings[0].model)} and {display_name(readings[1].model)} read …", show_time=True)
