"""Which words an answer rests on: attribution beside attention, and which of them is faithful on this text."""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from core.analyses.attribution import MISSED, Attributed, Attribution
from core.figures.faithful import deletion_insertion
from core.requests import AttributionRequest
from core.types import TextEncoding
from ui import widgets
from ui.views.attention.controls import PAGE
from ui.views.attention.effects import answered
from ui.words import percent

STYLE = Path(__file__).resolve().parents[2] / "languages.css"
HEIGHT = 290
OFFERED = 5  # answers of each place
BLUE, ORANGE = "#3583d9", "#e08a2c"  # what speaks for the answer, what against it
SEE = "A row is a method: blue words speak for the answer, orange ones against it."
TRY = "Compare attention's row with occlusion's, word by word; then their curves with chance. Choose another answer."
CAREFUL = (
    "A text with words missing is none that the model ever read: occlusion and the curves judge that, too. Attention "
    "says where is looked, and not at which answer."
)
NOTHING = "This model guesses nothing, and judges nothing: no answer rests on a word."


def draw(encoding: TextEncoding) -> tuple[str, str, str]:
    """The table of methods and their curves; gives what to see, to try, and to be careful with."""
    st.html(STYLE)
    options = answers(encoding)
    if not options:
        widgets.advice(f"{NOTHING} Choose a decoder, a masked model, a translator or a classifier.")
        return SEE, TRY, CAREFUL
    left, right = st.columns([4, 7], vertical_alignment="bottom")
    names = [name for *_, name in options]
    chosen = names.index(widgets.choice(PAGE, left, "Answer", "answer", names))
    place, rank, _ = options[chosen]
    found: Attribution | None = answered(
        AttributionRequest(encoding.request, place, rank), "Words taken away one by one", "attribution"
    )
    if found is None:
        return SEE, TRY, CAREFUL
    right.html(f'<div class="gaze-output">{whole(found)}</div>')
    st.html(methods_table(found))
    lines = {one.name: (one.curves.shares, one.curves.deletion, one.curves.insertion) for one in found.methods}
    chance = (found.chance.shares, found.chance.deletion, found.chance.insertion)
    figure = deletion_insertion(lines | {"By chance": chance}, found.answer, HEIGHT, "words", "highest")
    widgets.chart(figure, "attribution", panels=True)
    return f"{SEE} {verdict(found)}", TRY, CAREFUL + missed(found)


def answers(encoding: TextEncoding) -> list[tuple[int, int, str]]:
    """(place, rank, name) of the answers that can be asked about."""
    found = []
    several = len(encoding.predictions) > 1
    for one in encoding.predictions:
        if one.place not in ("next token", "class", "classes of tokens") and not one.place.startswith(
            ("in place of", "target token")
        ):
            continue
        written = one.place.startswith("target token")
        for rank, choice in enumerate(one.choices[: 1 if written else OFFERED]):
            text = encoding.attentions[-1].queries[one.position].text if written else choice.text
            where = f"{one.position + 1}: " if several else ""
            found.append((one.position, rank, f"{where}“{text}”"))
    return found


def whole(found: Attribution) -> str:
    """The answer, how sure it is, and what is left of it without any word."""
    return (
        f"“{escape(found.answer)}” {percent(found.share)} <small>&nbsp;with every word replaced by "
        f"{escape(found.instead)}</small> {percent(found.gone)}"
    )


def methods_table(found: Attribution) -> str:
    """Methods down, tokens across; a tint is a score as a share of its row's largest."""
    head = "".join(f'<th dir="auto">{escape(token.text)}</th>' for token in found.tokens)
    rows = "".join(method_row(one, found) for one in found.methods)
    return (
        f'<div class="gaze-wide"><table class="gaze-lens"><tr><th></th>{head}<th>area gone</th><th>area back</th></tr>'
        f"{rows}</table></div>"
    )


def method_row(one: Attributed, found: Attribution) -> str:
    """One method's scores, and the areas under its curves: gone small, back large where it is faithful."""
    counted = [abs(value) for value, token in zip(one.scores, found.tokens, strict=True) if not token.special]
    most = max(max(counted), 1e-9)
    cells = []
    for value, token in zip(one.scores, found.tokens, strict=True):
        part = min(1.0, abs(float(value)) / most)
        colour = BLUE if value >= 0 else ORANGE
        tint = f"background: color-mix(in srgb, {colour} {70 * part:.0f}%, transparent)"
        faded = "; opacity: .5" if token.special else ""
        cells.append(f'<td style="{tint}{faded}">{value:.2f}</td>')
    gone, back = one.curves.areas
    return f"<tr><th>{one.name}</th>{''.join(cells)}<td>{gone:.3f}</td><td>{back:.3f}</td></tr>"


def verdict(found: Attribution) -> str:
    """Which method finds what the answer rests on, by the area under deletion, and where attention stands."""
    areas = {one.name: one.curves.areas[0] for one in found.methods}
    best = min(areas, key=lambda name: areas[name])
    chance = found.chance.areas[0]
    behind = [name for name in areas if areas[name] >= chance]
    told = f"{best} brings “{found.answer}” down fastest (area {areas[best]:.3f}, by chance {chance:.3f})"
    if not behind:
        return f"{told}; every method beats chance."
    return f"{told}; no better than chance: {', '.join(behind)}."


def missed(found: Attribution) -> str:
    """A warning where integrated gradients do not sum to what they should."""
    wanted = float(np.log(max(found.share, 1e-30)) - np.log(max(found.gone, 1e-30)))
    if abs(found.gap) <= MISSED * abs(wanted):
        return ""
    return f" Integrated gradients miss {abs(found.gap):.1f} of {wanted:.1f} nats here: do not trust them on this text."
