"""Maps of points as bytes for the browser (ui/components/points), and as files: for the Embedding Projector, as CSV.

The layout is [uint32 little-endian header length][header as JSON, padded to a multiple of 4][arrays, each padded].
"""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

LONG = 10_000  # points from which on texts are cut for the browser
CUT = 60  # characters left of them
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
    pictures: np.ndarray | None = None  # [point]: its place on the sheet, -1: a mark stands there; None: marks alone
    sheet: bytes = b""  # a picture's file, `across` squares a row
    across: int = 1


@dataclass(slots=True)
class _Arrays:
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, values: np.ndarray, kind: str) -> dict[str, object]:
        data = np.ascontiguousarray(values, kind).tobytes()
        where = {"at": self.size, "count": int(values.size), "kind": kind}
        data += bytes(-len(data) % 4)
        self.parts.append(data)
        self.size += len(data)
        return where


def pack_points(sides: Sequence[PointsSide], position: int, height: int = 480, words: bool = False) -> bytes:
    """The browser's message. position: of the slider, over as many steps as the side with most layers has.

    words: points are parts of texts, so that the text they stand in is told beside them.
    """
    arrays = _Arrays()
    header = {
        "height": height,
        "position": position,
        "steps": max(len(side.names) for side in sides),
        "words": words,
        "sides": [_side(side, arrays) for side in sides],
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    if len(text) + arrays.size > MOST_BYTES:
        raise ValueError(f"{len(text) + arrays.size:,} bytes of points: at most {MOST_BYTES:,} travel at once")
    return struct.pack("<I", len(text)) + text + b"".join(arrays.parts)


def _side(side: PointsSide, arrays: _Arrays) -> dict[str, object]:
    many = len(side.labels) > LONG

    def cut(texts: Sequence[str]) -> list[str]:
        return [text[:CUT] if many else text for text in texts]

    columns = []
    for title, values in side.columns:
        names = sorted(set(values), key=values.index)
        code = {name: i for i, name in enumerate(names)}
        each = np.array([code[values[owner]] for owner in side.owners])
        columns.append({"title": title, "names": names, "codes": arrays.add(each, "<u1")})
    return {
        **_pictures(side, arrays),
        "title": side.title,
        "note": side.note,
        "names": side.names,
        "labels": [] if side.labels == side.texts else cut(side.labels),
        "texts": cut(side.texts),
        "owners": arrays.add(side.owners, "<u4"),
        "columns": columns,
        "frames": [
            {
                "layer": frame.layer,
                "method": frame.method,
                "scores": frame.scores,
                "places": arrays.add(frame.places, "<f4"),
                "each": frame.neighbours.shape[1],
                "neighbours": arrays.add(frame.neighbours, "<u4"),
                "cosines": arrays.add(frame.cosines, "<f4"),
            }
            for frame in side.frames
        ],
    }


def _pictures(side: PointsSide, arrays: _Arrays) -> dict[str, object]:
    if side.pictures is None:
        return {}
    sheet = np.frombuffer(side.sheet, np.uint8)
    return {
        "pictures": arrays.add(side.pictures, "<i4"),
        "sheet": arrays.add(sheet, "<u1"),
        "across": side.across,
        "down": -(-(int(side.pictures.max(initial=-1)) + 1) // side.across),
    }


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


def as_csv(side: PointsSide, frame: Frame) -> bytes:
    """Points with their places in the picture and all columns, as CSV that spreadsheets open."""
    titles, rows = _table(side)
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(["x", "y", *titles])
    for (x, y), row in zip(frame.places, rows, strict=True):
        table.writerow([f"{x:.6g}", f"{y:.6g}", *(_harmless(cell) for cell in row)])
    return ("\ufeff" + out.getvalue()).encode()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _table(side: PointsSide) -> tuple[list[str], list[list[str]]]:
    titles = ["label", "text", *(title for title, _ in side.columns)]
    rows = [
        [label, side.texts[owner], *(values[owner] for _, values in side.columns)]
        for label, owner in zip(side.labels, side.owners, strict=True)
    ]
    return titles, rows
