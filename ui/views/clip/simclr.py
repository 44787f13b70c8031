"""SimCLR: two views of every picture by chance, all against all, and which changes drive the views apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.data.augment import CHANGES
from core.data.clip import lesson
from core.data.pictures import display_name, view_name
from core.models.clip import picture_vectors
from core.store.revisions import kept
from core.types import Refused
from ui import widgets
from ui.components.contrast.message import Contrast, Edge, Mark, pack_contrast
from ui.components.contrast.view import contrast_view
from ui.components.thumbnails.message import ACROSS, sheet
from ui.views.clip.common import PAGE, bars

BEGIN = ("crop", "flip", "blur")
HEIGHT = 440
MARKS = (
    Mark("SimCLR: temperature .5", 2.0, "A soft loss: every other view counts a little."),
    Mark("SimCLR, ImageNet: .1", 10.0, "The temperature that won in the paper: only near strangers count."),
)


@dataclass(frozen=True, slots=True)
class SimclrChoice:
    """Which views."""

    count: int
    changes: tuple[str, ...]
    seed: int


def draw(model: str) -> None:
    row = st.container(key="matrix_bar").columns([6.4, 2.4, 1.6], vertical_alignment="center", gap="small")
    changes = widgets.several_pills(PAGE, row[0], "Changes", "changes", list(CHANGES), BEGIN)
    most = len(lesson().simclr)
    count = int(widgets.slider(PAGE, row[1], "Pictures", "views", 2, most, 6, format="%d pictures", titled=False))
    if row[2].button("Other chances", icon=":material/casino:", width="stretch"):
        PAGE.memory["seed"] = PAGE.memory.get("seed", 0) + 1
    asked = SimclrChoice(count, tuple(changes), PAGE.memory.get("seed", 0))
    left, right = st.columns([9.2, 2.8], gap="medium")
    try:
        with left:
            contrast_view(packed(model, asked), key=PAGE.key("simclr"))
        with right:
            close(model, asked)
    except Refused as refusal:
        PAGE.refuse(refusal)


def views(asked: SimclrChoice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(names of the first views, of the second ones): other chances for each."""
    pictures = lesson().simclr[: asked.count]
    first = tuple(view_name(name, asked.changes, 1_000 * asked.seed + 2 * i) for i, name in enumerate(pictures))
    second = tuple(view_name(name, asked.changes, 1_000 * asked.seed + 2 * i + 1) for i, name in enumerate(pictures))
    return first, second


@kept
def packed(model: str, asked: SimclrChoice) -> bytes:
    first, second = views(asked)
    every = (*first, *second)
    vectors = picture_vectors(model, every)
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


def close(model: str, asked: SimclrChoice) -> None:
    """How near a picture stays to itself under each change alone; and views of one and of different pictures."""
    st.html("<b>A picture and its view, one change alone</b>")
    rows = sorted((alone(model, asked, name), name) for name in CHANGES)
    st.html(bars([(name, own, f"{own:.2f}") for own, name in rows], 1.0, rows[0][1], "slim"))
    own, others = agreement(model, asked)
    st.caption(
        f"Mean cosines. “{rows[0][1]}” moves pictures most. With all that is chosen, views of one picture have "
        f"{own:.2f}, of different ones {others:.2f}."
    )


@kept
def alone(model: str, asked: SimclrChoice, change: str) -> float:
    """Mean cosine of the pictures with their views under one change, which is always made."""
    pictures = lesson().simclr[: asked.count]
    made = [view_name(name, (change,), 1_000 * asked.seed + i, always=True) for i, name in enumerate(pictures)]
    return float((picture_vectors(model, pictures) * picture_vectors(model, made)).sum(axis=1).mean())


@kept
def agreement(model: str, asked: SimclrChoice) -> tuple[float, float]:
    """(mean cosine of the two views of one picture, of views of different pictures)."""
    first, second = (picture_vectors(model, names) for names in views(asked))
    cosines = first @ second.T
    own = float(np.diagonal(cosines).mean())
    count = len(cosines)
    return own, float((cosines.sum() - np.trace(cosines)) / max(1, count * (count - 1)))
