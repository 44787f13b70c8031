"""The matrix: pictures and captions through both towers, their cosines, softmax both ways, and the loss."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from core.analyses.clip_shapes import Shapes, shapes
from core.data.clip import MOST_PAIRS, captions, lesson, lines
from core.data.pictures import display_name
from core.errors import Refused
from core.models.clip import bias_of, picture_vectors, scale_of, text_vectors
from ui import widgets
from ui.components.contrast.message import Contrast, Edge, Mark, pack_contrast
from ui.components.contrast.view import contrast_view
from ui.components.thumbnails.message import ACROSS, sheet
from ui.views.clip.common import BOUND, HIDDEN, language_picker, own_pictures, settled, told_wrong

BY_HAND, OWN = "By hand: .3 against 0", "Your pictures"
HEIGHT = 366
BUG = Mark(
    "bug: 1.07",
    float(np.exp(0.07)),
    "Seed bug: the logit scale is stored as .07 instead of ln(1/.07), so cosines are multiplied by e^.07 = 1.07. "
    "With four pairs, .3 on the diagonal and 0 elsewhere, the right one gets 31.5 %; at 14.3 it gets 96.0 %.",
)
MADE_UP = (
    f'<span class="gaze-badge" style="--kind:{widgets.PROVENANCE["by hand"]}">by hand: four pairs, no model</span>'
)
BEGINNING = Mark("CLIP begins: 14.3", 1 / 0.07, "CLIP begins at ln(1/.07): cosines times 14.3. It learns the rest.")
SIGLIP = Mark(
    "SigLIP begins: 10",
    10.0,
    "SigLIP begins at ln 10 and with a bias of −10, since nearly all pairs of a batch are strangers. It learns both.",
)


@dataclass(frozen=True, slots=True)
class MatrixChoice:
    """Which matrix."""

    model: str
    pictures: tuple[str, ...]
    texts: tuple[str, ...]


def draw(model: str) -> None:
    good = st.session_state.get("_good_matrix")
    try:
        with st.container(key="matrix_bar"):
            asked = choose(model)
        payload = by_hand() if asked is None else packed(asked, scale_of(model), bias_of(model))
        st.session_state["_good_matrix"] = asked
    except Refused as refusal:
        widgets.advice(refusal)
        if good is None:
            return
        asked, payload = good, packed(good, scale_of(good.model), bias_of(good.model))
    if asked is None:
        st.html(MADE_UP)
    else:
        st.html(towers(shapes(asked.model, asked.texts), len(asked.pictures), len(asked.texts)))
    event = contrast_view(payload, key="matrix")
    if event.text and asked is not None:
        take(event.text, asked.texts)


def choose(model: str) -> MatrixChoice | None:
    """The set, its size and language; None for the matrix by hand."""
    settled("captions", "set")
    row = st.columns([3, 2, 2.6, 2, 2], vertical_alignment="center", gap="small")
    titles = [*lesson().sets, OWN, BY_HAND]
    title = row[0].selectbox("Pictures", titles, key="set", on_change=forget, **HIDDEN)
    with row[1]:
        named = title in lesson().sets and not lesson().sets[title].captions
        language = language_picker("language", disabled=not named)
    with row[3], st.popover("Pictures", icon=":material/upload:", width="stretch"):
        own = own_pictures("matrix", "set", OWN)
    told_wrong("matrix")
    with row[4], st.popover("Captions", icon=":material/edit:", width="stretch"):
        typed = st.text_area(
            "Captions, one a line, in the order of the pictures",
            key="captions",
            height=220,
            max_chars=12_000,
            placeholder="Empty: those of the set. Click a caption in the matrix to write over it.",
            **BOUND,
        )
    if title == BY_HAND:
        return None
    pictures, texts = pairs_of(title, language, own, typed or "")
    count = len(pictures)
    if count < 2:
        return MatrixChoice(model, pictures, texts)
    st.session_state.setdefault("n", int(query_number("n", min(8, count))))
    st.session_state.n = max(2, min(count, st.session_state.n))
    n = row[2].slider("Pairs", 2, count, key="n", format="%d pairs", **HIDDEN) if count > 2 else 2
    return MatrixChoice(model, pictures[:n], texts[:n])


def query_number(name: str, fallback: int) -> int:
    said = st.query_params.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 4 else fallback


def forget() -> None:
    """Captions belong to their set."""
    st.session_state.captions = ""


def pairs_of(title: str, language: str, own: dict[str, str], typed: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(pictures, captions) of the chosen set, typed captions in the place of its own."""
    if title == OWN:
        pictures = tuple(own)[:MOST_PAIRS]
        given = tuple(Path(own[name]).stem[:60] or "a picture" for name in pictures)
    else:
        some = lesson().sets[title]
        pictures, given = some.pictures[:MOST_PAIRS], captions(some, language)[:MOST_PAIRS]
    if typed.strip():
        written = lines(typed, "captions", MOST_PAIRS)
        given = (*written, *given[len(written) :])[: len(pictures)]
    return pictures, given


