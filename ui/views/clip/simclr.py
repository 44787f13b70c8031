"""SimCLR: two views of every picture by chance, all against all, and which changes drive the views apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import streamlit as st

from core.data.augment import CHANGES
from core.data.clip import lesson
from core.data.pictures import display_name, view_name
from core.errors import Refused
from core.models.clip import opened_clip, picture_vectors, revision_of
from ui import widgets
from ui.components.contrast.message import Contrast, Edge, Mark, pack_contrast
from ui.components.contrast.view import contrast_view
from ui.components.thumbnails.message import ACROSS, sheet
from ui.views.clip.common import HIDDEN, bars

BEGIN = ("crop", "flip", "blur")
HEIGHT = 440
MARKS = (
    Mark("SimCLR: temperature .5", 2.0, "A soft loss: every other view counts a little."),
    Mark("SimCLR, ImageNet: .1", 10.0, "The temperature that won in the paper: only near strangers count."),
)


@dataclass(frozen=True, slots=True)
class SimclrChoice:
    """Which views."""

    model: str
    count: int
    changes: tuple[str, ...]
    seed: int


def draw(model: str) -> None:
    row = st.container(key="matrix_bar").columns([6.4, 2.4, 1.6], vertical_alignment="center", gap="small")
    if "changes" not in st.session_state:
        said = [name for name in st.query_params.get_all("changes") if name in CHANGES]
        st.session_state["changes"] = said or list(BEGIN)
    changes = row[0].pills("Changes", list(CHANGES), selection_mode="multi", key="changes", **HIDDEN)
    st.session_state.setdefault("views", 6)
    count = row[1].slider("Pictures", 2, len(lesson().simclr), key="views", format="%d pictures", **HIDDEN)
    if row[2].button("Other chances", icon=":material/casino:", width="stretch"):
        st.session_state["_seed"] = st.session_state.get("_seed", 0) + 1
    asked = SimclrChoice(model, count, tuple(changes or ()), st.session_state.get("_seed", 0))
    revision = revision_of(opened_clip(model))
    left, right = st.columns([9.2, 2.8], gap="medium")
    try:
        with left:
            contrast_view(packed(asked, revision), key="simclr")
        with right:
            close(asked, revision)
    except Refused as refusal:
        widgets.advice(refusal)


def views(asked: SimclrChoice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names of the first views, of the second ones): other chances for each."""
    pictures = lesson().simclr[: asked.count]
    first = tuple(view_name(name, asked.changes, 1_000 * asked.seed + 2 * i) for i, name in enumerate(pictures))
    second = tuple(view_name(name, asked.changes, 1_000 * asked.seed + 2 * i + 1) for i, name in enumerate(pictures))
    return first, second


@lru_cache(maxsize=24)
def packed(asked: SimclrChoice, _revision: str) -> bytes:
    first, second = views(asked)
    every = (*first, *second)
    vectors = picture_vectors(asked.model, every)
    edges = tuple(
        Edge(f"{display_name(name)}, view {1 + place // asked.count}", place) for place, name in enumerate(every)
    )
    return pack_contrast(
        Contrast(
            rows=edges,
            columns=edges,
            cosines=vectors @ vectors.T,
            scale=2.0,
            marks=MARKS,
            kind="simclr",
            names=("view", "view"),
            sheet=sheet(every),
            across=ACROSS,
        ),
        HEIGHT,
    )


def close(asked: SimclrChoice, revision: str) -> None:
    """How near a picture stays to itself under each change alone; and views of one and of different pictures."""
    st.html("<b>A picture and its view, one change alone</b>")
    rows = sorted((alone(asked, name, revision), name) for name in CHANGES)
    st.html(bars([(name, own, f"{own:.2f}") for own, name in rows], 1.0, rows[0][1], "slim"))
    own, others = agreement(asked, revision)
    st.caption(
        f"Mean cosines. “{rows[0][1]}” moves pictures most. With all that is chosen, views of one picture have "
        f"{own:.2f}, of different ones {others:.2f}."
    )


@lru_cache(maxsize=128)
def alone(asked: SimclrChoice, change: str, _revision: str) -> float:
    """Mean cosine of the pictures with their views under one change, which is always made."""
    pictures = lesson().simclr[: asked.count]
    made = [view_name(name, (change,), 1_000 * asked.seed + i, always=True) for i, name in enumerate(pictures)]
    return float((picture_vectors(asked.model, pictures) * picture_vectors(asked.model, made)).sum(axis=1).mean())


@lru_cache(maxsize=128)
def agreement(asked: SimclrChoice, _revision: str) -> tuple[float, float]:
    """(mean cosine of the two views of one picture, of views of different pictures)."""
    first, second = (picture_vectors(asked.model, names) for names in views(asked))
    cosines = first @ second.T
    own = float(np.diagonal(cosines).mean())
    count = len(cosines)
    return own, float((cosines.sum() - np.trace(cosines)) / max(1, count * (count - 1)))
