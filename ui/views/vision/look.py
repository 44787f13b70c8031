"""Look: all heads over the picture, one of them large, and any patch asked where it looks."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.data.numbers import Numbers, as_npz, records
from core.data.pictures import described, display_name
from core.engine import ask
from core.requests import ImageRequest
from core.store.revisions import kept
from core.types import ImageEncoding
from ui import saving, widgets
from ui.components.patches.message import pack_patches
from ui.components.patches.view import patches_view
from ui.pictures.chooser import lasts, shaped
from ui.views.vision.common import PAGE, answered, groups_of

HEIGHT = 552


@kept
def packed(request: ImageRequest) -> bytes:
    encoding = ask(request)
    return pack_patches(encoding, groups_of(encoding), HEIGHT)


def draw(chosen: ImageRequest) -> None:
    row = st.container(key="whose").columns([1, 1], vertical_alignment="center")
    with row[1]:
        chosen = shaped(PAGE, chosen)
    encoding = answered(chosen)
    row[0].html(line(encoding))
    saving.tell(display_name(encoding.request.image))
    saving.offer_files("All weights", {"NPZ": ("npz", lambda _: as_npz(weights_of(encoding)))})
    if encoding.predictions:
        saving.offer("What it takes this for", lambda _: records(classes_of(encoding)))
    patches_view(packed(encoding.request), key=PAGE.key("patches"))
    widgets.notes(*notes(encoding))


def weights_of(encoding: ImageEncoding) -> Numbers:
    """The weights [layer, head, query, key] of each kind of attention, with the names of the tokens."""
    tokens = [token.text for token in encoding.tokens]
    weights = {one.kind: np.asarray(one.weights[:]) for one in encoding.attentions}
    return Numbers({"token": tokens}, weights | {"tokens": np.array(tokens)})


def classes_of(encoding: ImageEncoding) -> list[dict[str, object]]:
    return [{"class": one.text, "share": one.probability} for one in encoding.predictions[0].choices]


def line(encoding: ImageEncoding) -> str:
    """Where the numbers come from, and what the model made of the picture."""
    patches = encoding.patches
    count = patches.rows * patches.columns
    extra = f" + {patches.prefix}" if patches.prefix else ""
    shape = f"{patches.rows} × {patches.columns} = {count:,} patches{extra} = {len(encoding.tokens):,} tokens"
    image = encoding.request.image
    title = escape(display_name(image) + (f" ({said})" if (said := described(image)) else ""))
    return f'<div class="gaze-badges">{widgets.badge(encoding.model)}<small>{title}: {shape}</small></div>'


def notes(encoding: ImageEncoding) -> tuple[str, str, str]:
    """What you see, try this, careful: for this picture."""
    layers, heads = encoding.attentions[0].weights.shape[:2]
    who = encoding.tokens[0].text if encoding.patches.prefix else "all patches"
    verb = "looks" if encoding.patches.prefix else "look"
    see = f"Where {who} {verb} in each of {layers * heads} heads: bright is much."
    if encoding.predictions:
        best = encoding.predictions[0].choices[0]
        see += f" The classifier takes the picture for “{best.text}” ({widgets.percent(best.probability)})."
    careful = (
        "A patch can be looked at and not used: “Faithful?” takes the bright patches away and asks the model again."
    )
    if encoding.request.model == "emoji-vit" and not lasts(encoding.request.image):
        careful = "This model knows emoji only: of a photograph it says which emoji is nearest. " + careful
    return (
        see,
        f"Click a patch{', then “all patches”' if encoding.patches.prefix else ''}: does it look elsewhere? "
        "Click a class and compare its relevance with the rollout.",
        careful,
    )