def take(message: dict, texts: tuple[str, ...]) -> None:
    """A caption written in the matrix goes where all captions are, and so into the address."""
    row, text = message.get("row"), " ".join(str(message.get("text", ""))[:400].split())
    if not isinstance(row, int) or not 0 <= row < len(texts):
        return
    st.session_state["_captions"] = "\n".join([*texts[:row], text or texts[row], *texts[row + 1 :]])
    st.rerun()


@lru_cache(maxsize=24)
def packed(asked: MatrixChoice, scale: float, bias: float | None) -> bytes:
    """The browser's message; Refused says what is missing."""
    if not asked.pictures:
        raise Refused("There are no pictures of yours yet. Give some under Pictures, or choose another set.")
    others = (BEGINNING, BUG) if bias is None else (SIGLIP,)
    found = text_vectors(asked.model, asked.texts) @ picture_vectors(asked.model, asked.pictures).T
    return pack_contrast(
        Contrast(
            rows=tuple(Edge(text) for text in asked.texts),
            columns=tuple(Edge(display_name(name), place) for place, name in enumerate(asked.pictures)),
            cosines=found,
            scale=max(1.0, scale),
            marks=(Mark(f"the model's: {scale:.3g}", scale, "What this model learned to multiply by."), *others),
            kind="clip" if bias is None else "siglip",
            bias=bias or 0.0,
            edit=True,
            sheet=sheet(asked.pictures),
            across=ACROSS,
        ),
        HEIGHT,
    )


@lru_cache(maxsize=1)
def by_hand() -> bytes:
    """Four pairs with cosine .3, all others 0: what the scale does, and nothing else."""
    return pack_contrast(
        Contrast(
            rows=tuple(Edge(f"text {i}") for i in range(1, 5)),
            columns=tuple(Edge(f"picture {i}") for i in range(1, 5)),
            cosines=0.3 * np.eye(4, dtype=np.float32),
            scale=1 / 0.07,
            marks=(BEGINNING, BUG),
        ),
        HEIGHT,
    )


def towers(told: Shapes, pictures: int, texts: int) -> str:
    """The way of the numbers through both towers, as html."""
    picture = (
        f"<span>{pictures} pictures</span> <b>{pictures} × 3 × {told.height} × {told.width}</b> → "
        f"{told.patches} patches + {told.prefix} → {told.vision_layers} layers → <b>{pictures} × {told.embedding}</b>"
    )
    pooled = f"pooled at {told.pooled}"
    text = (
        f"<span>{texts} texts</span> <b>{texts} × {told.tokens}</b> tokens → {told.text_layers} layers, {pooled} → "
        f"<b>{texts} × {told.embedding}</b>"
    )
    both = f"length 1, times each other → <b>{texts} × {pictures}</b> cosines"
    return f'<div class="gaze-towers"><div>{picture}</div><div>{text}</div><div class=both>{both}</div></div>'
