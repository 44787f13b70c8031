"""A map as it is drawn and listed: its points, their clusters and neighbours, the message for the browser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.analyses import embedding
from core.data.texts import TextSet, bank, parallel
from core.requests import OwnVectorsRequest, ProjectionRequest
from core.store.revisions import kept
from ui.components.points.message import Frame, PointsSide, pack_points
from ui.views.embedding.map import HEIGHT, Mapped, frame, title_of

MOST_DEEP = 9_999  # points that are turned by hand
NEAREST = 20  # neighbours of a point that are listed


def labels_of(one: Mapped, texts: TextSet) -> tuple[str, ...]:
    """What the points are called: what a model read, or the texts beside somebody's own vectors."""
    made = embedding.vectors(one.question.embedding)
    if isinstance(one.question.embedding, OwnVectorsRequest):
        return tuple(texts.texts[owner] for owner in made.owners.tolist())
    return made.labels


def side(one: Mapped, texts: TextSet, *, clusters: bool = False, deep: bool = False) -> PointsSide:
    """What is there of a model's map: a layer that UMAP has not arranged yet as PCA shows it."""
    source = one.question.embedding
    made, labels = embedding.vectors(source), labels_of(one, texts)
    there = embedding.ready(one.question)
    before = ProjectionRequest(source, "PCA", one.question.centre)
    few = len(labels) <= embedding.MOST_AT_ONCE  # else a layer is judged when the slider rests on it
    frames = tuple(
        frame(one.question if i in there else before, texts, i, judged=few or i == one.layer) for i in made.layers
    )
    if deep and len(labels) <= MOST_DEEP:
        frames = tuple(deepened(one, made) if made.method == "PCA" else made for made in frames)
    if clusters:
        frames = tuple(grouped(one, texts, made) if made.layer == one.layer else made for made in frames)
    whole = PointsSide(
        *(title_of(source, texts), made.names, labels, texts.texts, made.owners, texts.columns, frames, one.remark),
        given=texts in (parallel(), bank()),
    )
    if not isinstance(source, OwnVectorsRequest):
        return whole
    rows = made.owners.tolist()  # a row is a point, so that no text travels twice
    columns = tuple((title, tuple(values[row] for row in rows)) for title, values in texts.columns)
    return replace(whole, texts=labels, owners=np.arange(len(rows)), columns=columns)


def deepened(one: Mapped, made: Frame) -> Frame:
    """The picture of a layer with PCA's third direction."""
    return replace(made, depths=embedding.depths(one.question.embedding, one.question.centre, made.layer))


def grouped(one: Mapped, texts: TextSet, made: Frame) -> Frame:
    """The picture of a layer with its clusters, named by what stands out in their texts."""
    return replace(made, clusters=clusters_of(one, texts))


def clusters_of(one: Mapped, texts: TextSet) -> tuple[np.ndarray, tuple[str, ...]]:
    """The cluster of every point, -1 for none, and their names; Refused where there are too many points."""
    return embedding.clustered(one.question.embedding, one.question.centre, one.layer, labels_of(one, texts))


@kept
def message(
    sides: tuple[Mapped, ...],
    there: tuple,
    texts: TextSet,
    position: int,
    steps: int,
    *,
    words: bool,
    clusters: bool = False,
    deep: bool = False,
) -> bytes:
    """The browser's message; `there`, the layers that are arranged, makes it another one when more are."""
    return pack_points([side(one, texts, clusters=clusters, deep=deep) for one in sides], position, HEIGHT, words=words)


def listed(one: Mapped, texts: TextSet, points: list[int]) -> list[dict[str, object]]:
    """Rows of the table: a point, its groups, and its nearest others with their cosines."""
    made, labels = embedding.vectors(one.question.embedding), labels_of(one, texts)
    rows = []
    for point, near in zip(
        points, embedding.closest(one.question.embedding, one.question.centre, one.layer, points), strict=True
    ):
        owner = int(made.owners[point])
        row: dict[str, object] = {"point": labels[point]}
        if labels[point] != texts.texts[owner]:
            row["in"] = texts.texts[owner]
        row |= {title: values[owner] for title, values in texts.columns}
        for rank, (other, cosine) in enumerate(near, 1):
            row[f"nearest {rank}"] = f"{cosine:.2f}  {labels[other]}"
        rows.append(row)
    return rows


def neighbours(one: Mapped, texts: TextSet, point: int) -> list[dict[str, object]]:
    """Rows of a list: the points nearest to one in the vectors of the layer, with their cosines and groups."""
    made, labels = embedding.vectors(one.question.embedding), labels_of(one, texts)
    source, centre = one.question.embedding, one.question.centre
    (near,) = embedding.closest(source, centre, one.layer, [point], NEAREST)
    rows = []
    for rank, (other, cosine) in enumerate(near, 1):
        owner = int(made.owners[other])
        row: dict[str, object] = {"rank": rank, "cosine": float(cosine), "point": labels[other]}
        if labels[other] != texts.texts[owner]:
            row["in"] = texts.texts[owner]
        rows.append(row | {title: values[owner] for title, values in texts.columns})
    return rows
