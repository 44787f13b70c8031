"""All heads and one of them, as a picture or as a table of measures, and what is said of them."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from core.data.examples import EXAMPLES
from core.data.numbers import Numbers, matrix, records
from core.data.saved import saved
from core.measures.attention import MEASURES, layer_numbers, measures, one_map
from core.requests import Edit
from core.types import Display, Refused, TextEncoding
from ui import edits, saving, state, widgets
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


def measured(encoding: TextEncoding, shown: Display) -> list[dict]:
    """A row for each head with its measures."""
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
    return rows


def table(encoding: TextEncoding, shown: Display) -> None:
    """Measures of all heads, sortable."""
    offer(encoding, shown)
    help_of = {title: st.column_config.NumberColumn(help=what, format="%.3f") for title, what in MEASURES.values()}
    with widgets.tall(st, HEIGHT, "table"):
        st.dataframe(pd.DataFrame(measured(encoding, shown)), hide_index=True, height="stretch", column_config=help_of)


def offer(encoding: TextEncoding, shown: Display, when: str = "") -> None:
    """What can be taken away of an answer: the head that is looked at, the measures, and all weights."""
    start = dict(state.most_decisive_head(encoding.request, main_kind(encoding)))
    behind = f", {when}" if when else ""
    saving.offer(f"This head{behind}", lambda picked: head_in(encoding, shown, start | dict(picked)))
    saving.offer(f"Measures of all heads{behind}", lambda _: records(measured(encoding, shown)))
    saving.offer_files(f"All weights{behind}", {"NPZ": ("npz", lambda _: saved(encoding))})


def head_in(encoding: TextEncoding, shown: Display, chosen: dict) -> Numbers:
    """The weights of the head that an address names, its tokens beside them."""
    attention = next((one for one in encoding.attentions if one.kind == chosen["kind"]), encoding.attentions[0])
    layers, heads = attention.weights.shape[:2]
    try:
        head = chosen["head"] if chosen["head"] in ("mean", "rollout") else int(chosen["head"])
        layer = int(chosen["layer"])
        if not (0 <= layer < layers and (isinstance(head, str) or 0 <= head < heads)):
            raise ValueError
    except ValueError:
        raise Refused("This head is not in the picture any more: choose one, and save again.") from None
    rows, columns, weights = one_map(attention, shown, layer, head)
    down, across = ([f"{token.text} ({place})" for place, token in enumerate(side)] for side in (rows, columns))
    return matrix("query attends to key", down, across, weights)


def picture(encoding: TextEncoding, shown: Display, edited: TextEncoding | None) -> None:
    """Overview and one head; with an edit, before and after side by side and moving together."""
    start = led_to(encoding) or (*state.most_decisive_head(encoding.request, main_kind(encoding)), ("turn", 0))
    offer(encoding, shown, "before" if edited else "")
    if edited is None:
        payload = state.packed(encoding.request, shown, None, start)
        toggle(heads_view(payload, key=PAGE.key("heads"), height=HEIGHT), encoding)
        return
    offer(edited, shown, "after")
    if edited.request.edit:
        saving.tell(f"Edit: {edits.in_words(edited.request.edit)}")
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
        "Walk through the heads with the arrows; click words or cells to hold them, or draw over several cells: "
        "which heads give them most?"
    )
