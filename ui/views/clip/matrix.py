"""The matrix: pictures and captions through both towers, their cosines, softmax both ways, and the loss."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.clip_shapes import Shapes, shapes
from core.data.clip import MOST_PAIRS, captions, lesson, lines
from core.data.pictures import display_name
from core.models.clip import bias_of, picture_vectors, scale_of, text_vectors
from core.store.revisions import kept
from core.types import Refused
from ui import widgets
from ui.components.contrast.message import Contrast, Edge, Mark, pack_contrast
from ui.components.contrast.view import contrast_view
from ui.components.thumbnails.message import ACROSS, sheet
from ui.views.clip.common import PAGE, language_picker, own_pictures, told_wrong

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
    with st.container(key="matrix_bar"):
        row = st.columns([3, 2, 2.6, 2, 2], vertical_alignment="center", gap="small")
        title, language, own, typed = choose(row)
    some = next(iter(lesson().sets.values()))

    def asked_for() -> MatrixChoice | None:
        if title == BY_HAND:
            return None
        pictures, texts = pairs_of(title, language, own, typed)
        count = len(pictures)
        if count < 3:
            return MatrixChoice(model, pictures, texts)
        begin = min(8, count)
        n = int(widgets.slider(PAGE, row[2], "Pairs", "n", 2, count, begin, format="%d pairs", titled=False))
        return MatrixChoice(model, pictures[:n], texts[:n])

    first = lambda: MatrixChoice(model, some.pictures[:8], captions(some, "en")[:8])  # noqa: E731
    asked, payload = PAGE.ask_or_last_good(asked_for, payload_of, first, "matrix")
    if asked is None:
        st.html(MADE_UP)
    else:
        st.html(towers(shapes(asked.model, asked.texts), len(asked.pictures), len(asked.texts)))
    event = contrast_view(payload, key=PAGE.key("matrix"))
    if event.text and asked is not None:
        take(event.text, asked.texts)


def payload_of(asked: MatrixChoice | None) -> bytes:
    return by_hand() if asked is None else packed(asked.model, asked.pictures, asked.texts)


def choose(row: list[DeltaGenerator]) -> tuple[str, str, dict[str, str], str]:
    """The set, the language of its captions, the visitor's own pictures, and captions as they are typed."""
    title = widgets.choice(PAGE, row[0], "Pictures", "set", [*lesson().sets, OWN, BY_HAND], on_change=forget)
    with row[1]:
        named = title in lesson().sets and not lesson().sets[title].captions
        language = language_picker("language", disabled=not named)
    with row[3], st.popover("Pictures", icon=":material/upload:", width="stretch"):
        own = own_pictures("matrix", "set", OWN)
    told_wrong("matrix")
    with row[4], st.popover("Captions", icon=":material/edit:", width="stretch"):
        typed = widgets.text_area(
            PAGE, st, "Captions, one a line, in the order of the pictures", "captions", titled=True,
            height=220, max_chars=12_000,
            placeholder="Empty: those of the set. Click a caption in the matrix to write over it.",
        )  # fmt: skip
    return title, language, own, typed


def forget() -> None:
    """Captions belong to their set."""
    PAGE["captions"] = ""


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
    PAGE.later("captions", "\n".join([*texts[:row], text or texts[row], *texts[row + 1 :]]))
    st.rerun()


@kept
def packed(model: str, pictures: tuple[str, ...], texts: tuple[str, ...]) -> bytes:
    """The browser's message; Refused says what is missing."""
    if not pictures:
        raise Refused("There are no pictures of yours yet. Give some under Pictures, or choose another set.")
    scale, bias = scale_of(model), bias_of(model)
    others = (BEGINNING, BUG) if bias is None else (SIGLIP,)
    found = text_vectors(model, texts) @ picture_vectors(model, pictures).T
    return pack_contrast(
        Contrast(
            rows=tuple(Edge(text) for text in texts),
            columns=tuple(Edge(display_name(name), place) for place, name in enumerate(pictures)),
            cosines=found,
            scale=max(1.0, scale),
            marks=(Mark(f"the model's: {scale:.3g}", scale, "What this model learned to multiply by."), *others),
            kind="clip" if bias is None else "siglip",
            bias=bias or 0.0,
            edit=True,
            sheet=sheet(pictures),
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
