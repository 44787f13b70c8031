"""DETR: the boxes that object queries draw on a picture, and where the chosen query looked to find its own."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st

from core.data.pictures import picture
from core.errors import Refused
from core.figures import overlays
from core.models.detector import UNTRAINED, Detection, Query, cells_of, detected, query_at
from core.store.shelf import SHELF, available_offline
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.pictures.chooser import Chosen
from ui.views.vision.last_good import BOUND, LOOKED_AT, counted, fetched

REAL = "facebook/detr-resnet-50"
LEAST, MOST = 480, 600  # px of the picture that boxes are drawn on
QUERIES, WIDTH, CLASSES = 100, 256, 91  # of DETR as published
CHOSEN, OTHERS = (1.0, 0.53, 0.0), (1.0, 1.0, 1.0)
RANDOM = '<span class="gaze-badge" style="--kind:#b8860b">random: never trained</span>'


@st.fragment
def draw(chosen: Chosen) -> None:
    if st.session_state.get("_untrained"):
        row = st.container(key="bar").columns([8, 2], vertical_alignment="center")
        row[0].html(f'<div class="gaze-output">{RANDOM} An untrained DETR: its form is right, nothing else.</div>')
        row[1].button(
            "Back", icon=":material/arrow_back:", key="trained", on_click=untrained, args=(False,), width="stretch"
        )
        found = detected(UNTRAINED, chosen.image)
    else:
        found = asked(chosen)
    if found is None:
        explain(chosen)
    else:
        draw_boxes(chosen, found)


def untrained(on: bool) -> None:
    st.session_state["_untrained"] = on


def asked(chosen: Chosen) -> Detection | None:
    """The model's boxes; or advice, where there is something to say beyond that it is not here yet."""
    card = SHELF.get(chosen.model)
    if card is not None and card.family == "detector" and chosen.model not in available_offline():
        return None
    room = st.empty()
    try:
        with room, st.spinner("Asking the model …", show_time=True):
            return detected(chosen.model, chosen.image)
    except Refused as refusal:
        if card is None or card.family == "detector":
            widgets.advice(refusal)
        return None
    finally:
        room.empty()


# --- without a model: what happens, in shapes -------------------------------------------------------------------------


def explain(chosen: Chosen) -> None:
    """The way from the picture to boxes in DETR's own shapes, and which model to get."""
    high, wide, rows, columns = cells_of(*picture(chosen.image).shape[:2])
    row = st.container(key="bar").columns([5, 2.6, 2.6], vertical_alignment="center", gap="small")
    row[0].html(
        f'<div class="gaze-output">No detector is here yet: <b>{REAL}</b>, {SHELF[REAL].megabytes:,.0f} MB.</div>'
    )
    room = st.empty()
    if row[1].button("Fetch it", icon=":material/download:", width="stretch", key="fetch_detr"):
        fetch(room)
    row[2].button(
        "Show an untrained one", icon=":material/casino:", width="stretch", on_click=untrained, args=(True,),
        key="show_untrained",
    )  # fmt: skip
    left, right = st.columns([4.4, 5.6], gap="medium")
    with left:
        grid = Panel(
            f"{high} × {wide} px become {rows} × {columns} = {rows * columns:,} tokens",
            on_cells(chosen.image, rows, columns),
            scale="picture",
            note="one token for each step of 32 px of the convolutional network",
        )
        panels_view([grid], key="detr_grid", height=430)
    right.html(steps(high, wide, rows * columns))
    widgets.notes(
        f"DETR reads the picture by a convolutional network, and its last features are {rows * columns:,} words. "
        f"{QUERIES} learned object queries ask them, and each answers with one box and one class, or with none.",
        "Choose a wide picture: which numbers on the right change, and which do not?",
        "The shapes are those of the published model. What it finds in this picture only the model can say.",
    )


@lru_cache(maxsize=16)
def on_cells(image: str, rows: int, columns: int) -> np.ndarray:
    numbers = np.arange(rows * columns).reshape(rows, columns)
    pixels = overlays.resized(picture(image), rows * 20, columns * 20)
    return overlays.ruled(overlays.as_colours(pixels), numbers)


def steps(high: int, wide: int, count: int) -> str:
    """What each part takes and gives, as html."""
    rows = (
        ("Picture", "shorter side 800 px, longer at most 1,333", f"{high} × {wide} × 3"),
        ("ResNet-50", "a step of 32 px", f"{count:,} × 2,048"),
        ("1 × 1 convolution", "narrower", f"{count:,} × {WIDTH}"),
        ("Encoder, 6 layers", "every place looks at every place", f"8 maps of {count:,} × {count:,}"),
        ("Object queries", "learned, the same for every picture", f"{QUERIES} × {WIDTH}"),
        ("Decoder, 6 layers: self-attention", "queries agree on who takes what", f"8 maps of {QUERIES} × {QUERIES}"),
        ("Decoder: <b>cross-attention</b>", "each query looks at the picture", f"8 maps of {QUERIES} × {count:,}"),
        ("Class", f"{CLASSES} kinds, or no object", f"{QUERIES} × {CLASSES + 1}"),
        ("Box", "middle, width, height as shares", f"{QUERIES} × 4"),
    )
    body = "".join(f"<tr><td>{a}</td><td><small>{b}</small></td><td>{c}</td></tr>" for a, b, c in rows)
    return f'<table class="gaze-numbers"><tr><th>Part</th><th></th><th>Shape</th></tr>{body}</table>'


