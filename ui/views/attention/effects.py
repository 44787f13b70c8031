"""Does a head matter? Every head switched off in turn, and what one carries from another text (activation patching)."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import streamlit as st

from core.analyses.activation_patching import Patched
from core.analyses.head_effects import HeadEffects
from core.data.examples import COUNTERPARTS
from core.engine import ask
from core.requests import HeadEffectsRequest, PatchingRequest
from core.requests.base import Request
from core.types import Refused, Stopped, TextEncoding
from ui import jobs, widgets
from ui.components.board.view import BoardSide, board_view
from ui.components.panels.view import Panel, panels_view
from ui.views.attention.controls import PAGE

WAYS: dict[str, Any] = {
    "One head off": "off",
    "One head alone": "alone",
    "One edge cut": "edge",
    "Patched from another text": "patched",
}
DOING = {
    "off": "Heads switched off one by one",
    "alone": "Heads left alone one by one",
    "edge": "An edge cut head by head",
}
MOST_ROWS = 14  # places that the table names
HEIGHT = 300
BLUE, ORANGE = "#2f74b5", "#b85c00"  # what goes, what is gained; as on the board
HeadName = tuple[str, int, int]  # kind, the model's own number of the layer, head


CAREFUL = (
    "One head off is not the head's whole part: others may do the same and step in, and a model never met this gap "
    "when it was trained."
)


def draw(encoding: TextEncoding) -> tuple[str, str, str]:
    """The board of heads and what the chosen one changes; gives what to see, to try, and to be careful with."""
    ways = list(WAYS)[: 3 if encoding.output else 4]  # a translator's two texts lead to two translations
    left, right = st.columns([6.3, 4.4], vertical_alignment="center")
    way = WAYS[widgets.segments(PAGE, left, "What is done to a head", "way", ways)]
    if way == "patched":
        return (*patching(encoding, right), CAREFUL)
    edge = choose_edge(encoding, right) if way == "edge" else (-1, -1)
    return (*one_by_one(encoding, HeadEffectsRequest(encoding.request, way, edge)), CAREFUL)


def choose_edge(encoding: TextEncoding, room: Any) -> tuple[int, int]:
    """(query, key) of the edge that is cut, of the last kind of attention."""
    attention = encoding.attentions[-1]
    sides = [
        [f"{place} {token.text}" for place, token in enumerate(some)] for some in (attention.queries, attention.keys)
    ]
    asked = [one.position for one in encoding.predictions if one.place.startswith(("in place", "next"))]
    begin = asked[0] if asked else len(attention.queries) // 2
    layers = range(attention.weights.shape[0])
    row = np.mean([np.asarray(attention.weights[layer])[:, begin].mean(axis=0) for layer in layers], axis=0)
    row[[place for place, token in enumerate(attention.keys) if token.special or place == begin]] = -1
    one, other = room.columns(2, gap="small")
    query = widgets.choice(PAGE, one, "Looks from", "edge_from", sides[0], sides[0][begin])
    key = widgets.choice(PAGE, other, "Looks at", "edge_to", sides[1], sides[1][int(row.argmax())])
    return sides[0].index(query), sides[1].index(key)


STOPPED = "Stopped. What was half done is not kept."


def answered(question: Request, what: str, name: str) -> Any:
    """The answer with a bar and Stop while it is made; None where it was stopped or is refused."""
    place = st.empty()
    try:
        with jobs.job(PAGE, place, what, name, mark=question, again="Begin anew", advice=STOPPED) as job:
            return ask(question, lambda done, total, *_: job.progress(done, total), job.cancelled)
    except Stopped as stopped:
        st.caption(str(stopped))
    except Refused as refusal:
        PAGE.refuse(refusal)
    return None


# --- one head off -----------------------------------------------------------------------------------------------------


def one_by_one(encoding: TextEncoding, request: HeadEffectsRequest) -> tuple[str, str]:
    """Each head changed in turn: the board, and what the one that is looked at changes."""
    found = answered(request, DOING[request.way], "effects")
    if found is None:
        return "Each head is changed in turn, and what the model says is measured again.", "Ask a shorter text."
    left, right = st.columns([5.6, 5.4], gap="large")
    names = [(side.kind, number, head) for side in found.heads for number in side.numbers for head in heads_of(side)]
    looked = PAGE.memory.get("looked")
    head = looked if looked in names else strongest(found)
    with left:
        sides = [BoardSide(s.kind, over_asked(found, s.change), on_board(head, s.kind), s.numbers) for s in found.heads]
        event = board_view(sides, unit_of(found), key=PAGE.key("effects"), turn=PAGE.memory.get("effects turn", 0))
        look(event, head)
        st.caption("A colour is what goes with the change of a head. Click one to look at it.")
    with right:
        title = change_named(request, encoding, head)
        st.html(f"<b>{escape(title)}</b>" + table(found, change_of(found, head)))
        st.button("Switch it off in Heads", on_click=switch_off, args=(head,), key=PAGE.key("switch"))
    return sentence(found, head, title)


def heads_of(side: Any) -> range:
    return range(side.change.shape[1])


def over_asked(found: HeadEffects, change: np.ndarray) -> np.ndarray:
    """[layer, head]: the mean over the places that the question is about."""
    return np.asarray(change[:, :, list(found.asked)].mean(axis=-1, dtype=np.float64))


def strongest(found: HeadEffects) -> HeadName:
    """The head whose absence changes most."""
    means = [over_asked(found, side.change) for side in found.heads]
    at = max(range(len(means)), key=lambda i: np.abs(means[i]).max())
    layer, head = np.unravel_index(int(np.abs(means[at]).argmax()), means[at].shape)
    return found.heads[at].kind, found.heads[at].numbers[layer], int(head)


def on_board(head: HeadName, kind: str) -> frozenset[tuple[int, int]]:
    return frozenset({head[1:]}) if head[0] == kind else frozenset()


def look(event: Any, head: HeadName) -> None:
    """The board's click looks at another head."""
    if not event.off:
        return
    PAGE.memory["effects turn"] = int(event.off["turn"])
    clicked = [(str(kind), int(layer), int(at)) for kind, layer, at in event.off["heads"]]
    PAGE.memory["looked"] = next((one for one in reversed(clicked) if one != head), head)
    st.rerun()


