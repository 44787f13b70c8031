"""The map: pictures and their names in several languages as points of one space, and the gap between the kinds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.analyses import joint_map
from core.analyses.joint_map import PICTURES
from core.data.clip import emoji_name, lesson
from core.data.scenes import emoji
from core.engine import ask
from core.figures.emoji_sheet import ACROSS, cutouts
from core.requests import JointMapRequest
from core.store.revisions import kept
from core.types import Refused
from ui import jobs, widgets
from ui.components.points.message import Frame, PointsSide, pack_points
from ui.components.points.view import checked, points_view
from ui.views.clip.common import PAGE, language_name

METHODS = ("PCA", "UMAP")
MOST_LANGUAGES = 5
BEGIN = ("en", "ja")
HEIGHT = 404


def draw(model: str) -> None:
    row = st.container(key="matrix_bar").columns([2.2, 5.2, 2.6], vertical_alignment="center", gap="small")
    method = widgets.segments(PAGE, row[0], "Projection", "method", METHODS)
    languages = widgets.several(
        PAGE, row[1], "Languages of the names", "languages", list(emoji()[0].names), BEGIN,
        format_func=language_name, max_selections=MOST_LANGUAGES,
        placeholder="Languages of the names", select_all=False,
    )  # fmt: skip
    centre_help = "Takes away the mean of pictures, and of each language."
    centre = widgets.toggle(PAGE, row[2], "Centre each kind", "centre", help=centre_help)
    keys = tuple(key for _, some in lesson().map for key in some)
    room = st.empty()

    def places(question: JointMapRequest) -> None:
        what = f"{question.method} of {len(question.keys) * (1 + len(question.languages))} points"
        with jobs.job(PAGE, room, what, "map", mark=question, unit=jobs.SHARE) as job:
            joint_map.vectors(question)
            ask(question, job.progress, job.cancelled)

    asked_for = lambda: JointMapRequest(model, keys, tuple(languages), centre, method)  # noqa: E731
    question, _ = PAGE.ask_or_last_good(asked_for, places, lambda: JointMapRequest(model, keys, BEGIN), "map")
    left, right = st.columns([8.2, 3.8], gap="medium")
    with left:
        heard(points_view(message(question), key=PAGE.key("joint")), question)
    with right:
        st.html(table(question))
        st.caption(
            "As they are → each kind centred. Gap: distance of the means of pictures and names (0: none, 2: opposite). "
            "Own kind: how often the nearest other point is of the same kind (by chance half of them). Found: how "
            "often a name’s nearest picture is its own."
        )
    of, points = PAGE.memory.get("joint points", (None, []))
    if of == question and points:
        st.markdown(f"**{len(points):,} points** inside the loop")
        st.dataframe(listed(question, points), hide_index=True, height=min(320, 38 + 35 * len(points)))


def heard(event, question: JointMapRequest) -> None:
    """The points that a loop was drawn round."""
    picked = getattr(event, "picked", None)
    if isinstance(picked, dict):
        count = len(question.keys) * (1 + len(question.languages))
        try:
            points = checked(picked["points"], count) if picked.get("points") else []
        except Refused as refusal:
            PAGE.refuse(refusal)
            return
        PAGE.memory["joint points"] = (question, points)


def listed(question: JointMapRequest, points: list[int]) -> list[dict[str, str]]:
    """Rows of the table: a point, its kind, and its nearest others with their cosines."""
    texts, titles = summary(question)
    indices, cosines = joint_map.neighbours(question)
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


@kept
def message(question: JointMapRequest) -> bytes:
    """The browser's message: thumbnails for pictures, marks for names."""
    count = len(question.keys)
    groups = tuple(title for title, some in lesson().map for _ in some)
    texts, titles = summary(question)
    indices, cosines = joint_map.neighbours(question)
    places = ask(question)
    side = PointsSide(
        title=f"{count} emoji and their names",
        names=("the shared space",),
        labels=tuple(texts),
        texts=tuple(texts),
        owners=np.arange(len(texts)),
        columns=(("kind", titles), ("group", groups * (1 + len(question.languages)))),
        frames=(Frame(0, question.method, places, (), indices, cosines),),
        pictures=np.where(np.arange(len(texts)) < count, np.arange(len(texts)), -1),
        given=True,
        sheet=cutouts(question.keys),
        across=ACROSS,
    )
    return pack_points([side], 0, HEIGHT)


def table(question: JointMapRequest) -> str:
    """The gap as it is and centred, language by language, as html."""
    plain = joint_map.measures(replace(question, centre=False, method="PCA"))
    centred = joint_map.measures(replace(question, centre=True, method="PCA"))
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
