"""Faithful?: take away the patches that a map calls important, and see whether the model minds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.patch_maps import METHODS, gone
from core.data.pictures import picture
from core.engine import ask, is_answered
from core.measures.patches import on_picture
from core.requests import FaithfulnessRequest, ImageRequest, RemovalRequest
from core.types import Choice, ImageEncoding, Patches, Stopped
from ui import jobs, widgets
from ui.pictures.chooser import shaped
from ui.views.vision.common import PAGE, answered, class_of, naming

if TYPE_CHECKING:  # torch loads with the first model, not with the page
    from core.analyses.relevance import FaithfulnessCurves

HEIGHT = 345
WHICH = {"brightest": False, "darkest": True}
LISTED = 5  # classes beside the picture


def draw(chosen: ImageRequest) -> None:
    encoding = answered(shaped(PAGE, chosen), naming)
    request = encoding.request
    left, right = st.columns([5.8, 4.8], gap="large")
    with left:
        row = st.container(key="whose").columns([1.3, 1], vertical_alignment="center", gap="small")
        with row[0]:
            label, name = class_of(encoding)
        row[1].html(f'<div class="gaze-badges">{widgets.badge(encoding.model)}</div>')
    with right:
        removal(request, encoding, label)
    with left:
        found = compare(request, label, name)
    widgets.notes(*notes(found, name))


def compare(request: ImageRequest, label: int, name: str) -> dict[str, tuple[float, float]]:
    """The curves of all methods and their areas, drawn as they come."""
    from core.figures.faithful import deletion_insertion  # plotly loads with the first chart

    # Drawn more than once, in one place of this key: as widgets.chart does for panels.
    room, bar, table = st.container(key="panels_curves").empty(), st.empty(), st.empty()
    asked = {title: FaithfulnessRequest(request, method, label) for method, title in METHODS.items()}
    found: dict[str, FaithfulnessCurves] = {title: ask(one) for title, one in asked.items() if is_answered(one)}

    def draw() -> None:
        there = {title: found[title] for title in asked if title in found}
        lines = {title: (one.shares, one.deletion, one.insertion) for title, one in there.items()}
        widgets.chart(deletion_insertion(lines, name, HEIGHT), room=room)
        table.html(area_table({title: one.areas for title, one in there.items()}))

    missing = [title for title in asked if title not in found]
    with suppress(Stopped):
        if missing:
            make(asked, missing, found, bar, draw)
    if found:
        draw()
    return {title: found[title].areas for title in asked if title in found}


def make(
    asked: dict[str, FaithfulnessRequest],
    missing: list[str],
    found: dict[str, FaithfulnessCurves],
    bar: DeltaGenerator,
    draw: Callable[[], None],
) -> None:
    """The curves that are missing, one after the other into `found`; slow ones are drawn as they come."""
    first = asked[missing[0]]
    told = {title: f"{title}, {number} of {len(asked)}" for number, title in enumerate(asked, 1)}
    with jobs.job(PAGE, bar, told[missing[0]], "curves", mark=(first.image, first.label), advice="") as job:
        for title in missing:
            job.what, begun = told[title], time.monotonic()
            found[title] = ask(asked[title], job.progress, job.cancelled)
            if title != missing[-1] and time.monotonic() - begun > jobs.TICK:
                draw()


def area_table(areas: dict[str, tuple[float, float]]) -> str:
    """Areas under the curves, the best of each in bold."""
    best = min(a for a, _ in areas.values()), max(b for _, b in areas.values())
    rows = "".join(
        f"<tr><td>{escape(title)}</td>"
        + "".join(f"<td>{bold(f'{v:.3f}', on=v == top)}</td>" for v, top in zip(both, best, strict=True))
        + "</tr>"
        for title, both in areas.items()
    )
    head = (
        "<tr><th>area under the curve</th><th>deletion: low is faithful</th><th>insertion: high is faithful</th></tr>"
    )
    return f'<table class="gaze-numbers">{head}{rows}</table>'


def bold(text: str, *, on: bool) -> str:
    return f"<b>{text}</b>" if on else text


def removal(request: ImageRequest, encoding: ImageEncoding, label: int) -> None:
    """The picture without some of its patches, and what the model takes it for then."""
    top = st.columns([1, 1], vertical_alignment="center", gap="small")
    method = widgets.choice(
        PAGE, top[0], "In the order of", "order", list(METHODS), "relevance", format_func=METHODS.get
    )
    which = widgets.segments(PAGE, top[1], "Which", "which", list(WHICH))
    share = widgets.slider(PAGE, st, f"Take the {which} patches away, %", "away", 0, 100, 20, step=5)
    patches = encoding.patches
    count = round(share / 100 * patches.rows * patches.columns)
    with st.spinner("Asking the model …"):
        hidden = gone(request, method, label, count, least=WHICH[which])
        now = ask(RemovalRequest(request, method, label, WHICH[which], count))
    shown, table = st.columns([1, 1.15], gap="small", vertical_alignment="top")
    shown.image(without(request.image, hidden, patches), width="stretch", alt=f"{share} % of the patches gone")
    table.html(classes_table(encoding.predictions[0].choices, now, label))


def without(image: str, hidden: np.ndarray, patches: Patches) -> np.ndarray:
    """uint8 [height, width, 3]: the picture with hidden patches in its mean colour, as the model sees it."""
    pixels = picture(image)
    mask = on_picture(hidden.astype(float), patches, *pixels.shape[:2]) > 0.5
    shown = pixels.copy()
    shown[mask] = pixels.reshape(-1, 3).mean(axis=0).round().astype(np.uint8)
    return shown


def classes_table(whole: tuple[Choice, ...], now: tuple[Choice, ...], label: int) -> str:
    """Probabilities of the whole picture and of what is left; the chosen class in bold."""
    before = {c.label: c for c in whole}
    after = {c.label: c for c in now}
    some = list(dict.fromkeys([label, *(c.label for c in (*now[:LISTED], *whole[:LISTED]))]))[: LISTED + 1]

    def cell(found: Choice | None) -> str:
        return widgets.percent(found.probability).replace(" ", "\u00a0") if found else "·"

    rows = "".join(
        f"<tr><td>{bold(escape((after.get(one) or before[one]).text), on=one == label)}</td>"
        f"<td>{cell(before.get(one))}</td><td>{bold(cell(after.get(one)), on=one == label)}</td></tr>"
        for one in some
    )
    return f'<table class="gaze-numbers"><tr><th></th><th>whole</th><th>now</th></tr>{rows}</table>'


def notes(areas: dict[str, tuple[float, float]], name: str) -> tuple[str, str, str]:
    see = "Patches go in the order of a map: where the class falls fast, the map had found what it rests on."
    if len(areas) == len(METHODS):
        best = min(areas, key=lambda title: areas[title][0])
        see = f"For “{name}”, {best} takes the class away fastest (area {areas[best][0]:.3f}): faithful by deletion."
        other = max(areas, key=lambda title: areas[title][1])
        see += f" By insertion it is {'too' if other == best else other}."
    return (
        see,
        "Let the darkest patches go: how many can be missing before the model changes its mind? "
        "Then choose another class that it considered.",
        "A picture with holes in its mean colour is none the model has learned from: part of what is lost is surprise.",
    )
