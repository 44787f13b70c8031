"""Leak: why a model that reads both ways cannot simply guess every word: in two layers each word sees itself."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.analyses.blank import Leak
from core.engine import ask
from core.requests import LeakRequest
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.views.blank.common import BlankChoice, by_model, display_name, heading, labels

HEIGHT = 330
LAYERS = 2  # drawn


def draw(asked: BlankChoice) -> tuple[str, str]:
    first = BlankChoice(asked.models[:1], asked.text)
    ((name, one),) = by_model(first, lambda name: ask(LeakRequest(name, asked.text))).items()
    maps, table = st.columns([6.4, 3.6], gap="medium")
    with maps:
        st.html(heading(name))
        panels_view(panels(one), key="leak", height=HEIGHT)
    table.html(seen(one))
    return see(name, one), (
        "Point at the diagonal of layer 2. Which word's guess changes most when it is hidden, and which can be "
        "told from the others?"
    )


def panels(one: Leak) -> list[Panel]:
    names = labels(one.tokens)
    told = ("after one layer: the diagonal is 0", "after two layers: it is filled")
    return [
        Panel(
            told[layer],
            values,
            names,
            names,
            axes=("word", "what reaches it"),
            scale="weight",
            group="share that reaches a word when none may look at itself",
        )
        for layer, values in enumerate(one.around[:LAYERS])
    ]


def seen(one: Leak) -> str:
    """For each piece the probability of itself, standing there and hidden."""
    rows = ['<h5 class="narrow">piece</h5>', "<h5>seen</h5>", "<h5>hidden</h5>"]
    for token, plain, behind in zip(one.tokens, one.seen, one.hidden, strict=True):
        if np.isnan(plain):
            continue
        rows.append(f'<code dir="auto">{escape(token.text)}</code>')
        for share, kind in ((plain, ""), (behind, "hidden")):
            rows.append(f'<i class="{kind}" style="width:{100 * share:.1f}%"></i><span>{widgets.percent(share)}</span>')
    return f'<div class="gaze-seen">{"".join(rows)}</div>'


def see(name: str, one: Leak) -> str:
    plain = ~np.isnan(one.seen)
    back = one.around[min(1, len(one.around) - 1)].diagonal()[plain]
    seen, hidden = (widgets.percent(float(np.nanmean(some))) for some in (one.seen, one.hidden))
    return (
        f"No word may look at itself here, and yet after two layers {widgets.percent(float(back.mean()))} of what "
        f"reaches a word is the word itself, by way of the others. Seen, {display_name(name)} gives a word {seen} "
        f"on average; hidden, {hidden}."
    )
