"""The map: pictures and their names in several languages as points of one space, and the gap between the kinds."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses import joint_map
from core.analyses.joint_map import PICTURES, JointMapRequest
from core.data.clip import emoji_name, lesson
from core.data.scenes import emoji
from core.errors import Refused
from core.figures.emoji_sheet import ACROSS, cutouts
from core.models.clip import opened_clip, revision_of
from ui import widgets
from ui.components.points.message import Frame, PointsSide, pack_points
from ui.components.points.view import checked, points_view
from ui.views.clip.common import BOUND, HIDDEN, language_name, notes

METHODS = ("PCA", "UMAP")
MOST_LANGUAGES = 5
HEIGHT = 404


def draw(model: str) -> None:
    row = st.container(key="matrix_bar").columns([2.2, 5.2, 2.6], vertical_alignment="center", gap="small")
    method = row[0].segmented_control("Projection", METHODS, default="PCA", required=True, key="method", **HIDDEN)
    st.session_state.setdefault("languages", asked_languages())
    languages = row[1].multiselect(
        "Languages of the names",
        list(emoji()[0].names),
        key="languages",
        format_func=language_name,
        max_selections=MOST_LANGUAGES,
        placeholder="Languages of the names",
        select_all=False,
        **HIDDEN,
    )
    centre = row[2].toggle(
        "Centre each kind", key="centre", help="Takes away the mean of pictures, and of each language.", **BOUND
    )
    keys = tuple(key for _, some in lesson().map for key in some)
    question = JointMapRequest(model, keys, tuple(languages), bool(centre), method)
    room = st.empty()
    try:
        with notes(room, f"{method} of {len(keys) * (1 + len(languages))} points, percent", "map") as told_by:
            joint_map.vectors(question)
            share = lambda done: told_by["progress"](round(100 * done), 100)  # noqa: E731
            joint_map.places(question, share, told_by["cancelled"])
        st.session_state["_good_map"] = question
    except Refused as refusal:
        widgets.advice(refusal)
        good = st.session_state.get("_good_map")
        if good is None or good.model != model:
            return
        question = good
    revision = revision_of(opened_clip(model))
    left, right = st.columns([8.2, 3.8], gap="medium")
    with left:
        heard(points_view(message(question, revision), key="joint"), question)
    with right:
        st.html(table(question, revision))
        st.caption(
            "As they are → each kind centred. Gap: distance of the means of pictures and names (0: none, 2: opposite). "
            "Own kind: how often the nearest other point is of the same kind (by chance half of them). Found: how "
            "often a name’s nearest picture is its own."
        )
    of, points = st.session_state.get("_joint_points", (None, []))
    if of == question and points:
        st.markdown(f"**{len(points):,} points** inside the loop")
        st.dataframe(listed(question, revision, points), hide_index=True, height=min(320, 38 + 35 * len(points)))


def heard(event, question: JointMapRequest) -> None:
    """The points that a loop was drawn round."""
    picked = getattr(event, "picked", None)
    if isinstance(picked, dict):
        count = len(question.keys) * (1 + len(question.languages))
        try:
            points = checked(picked["points"], count) if picked.get("points") else []
        except Refused as refusal:
            widgets.advice(refusal)
            return
        st.session_state["_joint_points"] = (question, points)


def listed(question: JointMapRequest, revision: str, points: list[int]) -> list[dict[str, str]]:
    """Rows of the table: a point, its kind, and its nearest others with their cosines."""
    texts, titles = summary(question)
    indices, cosines = joint_map.neighbours(question, revision)
    rows = []
    for point in points:
        row = {"point": texts[point], "kind": titles[point]}
        for rank, (other, cosine) in enumerate(zip(indices[point], cosines[point], strict=True), 1):
            row[f"nearest {rank}"] = f"{cosine:.2f}  {texts[other]} ({titles[other]})"
        rows.append(row)
    return rows


def summary(question: JointMapRequest) -> tuple[list[str], tuple[str, ...]]:
    """Of every point its name, and which kind it is."""
    texts = [emoji_name(key) for key in question.keys]
    texts += [emoji_name(key, language) for language in question.languages for key in question.keys]
    return texts, tuple(kind if kind == PICTURES else language_name(kind) for kind in joint_map.kinds(question))


def asked_languages() -> list[str]:
    """The languages that the address names, else English and Japanese."""
    known = emoji()[0].names
    said = [code for code in st.query_params.get_all("languages") if code in known]
    return said[:MOST_LANGUAGES] or ["en", "ja"]


@lru_cache(maxsize=12)
def message(question: JointMapRequest, revision: str) -> bytes:
    """The browser's message: thumbnails for pictures, marks for names."""
    count = len(question.keys)
    groups = tuple(title for title, some in lesson().map for _ in some)
    texts, titles = summary(question)
    indices, cosines = joint_map.neighbours(question, revision)
    places = joint_map.places(question)
    side = PointsSide(
        title=f"{count} emoji and their names",
        names=("the shared space",),
        labels=tuple(texts),
        texts=tuple(texts),
        owners=np.arange(len(texts)),
        columns=(("kind", titles), ("group", groups * (1 + len(question.languages)))),
        frames=(Frame(0, question.method, places, (), indices, cosines),),
        pictures=np.where(np.arange(len(texts)) < count, np.arange(len(texts)), -1),
        sheet=cutouts(question.keys),
        across=ACROSS,
    )
    return pack_points([side], 0, HEIGHT)


def table(question: JointMapRequest, revision: str) -> str:
    """The gap as it is and centred, language by language, as html."""
    plain = joint_map.measures(replace(question, centre=False, method="PCA"), revision)
    centred = joint_map.measures(replace(question, centre=True, method="PCA"), revision)
    rows = [
        f"<tr><td>{language_name(one.language)}</td><td>{one.gap:.2f} → {other.gap:.2f}</td>"
        f"<td>{share(one.own)} → {share(other.own)}</td><td>{share(one.recall)} → {share(other.recall)}</td></tr>"
        for one, other in zip(plain, centred, strict=True)
    ]
    head = "<tr><th></th><th>gap</th><th>own kind, %</th><th>found, %</th></tr>"
    return f'<table class="gaze-numbers gaze-tight">{head}{"".join(rows)}</table>'


def share(value: float) -> str:
    """Percent; its sign stands at the head of the table."""
    return f"{100 * value:.0f}"
