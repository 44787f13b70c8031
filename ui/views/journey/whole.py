"""The page Journey: its choices, the message for the browser, and the pages where each stop goes on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.data.examples import FIRST
from core.engine import ask
from core.models.tokenizer import open_tokenizer
from core.requests import JourneyRequest, TextRequest
from core.store.families import families_that
from core.store.revisions import kept
from ui import jobs, saving, state, widgets
from ui.along import GOALS, address_of
from ui.components.journey.message import MOST_SHOWN, pack_parts
from ui.components.journey.view import journey_view
from ui.components.message import pack
from ui.default_models import examples_of, follow_model
from ui.language_boxes import language_boxes
from ui.session import Session
from ui.views.journey import numbers

if TYPE_CHECKING:  # torch and transformers load with the first question, not with the page
    from core.analyses.journey import Journey

PAGE = Session("journey")
FAMILIES = ("encoder-decoder", "encoder", *families_that("continue"))
HEIGHT = 470
OPENING = replace(FIRST, text="The black cat sleeps.")
SEE = "A row is a token, from its piece to the guess; lines are attention, strips are vectors. Each layer only adds."
TRY = "Press ▶: from which layer on does the guess stay? Then choose a stop, and go on to the page that opens it."
CAREFUL = (
    f"Of each vector at most {MOST_SHOWN} numbers are drawn, evenly chosen; lengths and cosines are of all of them. "
    "What an early layer would say was never trained."
)


def choose() -> TextRequest:
    """The text and the model, as the widgets name them."""
    top = st.container(key="choose").columns([5.4, 1.9, 3.6], vertical_alignment="bottom", gap="small")
    model = widgets.model_box(PAGE, top[2], FAMILIES, OPENING.model, on_change=partial(follow_model, PAGE))
    some = [OPENING.text] if model == OPENING.model else []
    some += [one.text for one in examples_of(model) if not one.pair]
    text = widgets.text_box(PAGE, top[0], "Text", "text", some[0], live="400ms")
    with top[1]:
        language, source = language_boxes(PAGE, model)
        if not language:
            widgets.example_box(PAGE, st, some, lambda number: PAGE.update(text=some[number]))
    return TextRequest(model, text, language=language, source_language=source)


def answer(request: TextRequest) -> Journey:
    """The way of a text, with progress while its model is fetched."""
    place = st.empty()
    with jobs.asking(PAGE, place, request.model, OPENING.model, "Following the text …") as job:
        state.answered(request, job.progress, job.cancelled)
        found: Journey = ask(JourneyRequest(request))
    return found


def draw(request: TextRequest, found: Journey) -> None:
    """The way, and the page of a stop when it is asked for."""
    event = journey_view(message(request), key=PAGE.key("way"))
    saving.offer("Lengths of the vectors", lambda _: numbers.stream(found))
    if found.guesses:
        saving.offer("What each layer would say", lambda _: numbers.guesses(found))
    if getattr(event, "go", None):
        file, parameters = goal(request, found, event.go)
        Session(file).go(f"../pages/{file}.py", **parameters)


@kept
def message(request: TextRequest) -> bytes:
    """The browser's message for a text."""
    found: Journey = ask(JourneyRequest(request))
    facts = {
        "height": HEIGHT,
        "characters": len(request.text),
        "bytes": len(request.text.encode()),
        "vocabulary": len(open_tokenizer(request.model)),
        "shown": f"{MOST_SHOWN} of {found.sides[0].enters.shape[1]}",
        "pages": pages(found),
    }
    return pack(*pack_parts(found, facts))


TITLES = {"word_vectors": "Word vectors"}  # of pages that take no sentence


def files(found: Journey) -> dict[str, str]:
    """Stop -> the page that opens it."""
    guess = {"next token": "next_token", "target token": "translation"}.get(found.says, "attention")
    return {
        "Characters": "tokenizers",
        "Tokens": "tokenizers",
        "Vectors": "word_vectors",
        "Positions": "positions",
        "Attention": "attention",
        "Cross-attention": "attention",
        "Feed-forward": "inside",
        "Stream": "inside",
        "Guess": guess,
    }


def pages(found: Journey) -> dict[str, str]:
    """Stop -> the title of its page."""
    return {stop: TITLES.get(file) or GOALS[file].title for stop, file in files(found).items()}


def goal(request: TextRequest, found: Journey, asked: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """(file of a page, what its address says), so that it opens on the same text, model, layer and head."""
    stop = str(asked["stop"])
    file = files(found)[stop]
    if file in TITLES:
        return file, {}
    address = address_of(file, request.text, request.model, request.language)
    if stop in ("Feed-forward", "Stream"):
        address["screen"] = "Stream"
    elif file == "attention" and stop == "Guess":
        address["show"] = "Lens"
    elif file == "attention":
        kind = "cross" if stop == "Cross-attention" else str(asked["side"])
        head = int(asked["head"])
        address |= {"kind": kind, "layer": str(int(asked["layer"])), "head": str(head - 1) if head else "mean"}
    return file, address
