"""Alike: a patch that is clicked, the patches of this and a second picture that are like it, and where it attends."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.analyses.patch_features import Features, cosines
from core.engine import ask
from core.measures.arrays import host
from core.measures.attention import total_of_heads
from core.requests import ImageRequest, PatchFeaturesRequest
from core.store.revisions import kept
from core.types import Refused
from ui import widgets
from ui.components.alike.view import AlikeMaps, alike_view, pack_alike
from ui.pictures.chooser import DEFAULT, choose_picture
from ui.views.vision.common import PAGE, answered

HEIGHT = 400
OTHER = "zoo"
SEE = "The colour of a patch says how alike its state is to that of the framed one, in either picture."
TRY = (
    "Click an eye, then the ground. Go down to the patch itself: alike is then what has the same colour, or place; "
    "further up, what is the same thing."
)
CAREFUL = (
    "Being alike is no attention: a patch may attend to what is unlike it. "
    "Features share a common part, so that all cosines may be high: take the mean away and look again."
)


def draw(chosen: ImageRequest) -> None:
    encoding = answered(chosen)
    asked = encoding.request
    row = st.container(key="whose").columns([4.4, 3, 2, 2.2], vertical_alignment="center", gap="medium")
    with row[3]:
        second = choose_picture(PAGE, "second", second_of(asked.image), row[0], "Second picture")
    try:
        one, other = (
            ask(PatchFeaturesRequest(image)) for image in (asked, ImageRequest(asked.model, second, asked.fit))
        )
        layers = range(len(one.values))
        names = {place: "the patch itself" if not place else f"after layer {place}" for place in layers}
        layer = widgets.stops(PAGE, row[1], "State", "depth", layers, layers[-1], format_func=names.get)
        centred = widgets.toggle(PAGE, row[2], "Without the mean", "centred")
        row[0].html(f'<div class="gaze-badges">{widgets.badge(encoding.model)}</div>')
        payload = packed(asked, second, layer, centred=centred)
    except Refused as refusal:
        PAGE.refuse(refusal)
        return
    alike_view(payload, key=PAGE.key("alike"))
    widgets.notes(f"{SEE} {mutual(one, other, layer, centred=centred)}", TRY, CAREFUL)


def second_of(image: str) -> str:
    """A second picture to begin with."""
    return OTHER if image != OTHER else DEFAULT


@kept
def packed(asked: ImageRequest, second: str, layer: int, *, centred: bool) -> bytes:
    one, other = (ask(PatchFeaturesRequest(image)) for image in (asked, ImageRequest(asked.model, second, asked.fit)))
    encoding = ask(asked)
    weights, prefix = encoding.attentions[0].weights, encoding.patches.prefix
    place = min(max(layer - 1, 0), weights.shape[0] - 1)
    attention = host(total_of_heads(weights, place))[prefix:, prefix:] / weights.shape[1]
    told = "as it is" if not layer else f"after layer {layer}"
    maps = AlikeMaps(*compared(one, other, layer, centred=centred), np.asarray(attention, np.float32), told)
    return pack_alike((asked.image, second), (one.patches, other.patches), maps, HEIGHT)


def compared(one: Features, other: Features, layer: int, *, centred: bool) -> tuple[np.ndarray, np.ndarray]:
    """(cosines within the first picture, with the second one)."""
    mine, theirs = one.values[layer], other.values[layer]
    return cosines(mine, mine, centred=centred), cosines(mine, theirs, centred=centred)


def mutual(one: Features, other: Features, layer: int, *, centred: bool) -> str:
    """How many patches of the two pictures are each other's best."""
    _, between = compared(one, other, layer, centred=centred)
    forward, backward = between.argmax(axis=1), between.argmax(axis=0)
    count = int((backward[forward] == np.arange(len(forward))).sum())
    return f"{count} of {len(forward)} patches have a partner in the second picture that likes them best, too."