def switch_off(head: HeadName) -> None:
    """Go to the picture of heads with this one off."""
    PAGE.memory["off"] = f"{head[0]} {head[1] + 1}.{head[2] + 1}"
    PAGE["show"] = "Heads"


def change_named(request: HeadEffectsRequest, encoding: TextEncoding, head: HeadName) -> str:
    """What is done to a head, in words."""
    if request.way == "alone":
        return f"With {named(head)} alone in its layer"
    if request.way == "off":
        return f"Without {named(head)}"
    attention = encoding.attentions[-1]
    query, key = attention.queries[request.edge[0]].text, attention.keys[request.edge[1]].text
    return f"Without the look of {named(head)} from “{query}” at “{key}”"


def named(head: HeadName) -> str:
    return f"{head[0]} head {head[1] + 1}.{head[2] + 1}"


def change_of(found: HeadEffects, head: HeadName) -> np.ndarray:
    """[place] what one head's absence changes."""
    side = next(one for one in found.heads if one.kind == head[0])
    return side.change[side.numbers.index(head[1]), head[2]]


def unit_of(found: HeadEffects) -> str:
    return "share of the answer that goes" if found.expected else "how far the last states turn, 1 - cosine"


def table(found: HeadEffects, change: np.ndarray) -> str:
    """The places that change most, in the order of the text, with a bar each."""
    most = sorted(range(len(change)), key=lambda i: -abs(change[i]))[:MOST_ROWS]
    rows = "".join(row(found, change, place, max(float(np.abs(change).max()), 1e-9)) for place in sorted(most))
    before = "<th>with it</th><th>without</th>" if found.expected else "<th>1 - cosine</th>"
    where = {"next token": "behind", "this token": "at", "target token": "read", "last hidden state": "at"}[found.says]
    guessed = "<th>expected</th>" if found.expected else ""
    return f'<table class="gaze-numbers"><tr><th></th><th>{where}</th>{guessed}{before}<th></th></tr>{rows}</table>'


