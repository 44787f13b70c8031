"""What the views of Word alignment share: the question, opening its models, and names as people read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from core.analyses.alignment import Compared, layers_of
from core.data.pairs import LANGUAGES, lesson, typed
from core.engine import ask, freeze_garbage
from core.requests import AlignmentReader, AlignmentRequest, LinkMethod, Pair
from core.store.opening import open_model
from core.store.shelf import SHELF
from ui import jobs, widgets
from ui.default_models import MBERT, XLMR
from ui.default_models import usual as usual_model
from ui.session import Session

PAGE = Session("alignment")
FAMILIES = ("encoder", "encoder-decoder")
FIRST_LANGUAGE, FIRST_PAIR = "fr", 6
SETS = ("this language", "all 64 pairs")


@dataclass(frozen=True, slots=True)
class AlignmentChoice:
    """Everything that the pictures of this page depend on."""

    pair: Pair
    readings: tuple[AlignmentReader, AlignmentReader]
    way: LinkMethod
    language: str


def usual() -> AlignmentChoice:
    """The opening picture."""
    first, second = (AlignmentReader(model) for model in usual_models())
    return AlignmentChoice(lesson(FIRST_LANGUAGE)[FIRST_PAIR], (first, second), LinkMethod(), FIRST_LANGUAGE)


def usual_models() -> tuple[str, str]:
    """mBERT and XLM-R where they are here, else what stands for them."""
    return usual_model(MBERT), usual_model(XLMR)


def opened(model: str) -> None:
    """Have a model ready, with progress while it is fetched."""
    room = st.empty()
    with jobs.fetching(PAGE, room, model) as job, room, st.spinner(f"Opening {model} …", show_time=True):
        open_model(model, progress=job.progress)
    if model not in _MET:
        _MET.add(model)
        freeze_garbage()


_MET: set[str] = set()


def with_pair(source: str, target: str, asked: AlignmentChoice) -> AlignmentChoice:
    """The question about the pair that was typed; Refused where it is none."""
    return replace(asked, pair=typed(source, target, asked.language))


def check(asked: AlignmentChoice) -> None:
    """Refused where one of the models does not answer."""
    for reading in asked.readings:
        opened(reading.model)
        ask(AlignmentRequest(reading, asked.pair))


def default_layer(reading: AlignmentReader) -> int:
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


def names_of(readings: tuple[AlignmentReader, AlignmentReader]) -> list[str]:
    """Names for curves and tables; two of the same model are told apart by their letter."""
    names = [display_name(reading.model) for reading in readings]
    return [f"{'AB'[k]} {name}" for k, name in enumerate(names)]


def built_in(readings: tuple[AlignmentReader, AlignmentReader]) -> bool:
    """Whether both models come with Gaze, so that it is known what they read."""
    cards = [SHELF.get(reading.model) for reading in readings]
    return all(card is not None and card.provenance == "built in" for card in cards)


def set_of(chosen: str, language: str) -> tuple[Pair, ...]:
    """The pairs of one language, or all."""
    languages = [language] if chosen == SETS[0] else list(LANGUAGES)
    return tuple(pair for one in languages for pair in lesson(one))


def badges(readings: tuple[AlignmentReader, AlignmentReader]) -> str:
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


def spinning(readings: tuple[AlignmentReader, AlignmentReader]):
    """What is shown while both models read many pairs."""
    return st.spinner(f"{display_name(readings[0].model)} and {display_name(readings[1].model)} read …", show_time=True)
