"""Word to region: which patches and which pieces carry a cosine, word by word; and captions ranked for one picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses.clip_relevance import Why, words_of_tokens
from core.analyses.clip_shapes import LARGEST, shapes
from core.data.clip import MOST_CLASSES, emoji_name, lesson, lines
from core.data.pictures import display_name, picture, scene_of
from core.data.scenes import compose
from core.engine import ask
from core.figures.overlays import as_colours, enlarged, lit
from core.measures.patches import on_picture, share_of_patches
from core.models.clip import picture_vectors, probabilities, text_vectors
from core.requests import PairRelevanceRequest
from core.store.revisions import kept
from core.types import Refused
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.pictures.chooser import choose_picture
from ui.views.clip.common import PAGE, bars

WHOLE = "the whole text"
SIDE = 288  # px at least of a drawn picture
HEIGHT = 384
MOST_WORDS = 12


def draw(model: str) -> None:
    row = st.container(key="matrix_bar").columns([3, 6, 2], vertical_alignment="center", gap="small")
    with row[0]:
        image = choose_picture(PAGE, "region_picture")
    if PAGE.memory.get("ranked") not in (None, image):
        for name in ("caption", "ranking", "word"):
            del PAGE[name]
    PAGE.memory["ranked"] = image
    offered = lesson().rankings.get(image, lesson().ranking)
    begin = offered[2] if image in lesson().rankings else display_name(image)
    text = widgets.text_box(PAGE, row[1], "Text", "caption", begin, live="500ms", max_chars=400)
    with row[2], st.popover("Captions", icon=":material/edit:", width="stretch"):
        ranking = widgets.text_area(
            PAGE, st, "Captions to rank, one a line", "ranking", "\n".join(offered), titled=True,
            linked=False, height=200, max_chars=8_000,
        )  # fmt: skip
    asked_for = lambda: PairRelevanceRequest(model, image, text)  # noqa: E731
    first = lambda: PairRelevanceRequest(model, image, display_name(image))  # noqa: E731
    show_result(*PAGE.ask_or_last_good(asked_for, ask, first, "region"), ranking)


def show_result(request: PairRelevanceRequest, whole: Why, ranking: str) -> None:
    """The picture lit by what is asked; a word that is clicked is asked for alone."""
    model, image, text = request.model, request.image, request.text
    words = words_of_tokens(whole.tokens, whole.text)[:MOST_WORDS]
    left, right = st.columns([8.2, 3.8], gap="medium")
    with left:
        names = [WHOLE, *dict.fromkeys(word for word, _ in words if any(c.isalnum() for c in word))]
        asked = widgets.pills(PAGE, st, "Ask for", "word", names, linked=False)
        found = whole if asked == WHOLE else ask(PairRelevanceRequest(model, image, asked))
        lit_by = PairRelevanceRequest(model, image, text if asked == WHOLE else asked)
        panels_view(panels(lit_by), key=PAGE.key("regions"), height=HEIGHT)
        st.caption(summary(image, asked if asked != WHOLE else text, found))
    with right:
        st.html("<b>What each word of the text counts for</b>")
        st.html(bars([(word, share, widgets.percent(share)) for word, share in words], max(s for _, s in words) or 1.0))
        if shapes(model, (text,)).pooled == LARGEST:
            st.caption("This model takes the token with the largest number for the whole text: later words are lost.")
        ranked(model, image, text, ranking)


@kept
def panels(request: PairRelevanceRequest) -> list[Panel]:
    """The picture, the same lit patch by patch, and the map with its numbers."""
    image, text, found = request.image, request.text, ask(request)
    pixels = enlarged(as_colours(picture(image)), SIDE)
    height, width = pixels.shape[:2]
    shares = found.picture / max(float(found.picture.sum()), 1e-12)
    bright = lit(pixels, on_picture(shares, found.patches, height, width))
    return [
        Panel(display_name(image), pixels, scale="picture"),
        Panel(f"“{text[:40]}”", bright, scale="picture", note="brightest: counts most"),
        Panel(
            "its numbers",
            100 * shares,
            axes=("row", "column"),
            scale="weight",
            group="percent of the relevance",
            rows=tuple(str(i + 1) for i in range(shares.shape[0])),
            columns=tuple(str(i + 1) for i in range(shares.shape[1])),
        ),
    ]


def summary(image: str, text: str, found: Why) -> str:
    """The cosine, and where in a composed scene the relevance lies, against the area of each thing."""
    say = f"Cosine of “{text[:60]}” with the picture: {found.cosine:.3f}."
    total = float(found.picture.sum())
    if total <= 0:
        return say + " No patch speaks for it: all gradients that count are below zero."
    scene = scene_of(image)
    if scene is None or not scene.placed:
        return say
    told = []
    for placed, mask in zip(scene.placed, masks(image), strict=False):
        inside = share_of_patches(mask, found.patches)
        on = float((found.picture * inside).sum()) / total
        area = widgets.percent(float(inside.mean()))
        told.append(f"{widgets.percent(on)} on {emoji_name(placed.key)} ({area} of the area)")
    return f"{say} Of the relevance {', '.join(told)}."


@lru_cache(maxsize=64)
def masks(image: str) -> np.ndarray:
    """Where each thing of a composed scene is seen, [thing, height, width]."""
    scene = scene_of(image)
    if scene is None:
        raise ValueError(f"{image} is no composed scene")
    return compose([scene]).masks[0].numpy()


def ranked(model: str, image: str, text: str, ranking: str) -> None:
    """Captions for the picture, best first, the asked one among them."""
    try:
        captions = lines(ranking, "captions", MOST_CLASSES)
        captions = tuple(dict.fromkeys((*captions, " ".join(text.split()))))
        (vector,) = picture_vectors(model, [image])
        cosines = text_vectors(model, captions) @ vector
    except Refused as refusal:
        PAGE.refuse(refusal)
        return
    shares = probabilities(model, cosines)
    order = np.argsort(-cosines, kind="stable")
    st.html("<b>Captions for this picture, ranked</b>")
    rows = [(captions[i], float(shares[i]), f"{widgets.percent(shares[i])}") for i in order]
    st.html(bars(rows, 1.0, " ".join(text.split()), "wordy"))