def row(found: HeadEffects, change: np.ndarray, place: int, most: float) -> str:
    """One place: what was expected there, how sure before and after, and the change as a bar."""
    value, share = float(change[place]), float(found.shares[place])
    colour = BLUE if value >= 0 else ORANGE
    bar = f'<div style="height:.7em;width:{6 * abs(value) / most:.2f}em;background-color:{colour}"></div>'
    numbers = f"<td>{value:.3f}</td>"
    if found.expected:
        both = (share, share - value)
        numbers = f"<td>{escape(found.expected[place])}</td>" + "".join(f"<td>{widgets.percent(x)}</td>" for x in both)
    token = f'<td><small>{place}</small></td><td dir="auto">{escape(found.tokens[place].text)}</td>'
    weight = ' style="font-weight:600"' if place in found.asked and len(found.asked) < len(found.tokens) else ""
    return f"<tr{weight}>{token}{numbers}<td>{bar}</td></tr>"


def sentence(found: HeadEffects, head: HeadName, title: str) -> tuple[str, str]:
    """What there is to see, with this text's numbers, and what to try."""
    change = change_of(found, head)
    every = np.concatenate([over_asked(found, side.change).ravel() for side in found.heads])
    few = int((np.abs(every) < 0.01).sum())
    if found.expected:
        at = max(found.asked, key=lambda i: abs(change[i]))
        share = float(found.shares[at])
        verb = "falls" if change[at] >= 0 else "rises"
        see = (
            f"{title}, “{found.expected[at]}” {verb} from {widgets.percent(share)} to "
            f"{widgets.percent(share - float(change[at]))}. {few} of {len(every)} heads change less than 1 %."
        )
    else:
        at = int(np.abs(change).argmax())
        see = (
            f"{title}, “{found.tokens[at].text}” turns most: 1 - cosine {float(change[at]):.3f}. {few} "
            f"of {len(every)} heads turn the states by less than .01."
        )
    return see, "Does the head with the clearest picture change anything? Look at it under Heads, then click it here."


# --- patched ----------------------------------------------------------------------------------------------------------


def patching(encoding: TextEncoding, room: Any) -> tuple[str, str]:
    """Heads, and layers at places, taken over from the text into a corrupted copy of it."""
    begin = COUNTERPARTS.get(encoding.request.text, encoding.request.text)
    if PAGE.get("corrupted") in (*COUNTERPARTS, *COUNTERPARTS.values()):
        PAGE["corrupted"] = begin
    other = widgets.text_box(PAGE, room, "The same text with a word changed", "corrupted", begin)
    try:
        question = PatchingRequest(encoding.request, other)
    except Refused as refusal:
        PAGE.refuse(refusal)
        return HOW, TRY
    found = answered(question, "Heads and places taken over one by one", "patching")
    if found is None:
        return HOW, TRY
    left, right = st.columns([4, 7], gap="large")
    with left:
        unit = f"share of the way back to “{found.answers[0]}”"
        kind = encoding.attentions[0].kind
        board_view([BoardSide(kind, found.heads, numbers=found.numbers)], unit, key=PAGE.key("patched"), still=True)
        st.caption("One head's output taken from your text, at every place.")
    with right:
        most = widgets.percent(float(found.stream.max()))
        edges, title = (layers(found), both(found)), "What a layer hands on at one place"
        panel = Panel(title, found.stream, *edges, ("layer", "place"), "gain", "share of the way back")
        panels_view([panel], key=PAGE.key("stream"), height=HEIGHT)
        st.caption(f"Rows are layers, columns places; the strongest cell brings back {most}.")
    return told(found, kind), TRY


HOW = "A head's output in one text is put into another text's pass: what comes back was carried by that head."
TRY = "Change another word of the same length. Which layers carry it, and where does it move to the last place?"


def both(found: Patched) -> tuple[str, ...]:
    """The tokens of both texts, those that differ with both names."""
    pairs = zip(found.clean, found.corrupted, strict=True)
    return tuple(one.text if one.text == two.text else f"{one.text} ← {two.text}" for one, two in pairs)


def layers(found: Patched) -> tuple[str, ...]:
    return tuple(str(i + 1) for i in range(len(found.stream)))


def told(found: Patched, kind: str) -> str:
    """Which head and which layer carry most."""
    layer, head = np.unravel_index(int(found.heads.argmax()), found.heads.shape)
    best = float(found.heads.max())
    return (
        f"Your text leads to “{found.answers[0]}”, the changed one to “{found.answers[1]}”. {kind.capitalize()} head "
        f"{found.numbers[layer] + 1}.{head + 1} alone brings back {widgets.percent(best)} of the difference."
    )
