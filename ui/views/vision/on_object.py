"""On the object: how much of the attention lies on what a composed scene shows, against the room that it takes."""

from __future__ import annotations

from contextlib import suppress
from html import escape

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.patch_maps import METHODS, SEVERAL, map_of
from core.data.gallery import gallery
from core.data.pictures import picture, true_mask
from core.engine import ask
from core.measures.arrays import host
from core.measures.attention import in_parts
from core.measures.patches import on_grid, on_picture, share_of_patches, share_on
from core.requests import ImageRequest, ObjectShareRequest
from core.store.revisions import kept
from core.store.shelf import SHELF
from core.types import ImageEncoding, Stopped
from ui import jobs, widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.pictures.chooser import DEFAULT, put, shaped
from ui.views.vision.common import PAGE, answered

HEIGHT = 440
LARGEST = 256  # px of a picture here
LARGE = 10_000_000  # parameters from which on nothing is computed over several scenes unasked
NO_CLASS = -1


def draw(chosen: ImageRequest) -> None:
    encoding = answered(shaped(PAGE, chosen))
    request = encoding.request
    mask = true_mask(request.image)
    if mask is None or not mask.any():
        nobody_knows(encoding)
        return
    filled = share_of_patches(mask, encoding.patches)
    ratios = by_head(request) / float(filled.mean())
    label = encoding.predictions[0].choices[0].label if encoding.predictions else NO_CLASS
    some = tuple(one for one in METHODS if one != "random" and (label != NO_CLASS or one != "relevance"))
    maps = {METHODS[one]: map_of(request, one, label) for one in some}
    left, right = st.columns([5.4, 5], gap="large")
    with left:
        st.html(f'<div class="gaze-badges">{widgets.badge(encoding.model)}<small>{said_of_area(filled)}</small></div>')
        panels_view(pictures(request, encoding, maps), key=PAGE.key("on_object"), height=HEIGHT, across=2)
    with right:
        panels_view([heads_panel(ratios)], key=PAGE.key("on_object_heads"), height=HEIGHT // 2)
        rows = {title: share_on(grid, filled) for title, grid in maps.items()}
        table, room = st.empty(), st.empty()
        table.html(as_table(rows, float(filled.mean()), {}))
    widgets.notes(*notes(encoding, ratios, filled))
    # Last of all: what is asked above stands while this takes its time.
    table.html(as_table(rows, float(filled.mean()), over_several(request, some, room)))


def said_of_area(filled: np.ndarray) -> str:
    return f"emoji fill {widgets.percent(float(filled.mean()))} of what the model sees"


def nobody_knows(encoding: ImageEncoding) -> None:
    """A photograph: what is object in it was never written down."""
    title = "photograph" if encoding.request.image in gallery() else "picture"
    widgets.advice(f"Nobody has drawn where the object is in this {title}, so no share can be told. Choose a scene.")
    shown, beside = st.columns([1, 2], gap="large")
    shown.image(picture(encoding.request.image), width="stretch", alt="The chosen picture")
    beside.button(f"Show “{gallery()[DEFAULT].title}”", on_click=put, args=(PAGE, "picture", DEFAULT))
    widgets.notes(
        "In a composed scene it is known which pixels are emoji, to the pixel; in a photograph it is not.",
        "Compose a scene of your own, or choose one of the gallery: its true mask comes with it.",
        "Attention on the object does not say that the object was used: see “Faithful?”.",
    )


@kept
def by_head(request: ImageRequest) -> np.ndarray:
    """Share of each head's weight on patches that lies on the object, [layer, head], as the classifier reads it."""
    from core.analyses.readout import readout_of  # torch loads with the first model, not with the page

    encoding = ask(request)
    read = readout_of(encoding)
    weights, patches = encoding.attentions[0].weights, encoding.patches
    shares = share_of_patches(known_mask(request.image), patches)
    found = []
    for layer in range(weights.shape[0]):
        rows = [read @ host(one) for maps in in_parts(weights, layer) for one in maps]
        found.append([share_on(on_grid(row, patches), shares) for row in rows])
    return np.array(found)


def known_mask(image: str) -> np.ndarray:
    """The true mask of a picture that this view took: nothing else comes here."""
    found = true_mask(image)
    if found is None:
        raise ValueError(f"{image} is no composed scene")
    return found


def pictures(request: ImageRequest, encoding: ImageEncoding, maps: dict[str, np.ndarray]) -> list[Panel]:
    """The object alone, and the picture lit by each map."""
    pixels, mask = picture(request.image) / 255, known_mask(request.image)
    step = max(1, max(mask.shape) // LARGEST)
    pixels, mask = pixels[::step, ::step], mask[::step, ::step, None]
    ground = pixels.mean(axis=-1, keepdims=True) * 0.2 + 0.6
    object_alone = Panel("The object", pixels * mask + ground * (1 - mask), scale="picture")
    lit = []
    for title, grid in maps.items():
        light = on_picture(np.sqrt(grid / max(float(grid.max()), 1e-12)), encoding.patches, *pixels.shape[:2])
        lit.append(Panel(title, pixels * (0.12 + 0.88 * light[..., None]), scale="picture"))
    return [object_alone, *lit]


def heads_panel(ratios: np.ndarray) -> Panel:
    """Every head's ratio, with the mean of each layer behind them."""
    return Panel(
        "Share on the object ÷ its area: all heads",
        np.concatenate([ratios, ratios.mean(axis=1, keepdims=True)], axis=1),
        tuple(f"layer {i + 1}" for i in range(len(ratios))),
        (*(str(i + 1) for i in range(ratios.shape[1])), "mean"),
        ("layer", "head"),
        scale="weight",
        group="times the area (chance: 1)",
        square=False,
    )


def over_several(request: ImageRequest, some: tuple[str, ...], room: DeltaGenerator) -> dict[str, float]:
    """Mean ratio of each method over scenes of the gallery: at once for a small model, else when it is wanted."""
    wanted = (request.model, some)
    large = (SHELF[request.model].parameters if request.model in SHELF else LARGE) >= LARGE
    if large and PAGE.memory.get("several") != wanted:
        if not room.button(f"The mean over {SEVERAL} scenes too", key=PAGE.key("several")):
            return {}
        PAGE.memory["several"] = wanted
    with suppress(Stopped), jobs.job(PAGE, room, f"{SEVERAL} scenes", "scenes", mark=wanted, advice="") as job:
        found = ask(ObjectShareRequest(request.model, some), job.progress, job.cancelled)
        return {METHODS[method]: value for method, value in zip(some, found, strict=True)}
    return {}


def as_table(rows: dict[str, float], area: float, many: dict[str, float]) -> str:
    """Share on the object and how many times its area; over several scenes too where that is known."""
    more = f"<th>mean of {SEVERAL} scenes</th>" if many else ""
    body = "".join(
        f"<tr><td>{escape(title)}</td><td>{widgets.percent(share)}</td><td><b>{share / area:.1f} ×</b></td>"
        + (f"<td>{many[title]:.1f} ×</td>" if many else "")
        + "</tr>"
        for title, share in rows.items()
    )
    head = f"<tr><th></th><th>on the object</th><th>its area</th>{more}</tr>"
    return f'<table class="gaze-numbers">{head}{body}</table>'


def notes(encoding: ImageEncoding, ratios: np.ndarray, filled: np.ndarray) -> tuple[str, str, str]:
    area = float(filled.mean())
    layer, head = np.unravel_index(int(ratios.argmax()), ratios.shape)
    see = (
        f"The emoji fill {widgets.percent(area)} of the picture; head {layer + 1}.{head + 1} puts "
        f"{widgets.percent(float(ratios[layer, head]) * area)} of its weight on them, "
        f"{ratios[layer, head]:.1f} times as much as chance."
    )
    if encoding.predictions:
        see += f" Relevance is for “{encoding.predictions[0].choices[0].text}”, the likeliest class."
    return (
        see,
        "Compare early layers with late ones. Then compose a scene with one small emoji: does the ratio rise?",
        "The edge of a patch is not the edge of an emoji: a patch counts by how much of it the emoji fills.",
    )
