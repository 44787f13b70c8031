"""All heads and one of them, as a picture or as a table of measures, and what is said of them."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from core.data.examples import EXAMPLES
from core.measures.attention import MEASURES, layer_numbers, measures
from core.requests import Edit
from core.types import Display, TextEncoding
from ui import edits, state, widgets
from ui.components.heads.view import heads_view
from ui.default_models import family_of
from ui.views.attention.controls import HEIGHT, PAGE, main_kind
from ui.views.attention.looked_at import led_to, look_at


def said_of_edit(encoding: TextEncoding, edit: Edit) -> str:
    return f'<div class="gaze-output">{widgets.badge(encoding.model)} {escape(edits.in_words(edit))}</div>'


def named_head(chosen: dict[str, Any], encoding: TextEncoding) -> tuple[str, int, int]:
    """(kind, the model's own number of the layer, head) of what the picture's buttons send."""
    attention = next(one for one in encoding.attentions if one.kind == chosen["kind"])
    return attention.kind, layer_numbers(attention)[int(chosen["layer"])], int(chosen["head"])


def toggle(event, encoding: TextEncoding) -> None:
    """The picture's own buttons switch a head off or on, and lead to its card."""
    asked = getattr(event, "card_head", None)
    if asked:
        look_at(named_head(asked, encoding))
        PAGE.later("show", "Cards")  # its box is drawn already
        st.rerun()
    chosen = getattr(event, "toggle_head", None)
    if not chosen:
        return
    head = named_head(chosen, encoding)
    PAGE.memory["off"] = edits.switched(PAGE.get("off", ""), main_kind(encoding), head)  # its box is drawn already
    st.rerun()


def summary(encoding: TextEncoding, when: str = "") -> str:
    """One line: what the model wrote or expects (before or after an edit), and where the numbers come from."""
    line = f"<small>{when}</small>" if when else ""
    if encoding.output:
        line += "" if when else "<small>writes</small>"
        line += f'<span dir="auto">{escape(encoding.output)}</span> '
    elif encoding.predictions and encoding.predictions[0].place == "classes of tokens":
        line += f"<small>classes of tokens</small>{escape(of_tokens(encoding))} "
    elif encoding.predictions:
        best = encoding.predictions[0]
        words = ", ".join(f"{c.text} {widgets.percent(c.probability)}" for c in best.choices[:4])
        line += f"<small>{escape(best.place)}</small>{escape(words)} "
    return f'<div class="gaze-output">{line}{"" if when else widgets.badge(encoding.model)}</div>'


def of_tokens(encoding: TextEncoding, most: int = 6) -> str:
    """'London LOC 98 %, ...': the tokens whose class is not the commonest one, the surest first."""
    best = [(one.position, one.choices[0]) for one in encoding.predictions]
    names = [choice.text for _, choice in best]
    usual = max(names, key=names.count)
    found = sorted((pair for pair in best if pair[1].text != usual), key=lambda pair: -pair[1].probability)[:most]
    found.sort(key=lambda pair: pair[0])
    told = [f"{encoding.tokens[at].text} {one.text} {widgets.percent(one.probability)}" for at, one in found]
    return ", ".join(told) if told else f"{usual}, every one"


def table(encoding: TextEncoding, shown: Display) -> None:
    """Measures of all heads, sortable; the table's own menu saves it as CSV."""
    rows = []
    for attention in encoding.attentions:
        found = measures(attention, shown)
        heads = attention.weights.shape[1]
        rows += [
            {"kind": attention.kind, "layer": number + 1, "head": j + 1}
            | {MEASURES[name][0]: float(values[i, j]) for name, values in found.items()}
            for i, number in enumerate(layer_numbers(attention))
            for j in range(heads)
        ]
    help_of = {title: st.column_config.NumberColumn(help=what, format="%.3f") for title, what in MEASURES.values()}
    with widgets.tall(st, HEIGHT, "table"):
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="stretch", column_config=help_of)


def picture(encoding: TextEncoding, shown: Display, edited: TextEncoding | None) -> None:
    """Overview and one head; with an edit, before and after side by side and moving together."""
    start = led_to(encoding) or (*state.most_decisive_head(encoding.request, main_kind(encoding)), ("turn", 0))
    if edited is None:
        payload = state.packed(encoding.request, shown, None, start)
        toggle(heads_view(payload, key=PAGE.key("heads"), height=HEIGHT), encoding)
        return
    sides = st.columns(2, gap="medium")
    for column, name, one in zip(sides, ("before", "after"), (encoding, edited), strict=True):
        with column:
            st.html(summary(one, name))
            payload = state.packed(one.request, shown, "pair", start)
            toggle(heads_view(payload, key=PAGE.key(name), height=HEIGHT - 40), encoding)


def advised(encoding: TextEncoding, view: str = "Heads") -> tuple[str, str]:
    """What there is to see in this view, and what to try."""
    if view == "Table":
        see = "A row is one head, a column a measure of it; the head of a column says what it measures."
        return see, "Click the head of a column: which heads stand first? Look at one of them under Heads."
    if view == "BertViz":
        see = "BertViz draws a line from each token on the left to what it attends to on the right; it counts from 0."
        return see, "Point at a token, and click a coloured square: one click hides a head, two clicks leave it alone."
    looks = {example.text: example.look for example in EXAMPLES.get(family_of(encoding.request.model), ())}
    squares = "Every small square is one head: a row is a word that asks, a column a word that answers."
    if all(attention.weights.shape[:2] == (1, 1) for attention in encoding.attentions):
        squares = "One map: a row is a word being written, a column a word that was read."
        attempt = "Choose another of the recurrent models, same text: which score follows the words best?"
        return looks.get(encoding.request.text, squares), f"Point at a word, and click to hold it. {attempt}"
    return looks.get(encoding.request.text, squares), (
        "Walk through the heads with the arrows; point at a word, and click to hold it."
    )
