"""DETR: the boxes that object queries draw on a picture, and where the chosen query looked to find its own."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.pictures import picture
from core.engine import ask
from core.figures import overlays
from core.models.detector import UNTRAINED, Detection, Query, cells_of, query_at
from core.requests import DetectionRequest, ImageRequest
from core.store.opening import open_model
from core.store.shelf import SHELF, available_offline
from core.types import Refused
from ui import jobs, widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.views.vision.common import LOOKED_AT, PAGE, counted, waited

REAL = "facebook/detr-resnet-50"
LEAST, MOST = 480, 600  # px of the picture that boxes are drawn on
QUERIES, WIDTH, CLASSES = 100, 256, 91  # of DETR as published
CHOSEN, OTHERS = (1.0, 0.53, 0.0), (1.0, 1.0, 1.0)
RANDOM = '<span class="gaze-badge" style="--kind:#b8860b">random: never trained</span>'


def draw(chosen: ImageRequest) -> None:
    if PAGE.memory.get("untrained"):
        row = st.container(key="bar").columns([8, 2], vertical_alignment="center")
        row[0].html(f'<div class="gaze-output">{RANDOM} An untrained DETR: its form is right, nothing else.</div>')
        row[1].button(
            "Back",
            icon=":material/arrow_back:",
            key=PAGE.key("trained"),
            on_click=untrained,
            kwargs={"on": False},
            width="stretch",
        )
        found = ask(DetectionRequest(UNTRAINED, chosen.image))
    else:
        found = asked(chosen)
    if found is None:
        explain(chosen)
    else:
        draw_boxes(chosen, found)


def untrained(*, on: bool) -> None:
    PAGE.memory["untrained"] = on


def asked(chosen: ImageRequest) -> Detection | None:
    """The model's boxes; or advice, where there is something to say beyond that it is not here yet."""
    card = SHELF.get(chosen.model)
    if card is not None and card.family == "detector" and chosen.model not in available_offline():
        return None
    try:
        return waited(ask)(DetectionRequest(chosen.model, chosen.image))
    except Refused as refusal:
        if card is None or card.family == "detector":
            PAGE.refuse(refusal)
        return None


# --- without a model: what happens, in shapes -------------------------------------------------------------------------


def explain(chosen: ImageRequest) -> None:
    """The way from the picture to boxes in DETR's own shapes, and which model to get."""
    high, wide, rows, columns = cells_of(*picture(chosen.image).shape[:2])
    row = st.container(key="bar").columns([5, 2.6, 2.6], vertical_alignment="center", gap="small")
    row[0].html(
        f'<div class="gaze-output">No detector is here yet: <b>{REAL}</b>, {SHELF[REAL].megabytes:,.0f} MB.</div>'
    )
    room = st.empty()
    if row[1].button("Fetch it", icon=":material/download:", width="stretch", key=PAGE.key("fetch_detr")):
        fetch(room)
    row[2].button(
        "Show an untrained one", icon=":material/casino:", width="stretch", on_click=untrained, kwargs={"on": True},
        key=PAGE.key("show_untrained"),
    )  # fmt: skip
    left, right = st.columns([4.4, 5.6], gap="medium")
    with left:
        grid = Panel(
            f"{high} × {wide} px become {rows} × {columns} = {rows * columns:,} tokens",
            on_cells(chosen.image, rows, columns),
            scale="picture",
            note="one token for each step of 32 px of the convolutional network",
        )
        panels_view([grid], key=PAGE.key("detr_grid"), height=430)
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


def fetch(room: DeltaGenerator) -> None:
    try:
        with jobs.fetching(PAGE, room, REAL, leave) as job, room, st.spinner(f"Asking for {REAL} …"):
            open_model(REAL, job.progress, job.cancelled)
    except Refused as refusal:
        widgets.advice(refusal)
        return
    PAGE.memory["fetched model"] = REAL
    st.rerun()


def leave() -> None:
    """Stop: nothing is to be remembered, a download begins only when the button is pressed."""


# --- with a model -----------------------------------------------------------------------------------------------------


def draw_boxes(chosen: ImageRequest, found: Detection) -> None:
    """Boxes to click, and the chosen query's cross-attention."""
    layers, heads = found.cross.shape[:2]
    row = st.container(key="choose").columns([3.2, 2, 2, 2.8], vertical_alignment="bottom", gap="medium")
    least = widgets.slider(PAGE, row[1], "Boxes from, %", "least", 0, 95, 50, step=5) / 100
    shown = tuple(one for one in sorted(found.queries, key=lambda q: -q.score) if keeps(one, least))
    shown = shown or tuple(sorted(found.queries, key=lambda q: -q.score)[:1])
    if "query" in PAGE.memory:
        PAGE["query"] = PAGE.memory.pop("query")
    number = widgets.choice(
        PAGE, row[0], "Object query", "query", [one.number for one in shown], titled=True, linked=False,
        format_func=lambda n: named(found.queries[n]),
    )  # fmt: skip
    layer = int(widgets.slider(PAGE, row[2], "Decoder layer", "detr_layer", 1, layers, layers)) - 1
    names = ("mean of all heads", *(f"head {i + 1}" for i in range(heads)))
    head = widgets.choice(
        PAGE, row[3], "Head", "detr_head", range(len(names)), titled=True, format_func=names.__getitem__
    )
    badge = "" if found.model == UNTRAINED else widgets.badge(found.model)
    query = found.queries[number]
    st.html(f'<div class="gaze-output">{badge} {answer(query, len(shown), len(found.queries))}</div>')
    maps = found.cross[layer, :, number]
    weights = maps.mean(axis=0) if head == 0 else maps[head - 1]
    panels = pictured(chosen.image, shown, query, weights)
    clicked = panels_view(panels, key=PAGE.key("detr_boxes"), height=430).cell
    if clicked:
        height, width = panels[0].values.shape[:2]
        hit = query_at(shown, (clicked["column"] + 0.5) / width, (clicked["row"] + 0.5) / height)
        if hit is not None:
            PAGE.memory["query"] = hit.number
            st.rerun()
    widgets.notes(*notes(found, query, weights))


def keeps(query: Query, least: float) -> bool:
    return query.score >= least and query.score > query.nothing


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
