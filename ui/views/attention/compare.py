"""Two of anything side by side: two texts, two models or two heads, with what differs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from core.analyses.head_differences import KindDifference, places
from core.data.examples import COUNTERPARTS
from core.measures.attention import layer_numbers, one_map, shown_as
from core.measures.head_differences import Places, difference, elsewhere
from core.requests import HeadDifferencesRequest
from core.types import Attention, Display, Refused, TextEncoding
from ui import jobs, state, widgets
from ui.badges import card_of
from ui.components.board.view import BoardSide, board_view
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.default_models import family_of
from ui.views.attention.controls import FAMILIES, PAGE, TRANSLATORS, main_kind
from ui.views.attention.effects import answered
from ui.views.attention.looked_at import HeadName, written

HEIGHT = 400
SAME = "the same head"
SEE = "The same scale on both sides: what is darker on one side only is what differs."
TRY = "Change one word of the second text. Which head notices, and in which layer?"
CAREFUL = (
    "A head that looks elsewhere need not mean anything by it, and heads of two models with one number have nothing in "
    "common but the number."
)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two: an answer, and the head of it that is looked at."""

    encoding: TextEncoding
    head: HeadName

    @property
    def attention(self) -> Attention:
        return next(one for one in self.encoding.attentions if one.kind == self.head[0])

    def drawn(self, shown: Display) -> tuple[tuple[str, ...], tuple[str, ...], np.ndarray]:
        """(row units, column units, weights) of the head."""
        layer = layer_numbers(self.attention).index(self.head[1])
        rows, columns, weights = one_map(self.attention, shown, layer, self.head[2])
        return tuple(t.text for t in rows), tuple(t.text for t in columns), weights


def draw(encoding: TextEncoding, shown: Display) -> tuple[str, str, str]:
    """Both maps, their difference and the heads that differ most; gives what to see, to try, to be careful with."""
    room = st.container(key="against").columns([4.4, 2.6, 1.7, 1.9], vertical_alignment="bottom", gap="small")
    second = ask_second(encoding, room)
    if second is None:
        return SEE, TRY, CAREFUL
    found = answered(HeadDifferencesRequest(encoding.request, second.request), "Heads compared", "compare")
    one, other = choose_heads(encoding, second, found or (), room)
    left, right = st.columns([2.7, 8.3], gap="medium") if found else (None, st.container())
    if left is not None:
        with left:
            board(found, one)
    with right:
        panels_view(panels(one, other, shown), key=PAGE.key("compare"), height=HEIGHT, across=3)
        st.html(f"<small>{escape(told(one, other, shown))}</small>")
    return most_of(found or ()), TRY, CAREFUL


def ask_second(encoding: TextEncoding, room: Any) -> TextEncoding | None:
    """The answer to compare with: of another text, of another model, or of both; None where it is refused."""
    request = encoding.request
    begin = COUNTERPARTS.get(request.text, request.text)
    if PAGE.get("second_text") in {*COUNTERPARTS, *COUNTERPARTS.values()}:
        PAGE["second_text"] = begin  # an example's counterpart follows the example
    text = widgets.text_box(PAGE, room[0], "Compared with the text", "second_text", begin, titled=True, live="400ms")
    model = widgets.model_box(
        PAGE, room[1], FAMILIES, request.model, "second_model", help="The model that reads the second text."
    )
    changed: dict[str, Any] = {} if model == request.model else {"edit": None}
    if family_of(model) not in TRANSLATORS:
        changed |= {"language": "", "source_language": ""}
    try:
        asked = replace(request, model=model, text=text, pair="", target="", **changed)
        with jobs.fetching(PAGE, st.empty(), model, lambda: PAGE.later("second_model", request.model)) as job:
            return state.answered(asked, job.progress, job.cancelled)
    except Refused as refusal:
        PAGE.refuse(refusal)
        return None


def heads_of(encoding: TextEncoding) -> dict[str, HeadName]:
    """The heads of an answer by the name that the boxes show."""
    heads: list[HeadName] = [
        (attention.kind, number, head)
        for attention in encoding.attentions
        for number in layer_numbers(attention)
        for head in range(attention.weights.shape[1])
    ]
    several = len(encoding.attentions) > 1
    return {written(head) if several else written(head).split()[-1]: head for head in heads}


def choose_heads(
    encoding: TextEncoding, second: TextEncoding, found: tuple[KindDifference, ...], room: Any
) -> tuple[Side, Side]:
    """The head of each side: the one that differs most, and the same one there if the second answer has it."""
    mine, theirs = heads_of(encoding), heads_of(second)
    names = {head: name for name, head in mine.items()}
    begin = strongest(found)
    first = begin[0] if begin else decisive(encoding)
    name = widgets.choice(PAGE, room[2], "Head", "first_head", list(mine), names[first], titled=True)
    head = mine[name]
    shared = head in theirs.values()
    options = [SAME] * shared + list(theirs)
    other = options[0] if shared else {head: name for name, head in theirs.items()}[decisive(second)]
    if shared and not begin:  # twice the same question: another head is what there is to compare
        after = list(mine)
        other = after[(after.index(name) + 1) % len(after)]
    chosen = widgets.choice(PAGE, room[3], "Head there", "second_head", options, other, titled=True)
    return Side(encoding, head), Side(second, head if chosen == SAME else theirs[chosen])


