"""Faithful?: take away the patches that a map calls important, and see whether the model minds."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.analyses.patch_maps import METHODS, curves_of, gone, is_there, left_of
from core.data.pictures import picture
from core.measures.patches import on_picture
from core.requests import ImageRequest
from core.types import Choice, Encoding, Patches
from ui import widgets
from ui.pictures.chooser import Chosen, shaped
from ui.views.vision.common import Telling, answered, class_of, naming

if TYPE_CHECKING:  # torch loads with the first model, not with the page
    from core.analyses.relevance import FaithfulnessCurves

HEIGHT = 345
WHICH = {"brightest": False, "darkest": True}
BOUND = {"bind": "query-params", "label_visibility": "collapsed"}
LISTED = 5  # classes beside the picture


def draw(chosen: Chosen) -> None:
    encoding = answered(shaped(chosen), naming)
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

    # Drawn more than once, in one place of this key: as parts.chart does for panels.
    room, bar, table = st.container(key="panels_curves").empty(), st.empty(), st.empty()
    key = ("curves", request, label)
    found: dict[str, FaithfulnessCurves] = {}

    def draw() -> None:
        lines = {title: (one.shares, one.deletion, one.insertion) for title, one in found.items()}
        widgets.chart(deletion_insertion(lines, name, HEIGHT), room=room)
        table.html(area_table({title: one.areas for title, one in found.items()}))

    for number, (method, title) in enumerate(METHODS.items(), 1):
        if st.session_state.get("_stopped") == key and not is_there(request, method, label):
            continue
        waiting = Telling(bar, f"{title}, {number} of {len(METHODS)}", key)
        found[title] = curves_of(request, method, label, waiting.progress, waiting.tick)
        bar.empty()
        if waiting.drawn and number < len(METHODS):
            draw()
    if found:
        draw()
    if len(found) < len(METHODS) and bar.button("Go on"):
        del st.session_state["_stopped"]
        st.rerun()
    return {title: one.areas for title, one in found.items()}


def area_table(areas: dict[str, tuple[float, float]]) -> str:
    """Areas under the curves, the best of each in bold."""
    best = min(a for a, _ in areas.values()), max(b for _, b in areas.values())
    rows = "".join(
        f"<tr><td>{escape(title)}</td>"
        + "".join(f"<td>{bold(f'{v:.3f}', v == top)}</td>" for v, top in zip(both, best, strict=True))
        + "</tr>"
        for title, both in areas.items()
    )
    head = (
        "<tr><th>area under the curve</th><th>deletion: low is faithful</th><th>insertion: high is faithful</th></tr>"
    )
    return f'<table class="gaze-numbers">{head}{rows}</table>'


def bold(text: str, on: bool) -> str:
    return f"<b>{text}</b>" if on else text


@st.fragment
def removal(request: ImageRequest, encoding: Encoding, label: int) -> None:
    """The picture without some of its patches, and what the model takes it for then."""
    top = st.columns([1, 1], vertical_alignment="center", gap="small")
    method = top[0].selectbox("In the order of", list(METHODS), format_func=METHODS.get, index=2, key="order", **BOUND)
    which = top[1].segmented_control("Which", list(WHICH), default="brightest", required=True, key="which", **BOUND)
    share = st.slider(f"Take the {which} patches away, %", 0, 100, 20, 5, key="away", bind="query-params")
    patches = encoding.patches
    count = round(share / 100 * patches.rows * patches.columns)
    asked = (request, method, label, WHICH[which], count)
    with st.spinner("Asking the model …"):
        hidden, now = gone(*asked), left_of(*asked)
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
        f"<tr><td>{bold(escape((after.get(one) or before[one]).text), one == label)}</td>"
        f"<td>{cell(before.get(one))}</td><td>{bold(cell(after.get(one)), one == label)}</td></tr>"
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
