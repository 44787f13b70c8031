"""The points that were taken on the map, in words and in files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from core.analyses import embedding
from core.data.numbers import Numbers, records
from core.data.texts import TextSet
from core.types import Refused
from ui import saving
from ui.components.points import message as files
from ui.components.points.view import checked
from ui.views.embedding.drawn import labels_of, listed, neighbours, side
from ui.views.embedding.map import PAGE, MapChoice, Mapped, position_of, title_of

MOST_LISTED = 500  # points of a loop that the table shows; a file has all


def heard(event, chosen: MapChoice, sides: tuple[Mapped, ...]) -> None:
    """What was done in the picture: the slider came to rest, or points were taken."""
    moved, picked = getattr(event, "moved", None), getattr(event, "picked", None)
    if isinstance(moved, int) and moved != position_of(chosen):
        PAGE.memory["position"] = moved
        st.rerun()
    if isinstance(picked, dict) and picked.get("side") in range(len(sides)):
        PAGE.memory["picked"] = (key_of(chosen), picked)


def key_of(chosen: MapChoice) -> tuple:
    return chosen.models, chosen.texts, chosen.units, chosen.own


def table(chosen: MapChoice, sides: tuple[Mapped, ...]) -> None:
    """The points that were taken, with their neighbours in the vectors of the layer that is looked at."""
    of, picked = PAGE.memory.get("picked", (None, None))
    if of != key_of(chosen) or not picked["points"]:
        return
    one = sides[picked["side"]]
    try:
        points = checked(picked["points"], len(embedding.vectors(one.question.embedding).labels))
    except Refused as refusal:
        PAGE.refuse(refusal)
        return
    source = one.question.embedding
    saving.offer("Points that were taken", lambda _: records(listed(one, chosen.texts, points)))
    layer = "" if chosen.own else f", layer {embedding.vectors(source).names[one.layer]}"
    title = escape(title_of(source, chosen.texts) + layer)
    if len(points) == 1:
        near = neighbours(one, chosen.texts, points[0])
        saving.offer("Neighbours", lambda _: records(near))
        st.html(f"<b>Nearest to “{escape(shortened(labels_of(one, chosen.texts)[points[0]]))}”</b> in {title}")
        rows = near
    else:
        more = f", the first {MOST_LISTED:,} of them" if picked["count"] > MOST_LISTED else ""
        st.html(f"<b>{picked['count']:,} points</b> of {title}{more}")
        rows = listed(one, chosen.texts, points[:MOST_LISTED])
    numbers = {"cosine": st.column_config.NumberColumn(format="%.2f")}
    st.dataframe(rows, hide_index=True, height=min(320, 38 + 35 * len(rows)), column_config=numbers)


def shortened(text: str, most: int = 80) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def offer(chosen: MapChoice, sides: tuple[Mapped, ...]) -> None:
    """What can be taken away of every side: its points, and files for the Embedding Projector."""
    for one in sides:
        name = title_of(one.question.embedding, chosen.texts)
        saving.offer(f"Points: {name}", partial(points, one, chosen))
        forms: dict[str, tuple[str, Callable[[saving.Picked], bytes]]] = {
            "metadata.tsv": ("metadata.tsv", partial(metadata_tsv, one, chosen.texts))
        }
        if not chosen.own:  # who brought the vectors has them
            forms["tensors.tsv"] = "tensors.tsv", partial(tensors_tsv, one)
        saving.offer_files(f"For the Embedding Projector: {name}", forms)


def vectors_of(one: Mapped) -> tuple:
    return one.question.embedding, one.question.centre, one.layer


def tensors_tsv(one: Mapped, _: saving.Picked) -> bytes:
    return files.tensors(embedding.prepared(*vectors_of(one)))


def metadata_tsv(one: Mapped, texts: TextSet, _: saving.Picked) -> bytes:
    return files.metadata(side(one, texts))


def points(one: Mapped, chosen: MapChoice, _: saving.Picked) -> Numbers:
    shown = side(one, chosen.texts, clusters=chosen.clusters, deep=chosen.deep)
    return files.as_numbers(shown, next(made for made in shown.frames if made.layer == one.layer))