def fetch(room) -> None:
    try:
        with room, st.spinner(f"Asking for {REAL} …"):
            fetched(REAL, room)
        st.session_state.model = REAL
        st.rerun()
    except Refused as refusal:
        room.empty()
        widgets.advice(refusal)


# --- with a model -----------------------------------------------------------------------------------------------------


def draw_boxes(chosen: Chosen, found: Detection) -> None:
    """Boxes to click, and the chosen query's cross-attention."""
    layers, heads = found.cross.shape[:2]
    row = st.container(key="choose").columns([3.2, 2, 2, 2.8], vertical_alignment="bottom", gap="medium")
    least = row[1].slider("Boxes from, %", 0, 95, 50, 5, key="least", **BOUND) / 100
    shown = tuple(one for one in sorted(found.queries, key=lambda q: -q.score) if keeps(one, least))
    shown = shown or tuple(sorted(found.queries, key=lambda q: -q.score)[:1])
    number = taken(shown)
    number = row[0].selectbox(
        "Object query", [one.number for one in shown], index=[one.number for one in shown].index(number),
        format_func=lambda n: named(found.queries[n]),
    )  # fmt: skip
    st.session_state["_query"] = number
    layer = row[2].slider("Decoder layer", 1, layers, layers, key="detr_layer") - 1
    names = ("mean of all heads", *(f"head {i + 1}" for i in range(heads)))
    head = row[3].selectbox("Head", range(len(names)), format_func=names.__getitem__, key="detr_head")
    badge = "" if found.model == UNTRAINED else widgets.badge(found.model)
    query = found.queries[number]
    st.html(f'<div class="gaze-output">{badge} {answer(query, len(shown), len(found.queries))}</div>')
    maps = found.cross[layer, :, number]
    weights = maps.mean(axis=0) if head == 0 else maps[head - 1]
    panels = pictured(chosen.image, shown, query, weights)
    clicked = panels_view(panels, key="detr_boxes", height=430).cell
    if clicked:
        height, width = panels[0].values.shape[:2]
        hit = query_at(shown, (clicked["column"] + 0.5) / width, (clicked["row"] + 0.5) / height)
        if hit is not None:
            st.session_state["_query"] = hit.number
            st.rerun(scope="fragment")
    widgets.notes(*notes(found, query, weights))


def keeps(query: Query, least: float) -> bool:
    return query.score >= least and query.score > query.nothing


def taken(shown: tuple[Query, ...]) -> int:
    """The number of the query that was chosen, or of the surest one."""
    asked = st.session_state.get("_query")
    return asked if asked in {one.number for one in shown} else shown[0].number


def named(query: Query) -> str:
    return f"{query.choices[0].text}, {widgets.percent(query.score)} (query {query.number + 1})"


def answer(query: Query, shown: int, count: int) -> str:
    also = ", ".join(f"{escape(one.text)} {widgets.percent(one.probability)}" for one in query.choices[:3])
    return (
        f"Query {query.number + 1}: {also}, no object {widgets.percent(query.nothing)}. {shown} of {count} boxes shown."
    )


@lru_cache(maxsize=8)
def canvas(image: str) -> np.ndarray:
    """The picture at a size on which boxes are drawn well."""
    pixels = picture(image)
    times = max(LEAST / max(pixels.shape[:2]), 1.0)
    times = min(times, MOST / max(pixels.shape[:2]))
    high, wide = (max(1, round(one * times)) for one in pixels.shape[:2])
    return overlays.as_colours(overlays.resized(pixels, high, wide))


def pictured(image: str, shown: tuple[Query, ...], query: Query, weights: np.ndarray) -> list[Panel]:
    """Boxes on the picture, the weights over it, and their map."""
    pixels = canvas(image)
    order = [*(one for one in shown if one.number != query.number), query]
    boxes = [(q.box.left, q.box.top, q.box.width, q.box.height) for q in order]
    colours = [*[OTHERS] * (len(order) - 1), CHOSEN]
    framed = overlays.framed(pixels, boxes, colours, [*[2] * (len(order) - 1), 5])
    lit = overlays.lit(pixels, weights)
    lit = overlays.framed(lit, boxes[-1:], [CHOSEN], [3])
    return [
        Panel("Boxes", framed, scale="picture", pick=True, note="Click a box."),
        Panel("Where this query looks", lit, scale="picture", note="dark: little, bright: much"),
        Panel(
            f"Cross-attention over {weights.shape[0]} × {weights.shape[1]} places",
            weights,
            counted(weights.shape[0]),
            counted(weights.shape[1]),
            axes=("row", "column"),
            scale="weight",
            group="weight",
        ),
    ]


def notes(found: Detection, query: Query, weights: np.ndarray) -> tuple[str, str, str]:
    """What you see, try this, careful."""
    share = overlays.share_inside(weights, (query.box.left, query.box.top, query.box.width, query.box.height))
    see = f"{widgets.percent(share)} of what query {query.number + 1} looks at lies inside its own box."
    if found.model == UNTRAINED:
        return (
            f"{see} It has learned nothing: all queries draw nearly the same box and name the same class.",
            "Change the picture: do the boxes care? Then fetch the trained model and compare.",
            "Random weights: only the form is right here, nothing that it says.",
        )
    return (
        f"{see} Trained queries look at the ends of a thing, where its box ends: legs, tails, edges.",
        "Go through the decoder’s layers: when does the query settle? Lower the limit: which queries stay in reserve?",
        LOOKED_AT,
    )
