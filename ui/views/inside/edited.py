"""In a model: leave out 1/sqrt(d), change the temperature, change the mask, and watch its predictions go."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import numpy as np
import streamlit as st

from core.measures.attention import layer_numbers
from core.measures.inside import entropy
from core.models.predicting import predicts_words
from core.requests import Edit, TextRequest
from core.store.opening import open_model
from core.store.revisions import kept
from core.types import Refused, TextEncoding
from ui import state, widgets
from ui.components.grid.view import Grid, Step, grid_payload, grid_view
from ui.views.inside.common import PAGE

MOST_CELL, TALL = 24, 180  # pixels
MOST_SHOWN = 110  # characters
MASKED = {"none": "no mask", "causal": "causal mask", "local": "two neighbours only"}


def draw() -> None:
    """Four runs of the same model over the same text, side by side."""
    from ui.views.inside import in_model  # torch comes with it

    room = in_model.controls([4.2, 2.6, 2.4, 2.4], "bottom")
    temperature = widgets.slider(PAGE, room[2], "Temperature", "heat", 0.1, 10.0, 4.0, step=0.1)

    text = in_model.chosen_text(room[:2])
    decodes = [a.kind for a in state.answered(text).attentions] == ["decoder"]
    usual = ("none", "causal", "local") if decodes else ("causal", "local", "none")
    mask = widgets.choice(PAGE, room[3], "Instead of its mask", "instead", usual, titled=True, format_func=MASKED.get)
    named = {
        "as it is": None,
        "without 1/√d": Edit(scaled=False),
        f"temperature {temperature:g}": Edit(temperature=temperature),
        MASKED[mask]: Edit(mask=mask),
    }
    st.html(widgets.badge(text.model))
    drawn = []
    for column, (name, edit) in zip(st.columns(4, gap="medium"), named.items(), strict=True):
        request = replace(text, edit=edit)
        try:
            column.html(f"<b>{escape(name)}</b><br>{predicted(state.answered(request))}")
            drawn.append((name, request))
        except Refused as refusal:  # an edited model may write nothing at all
            column.html(f"<b>{escape(name)}</b><br><small>{escape(str(refusal))}</small>")
    grid_view(maps(tuple(drawn)), key=PAGE.key("edited"), height=260)


def predicted(encoding: TextEncoding) -> str:
    """What the model writes or expects, and how sharp its attention is."""
    layers = (a.weights[layer] for a in encoding.attentions for layer in range(a.weights.shape[0]))
    bits = np.mean([entropy(np.asarray(heads, dtype=np.float64)).mean() for heads in layers])
    line = f"{bits:.2f} bits a row"
    if encoding.output:
        sure = widgets.percent(float(np.mean([p.choices[0].probability for p in encoding.predictions])))
        written = f'<div dir="auto">{escape(shortened(encoding.output))}</div>'
        return f"{written}<small>{sure} sure of a token, {line}</small>"
    if not encoding.predictions:
        return f"<small>No prediction{unpredicted(encoding)}. {line}</small>"
    return f"{bars(encoding.predictions[0].choices[:5])}<small>{line}</small>"


def unpredicted(encoding: TextEncoding) -> str:
    """Why there is no prediction, as the end of a sentence."""
    opened = open_model(encoding.request.model)
    if not predicts_words(opened):
        return ": the model comes without a head that predicts words"
    mask = opened.tokenizer.mask_token
    return f": put {escape(mask)} into the text" if mask and "fill masks" in opened.family else ""


def shortened(text: str) -> str:
    """As much as a column of the page holds: a broken model repeats itself for long."""
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN].rsplit(" ", 1)[0] + " …"


def bars(choices: tuple) -> str:
    """Candidates with bars as long as they are probable."""
    rows = "".join(
        f'<span dir="auto">{escape(c.text)}</span><span>{widgets.percent(c.probability)}</span>'
        f'<i style="width:{100 * c.probability:.0f}%;height:.7em;background:currentColor;opacity:.45"></i>'
        for c in choices
    )
    return (
        '<div style="display:grid;grid-template-columns:auto auto 1fr;gap:0 .7em;align-items:center">' + rows + "</div>"
    )


@kept
def maps(asked: tuple[tuple[str, TextRequest], ...]) -> bytes:
    """The most telling head of the model as it is (the first one asked), and the same head in every edited run."""
    first = state.answered(asked[0][1]).attentions[0]
    kind = first.kind
    where = dict(state.most_decisive_head(asked[0][1], kind))
    note = f"{kind} head {layer_numbers(first)[where['layer']] + 1}.{where['head'] + 1}"
    grids = []
    for name, request in asked:
        attention = next(a for a in state.answered(request).attentions if a.kind == kind)
        rows, columns = (tuple(t.text for t in tokens) for tokens in (attention.queries, attention.keys))
        grids.append(Grid(name, attention.weights[where["layer"]][where["head"]], rows, columns, note, "share"))
    cell = max(5, min(MOST_CELL, TALL // max(len(grid.rows) for grid in grids)))
    return grid_payload(tuple(grids), (Step("", "", "", tuple(name for name, _ in asked), cell=cell),))
