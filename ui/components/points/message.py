"""Maps of points as a message for the browser, and as files: for the Embedding Projector, as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.numbers import Numbers, unlike
from ui.components.message import pack
from ui.components.points.texts import Whole, keep

LONG = 10_000  # points from which on texts are cut for the browser
CUT = 60  # characters left of them
MANY = 50_000  # points from which on they are cut shorter
SHORT = 30  # characters left of them then
MOST_BYTES = 12_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The picture of one layer."""

    layer: int  # index into the names of the side's layers
    method: str
    places: np.ndarray  # [point, 2]
    scores: tuple[tuple[str, str, str], ...]  # (name, value as written, what it means)
    neighbours: np.ndarray  # [point, k], indices
    cosines: np.ndarray  # [point, k]
    depths: np.ndarray | None = None  # [point]: a third direction, in the measure of the places
    clusters: tuple[np.ndarray, tuple[str, ...]] | None = None  # of every point, from 0, -1: none; and their names


@dataclass(frozen=True, slots=True, eq=False)
class PointsSide:
    """One model's points."""

    title: str
    names: tuple[str, ...]  # of the layers
    labels: tuple[str, ...]
    texts: tuple[str, ...]  # that the points are from
    owners: np.ndarray  # [point]: index into texts
    columns: tuple[tuple[str, tuple[str, ...]], ...]  # (title, value of every text)
    frames: tuple[Frame, ...]
    note: str = ""
    given: bool = False  # the values of its columns are names that Gaze gives: languages, topics
    pictures: np.ndarray | None = None  # [point]: its place on the sheet, -1: a mark stands there; None: marks alone
    sheet: bytes = b""  # a picture's file, `across` squares a row
    across: int = 1


def pack_points(
    sides: Sequence[PointsSide],
    position: int,
    height: int = 480,
    *,
    words: bool = False,
    named: bool = False,
    step: str = "layer",
) -> bytes:
    """The browser's message. position: of the slider, over as many steps as the side with most layers has.

    words: points are parts of texts, so that the text they stand in is told beside them; named: as many as there is
    room for are named on the map; step: what a step of the slider is called.
    """
    header = {
        "height": height,
        "position": position,
        "steps": max(len(side.names) for side in sides),
        "words": words,
        "named": named,
        "step": step,
        "sides": [_side(side) for side in sides],
    }
    arrays = {f"{place} {name}": values for place, side in enumerate(sides) for name, values in _arrays(side).items()}
    message = pack(header, arrays)
    if len(message) > MOST_BYTES:
        raise ValueError(f"{len(message):,} bytes of points: at most {MOST_BYTES:,} travel at once")
    return message


def _arrays(side: PointsSide) -> dict[str, np.ndarray]:
    """What a side has in numbers; of its columns and frames by their place."""
    found = {"owners": side.owners.astype(np.uint32)}
    for place, (_, values) in enumerate(side.columns):
        code = {name: i for i, name in enumerate(dict.fromkeys(values))}
        found[f"codes {place}"] = np.array([code[values[owner]] for owner in side.owners], np.uint8)
    for place, frame in enumerate(side.frames):
        found[f"places {place}"] = frame.places.astype(np.float32)
        found[f"neighbours {place}"] = frame.neighbours.astype(np.uint32)
        found[f"cosines {place}"] = frame.cosines.astype(np.float32)
        if frame.depths is not None:
            found[f"depths {place}"] = frame.depths.astype(np.float32)
        if frame.clusters:
            found[f"clusters {place}"] = frame.clusters[0].astype(np.int32)
    if side.pictures is not None:
        found["pictures"] = side.pictures.astype(np.int32)
        found["sheet"] = np.frombuffer(side.sheet, np.uint8)
    return found


def _side(side: PointsSide) -> dict[str, object]:
    count = len(side.labels)
    most = SHORT if count > MANY else CUT if count > LONG else None

    def cut(texts: Sequence[str]) -> list[str]:
        return [text[:most] for text in texts]

    return {
        **_sheet(side),
        **({"long": keep(Whole(side.labels, side.texts, side.owners)), "cut": most} if most else {}),
        "title": side.title,
        "note": side.note,
        "given": side.given,
        "names": side.names,
        "labels": [] if side.labels == side.texts else cut(side.labels),
        "texts": cut(side.texts),
        "columns": [{"title": title, "names": list(dict.fromkeys(values))} for title, values in side.columns],
        "frames": [
            {"layer": one.layer, "method": one.method, "scores": one.scores}
            | ({"groups": one.clusters[1]} if one.clusters else {})
            for one in side.frames
        ],
    }


def _sheet(side: PointsSide) -> dict[str, object]:
    if side.pictures is None:
        return {}
    return {"across": side.across, "down": -(-(int(side.pictures.max(initial=-1)) + 1) // side.across)}


def layer_at(position: int, steps: int, layers: int) -> int:
    """The layer of a model with so many, at a position of a slider with so many steps: the same share of the way."""
    return round(max(0, min(position, steps - 1)) * (layers - 1) / max(1, steps - 1))


def tensors(vectors: np.ndarray) -> bytes:
    """Vectors [point, width] as the TensorFlow Embedding Projector reads them: a point a line, tabs between."""
    return "".join("\t".join(f"{value:.6g}" for value in row) + "\n" for row in vectors).encode()


def metadata(side: PointsSide) -> bytes:
    """What is known of each point, for the Embedding Projector: a line of titles, tabs between."""
    titles, rows = _table(side)
    # The Projector knows no quotes: what parts cells and lines must not stand in them.
    clean = [[" ".join(cell.split()) for cell in row] for row in (titles, *rows)]
    return "".join("\t".join(row) + "\n" for row in clean).encode()


def as_numbers(side: PointsSide, frame: Frame) -> Numbers:
    """Points with their places in the picture and all columns; as arrays, the places and the texts."""
    titles, rows = _table(side)
    names = unlike(["x", "y", *titles])
    columns: list[Any] = [frame.places[:, 0], frame.places[:, 1]]
    columns += [[row[k] for row in rows] for k in range(len(titles))]
    if frame.depths is not None:
        names = unlike([*names, "z"])
        columns.append(frame.depths)
    if frame.clusters:
        found, groups = frame.clusters
        names = unlike([*names, "cluster"])
        columns.append([groups[k] if k >= 0 else "" for k in found.tolist()])
    return Numbers(dict(zip(names, columns, strict=True)))


def _table(side: PointsSide) -> tuple[list[str], list[list[str]]]:
    titles = ["label", "text", *(title for title, _ in side.columns)]
    rows = [
        [label, side.texts[owner], *(values[owner] for _, values in side.columns)]
        for label, owner in zip(side.labels, side.owners, strict=True)
    ]
    return titles, rows
