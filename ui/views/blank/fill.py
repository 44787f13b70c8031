"""Fill: what each model puts into the blanks, and what the first blank looks at in every layer."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.analyses.blank import Filled
from core.engine import ask
from core.requests import BlankRequest
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.views.blank.common import BlankChoice, by_model, display_name, heading, labels

SHOWN = {1: 7, 2: 6}  # candidates, by the number of blanks
MOST_BLANKS = 4
HEIGHT = 190


def draw(asked: BlankChoice) -> tuple[str, str]:
    found = by_model(asked, lambda name: ask(BlankRequest(name, asked.text, asked.hidden)))
    for room, (name, one) in zip(st.columns(len(found), gap="large"), found.items(), strict=True):
        room.html(heading(name) + guesses(one))
    panels_view([attended(name, one) for name, one in found.items()], key="blank", height=HEIGHT)
    return see(asked, found), "Click another word, then a second one: with less around them the guesses get worse."


def guesses(one: Filled) -> str:
    """Bars of the candidates of each blank."""
    count = len(one.places)
    shown = SHOWN.get(count, 5)
    blanks = []
    for number, (choices, truth) in enumerate(zip(one.choices, one.truths, strict=True)):
        if number == MOST_BLANKS:
            blanks.append(f'<p class="gaze-small">and {count - MOST_BLANKS} more blanks</p>')
            break
        head = f"<h4>blank {number + 1}</h4>" if count > 1 else ""
        best = choices[0].probability
        rows = [
            bar(c.text, c.probability, best, right=truth is not None and c.text == truth[0]) for c in choices[:shown]
        ]
        blanks.append(f"<div>{head}{''.join(rows)}<p class='gaze-small'>{of_truth(truth)}</p></div>")
    return f'<div class="gaze-guess">{"".join(blanks)}</div>'


def bar(word: str, share: float, most: float, *, right: bool) -> str:
    kind = "gaze-bar right" if right else "gaze-bar"
    return (
        f'<div class="{kind}"><code dir="auto">{escape(word)}</code>'
        f'<i style="width:{100 * share / most:.1f}%"></i><span>{widgets.percent(share)}</span></div>'
    )


def of_truth(truth: tuple[str, float, int] | None) -> str:
    if truth is None:
        return "What stood there is not one piece: one blank cannot bring it back."
    word, share, rank = truth
    return f"“{escape(word)}”, which stood there: {widgets.percent(share)}, place {rank:,}"


def attended(name: str, one: Filled) -> Panel:
    """Rows are layers, the mean over their heads."""
    weights = one.weights[:, :, 0].mean(axis=1)
    rows = tuple(f"layer {layer + 1}" for layer in range(len(weights)))
    return Panel(
        f"{display_name(name)}: the blank attends to",
        weights,
        rows,
        labels(one.tokens),
        axes=("layer", "token"),
        scale="weight",
        group="attention of the first blank, mean of the heads",
        square=False,
    )


def see(asked: BlankChoice, found: dict[str, Filled]) -> str:
    name, one = next(iter(found.items()))
    best = one.choices[0][0]
    weights = one.weights[:, :, 0].mean(axis=(0, 1)).copy()
    weights[[i for i, token in enumerate(one.tokens) if token.special]] = 0
    place = int(np.argmax(weights))
    return (
        f"{display_name(name)} fills the blank with “{best.text}” ({widgets.percent(best.probability)}), from what "
        f"stands around it alone. Over all layers it looks most at “{one.tokens[place].text}”."
    )
