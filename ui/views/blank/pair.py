"""Pair: two texts in one sequence, the strips that are added up, and the head that judges the pair."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.analyses.blank_pair import Inputs
from core.engine import ask
from core.requests import InputsRequest, NextSentenceRequest
from core.store.shelf import card_for
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.views.blank.common import BlankChoice, by_model, display_name, heading, labels

DRAWN = 24  # numbers of each vector
HEIGHT = 220
#: What a built-in model's head was trained to say, in the place of BERT's next sentence.
TRANSLATION = "is the translation of the first"
FOLLOWS = "follows the first"


def draw(asked: BlankChoice) -> tuple[str, str]:
    found = by_model(asked, lambda name: ask(InputsRequest(name, asked.text, asked.pair)))
    verdicts = {
        name: ask(NextSentenceRequest(name, asked.text, asked.pair)) if asked.pair.strip() else None for name in found
    }
    for room, (name, one) in zip(st.columns(len(found), gap="large"), found.items(), strict=True):
        room.html(heading(name) + verdict(name, verdicts[name], paired=bool(asked.pair.strip())) + strip(one))
    name, one = next(iter(found.items()))
    panels_view(added(one), key="added", height=HEIGHT)
    return see(name, one, verdicts[name]), (
        "Change the second sentence, or empty it. Which strip changes when the two sentences change places?"
    )


def asks(name: str) -> str:
    """What the head for pairs of a model says yes to."""
    said = str(card_for(name).about.get("objectives", ""))
    return TRANSLATION if "translation" in said else FOLLOWS


def verdict(name: str, share: float | None, *, paired: bool) -> str:
    if not paired:
        said = "One text: there is no pair to judge."
    elif share is None:
        said = "It has no head that judges pairs."
    else:
        said = f"The second {asks(name)}: <b>{widgets.percent(share)}</b>"
    return f'<div class="gaze-output">{said}</div>'


def strip(one: Inputs) -> str:
    """Tokens with position and segment."""
    cells = []
    for token, position in zip(one.tokens, one.positions, strict=True):
        kind = ("second" if token.segment else "first") if one.kinds > 1 else ""
        segment = f" · {'B' if token.segment else 'A'}" if one.kinds > 1 else ""
        cells.append(
            f'<span class="{kind}"><b dir="auto">{escape(token.text)}</b><small>{position}{segment}</small></span>'
        )
    return f'<div class="gaze-strip">{"".join(cells)}</div>'


def added(one: Inputs) -> list[Panel]:
    """Token + position + segment = what the first layer norms."""
    parts_of = {"token": one.token, "+ position": one.position, "+ segment": one.segment}
    there = {name: values for name, values in parts_of.items() if values is not None}
    total = np.sum(list(there.values()), axis=0)
    return [
        Panel(
            name,
            values[:, :DRAWN],
            labels(one.tokens),
            axes=("token", "number"),
            group=f"first {DRAWN} of {total.shape[1]} numbers",
            square=False,
        )
        for name, values in (*there.items(), ("= input", total))
    ]


def see(name: str, one: Inputs, share: float | None) -> str:
    if one.kinds > 1:
        said = (
            f"{display_name(name)} adds three vectors for each token: "
            "its piece, its position, and A or B for its sentence. "
        )
    else:
        said = f"{display_name(name)} tells no segments apart: the separators alone show where the second text begins. "
    if share is not None and asks(name) == TRANSLATION:
        said += "BERT's own head says whether a sentence follows; this one, whether it is a translation."
    return said