def decisive(encoding: TextEncoding) -> HeadName:
    """The head that a picture of the answer begins with."""
    start = dict(state.most_decisive_head(encoding.request, main_kind(encoding)))
    attention = next(one for one in encoding.attentions if one.kind == start["kind"])
    return attention.kind, layer_numbers(attention)[int(start["layer"])], int(start["head"])


def strongest(found: tuple[KindDifference, ...]) -> tuple[HeadName, float] | None:
    """The head that differs most, and by how much; None where none does."""
    best: tuple[HeadName, float] | None = None
    for side in found:
        layer, head = (int(k) for k in np.unravel_index(int(side.values.argmax()), side.values.shape))
        value = float(side.values[layer, head])
        if value > (best[1] if best else 1e-6):
            best = (side.kind, side.numbers[layer], head), value
    return best


def board(found: tuple[KindDifference, ...], one: Side) -> None:
    """The heads of the kind that is looked at, by how much they differ; a click looks at another."""
    side = next((s for s in found if s.kind == one.head[0]), found[0])
    sides = [BoardSide(side.kind, side.values, frozenset({one.head[1:]}), side.numbers)]
    turn = PAGE.memory.get("compare turn", 0)
    event = board_view(sides, "weight that goes elsewhere", key=PAGE.key("differ"), turn=turn, choosing=True)
    if event.off:
        PAGE.memory["compare turn"] = int(event.off["turn"])
        heads = [(str(kind), int(layer), int(head)) for kind, layer, head in event.off["heads"]]
        names = {head: name for name, head in heads_of(one.encoding).items()}
        clicked = [head for head in heads if head in names and head != one.head]
        if clicked:
            PAGE.later("first_head", names[clicked[-1]])
            st.rerun()
    st.caption("A colour is the share of a row's weight that goes elsewhere, on average. Click a head to look at it.")


def panels(one: Side, other: Side, shown: Display) -> list[Panel]:
    """Both maps on one scale and, where tokens stand for each other, the second less the first."""
    drawn = []
    for side in (one, other):
        down, across, weights = side.drawn(shown)
        names = {head: name for name, head in heads_of(side.encoding).items()}
        title = f"{titled(side.encoding.model)}, {names[side.head]}"
        drawn.append(Panel(title, weights, down, across, scale="weight", group="weight"))
    rows, columns = places(*(as_shown(side, shown) for side in (one, other)))
    if len(rows[0]) and len(columns[0]):
        less = difference(drawn[0].values, drawn[1].values, rows, columns)
        down, across = paired(drawn[0].rows, drawn[1].rows, rows), paired(drawn[0].columns, drawn[1].columns, columns)
        drawn.append(Panel("Second less first", less, down, across, group="difference"))
    return drawn


def titled(model: str) -> str:
    """The name of a model over its map."""
    card = card_of(model)
    return card.title if card else model


def paired(mine: tuple[str, ...], theirs: tuple[str, ...], both: Places) -> tuple[str, ...]:
    """The tokens that stand for each other: both where they differ."""
    pairs = ((mine[i], theirs[j]) for i, j in zip(*both, strict=True))
    return tuple(a if a == b else f"{a} → {b}" for a, b in pairs)


def as_shown(side: Side, shown: Display) -> Attention:
    """The attention of a side with the units that are drawn as its tokens."""
    rows, columns, weights = shown_as(side.attention, shown)
    return replace(side.attention, queries=rows, keys=columns, weights=weights)


def told(one: Side, other: Side, shown: Display) -> str:
    """How much of a row goes elsewhere, and where most."""
    rows, columns = places(*(as_shown(side, shown) for side in (one, other)))
    if not len(rows[0]):
        return "The two have no word in common: there is no difference to show."
    names, _, first = one.drawn(shown)
    shares = elsewhere(first, other.drawn(shown)[2], rows, columns)
    most = int(shares.argmax())
    alone = len(names) - len(rows[0])
    left = f" Rows without a counterpart: {alone} of {len(names)}." if alone else ""
    return (
        f"On average {widgets.percent(float(shares.mean()))} of a row's weight goes elsewhere, most at "
        f"“{names[rows[0][most]]}”: {widgets.percent(float(shares[most]))}.{left}"
    )


def most_of(found: tuple[KindDifference, ...]) -> str:
    """What there is to see: which head differs most."""
    best = strongest(found)
    if best is None:
        return SEE
    return f"Head {written(best[0])} differs most: {widgets.percent(best[1])} of a row's weight goes elsewhere. {SEE}"
