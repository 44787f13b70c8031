"""What is seen as a file: vector and pixel pictures designed for print, tables, exact weights."""

from __future__ import annotations

import csv
import io
import re
import threading
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from core.data.saved import saved
from core.measures.arrays import host, pool
from core.measures.attention import TITLES, heads_of, layer_numbers, one_map, shown_as
from core.types import Attention, Display, Encoding, Refused, TextEncoding, Token

FORMS = {
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv",
    "npz": "application/octet-stream",
}
#: Faces to try in turn, by what they cover; a machine has some of them.
FACES = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Naskh Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Thai",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans JP",
    "Noto Sans SC",
    "Hiragino Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Yu Gothic",
    "Arial Unicode MS",
    "Segoe UI",
    "Segoe UI Emoji",
    "Apple Symbols",
)
MOST_LABELS = 512  # tokens along an axis that a printed map can name
INK, PAPER, STRONG = "#16202a", "#ffffff", "#0b3c5d"
SCALE = LinearSegmentedColormap.from_list("gaze", [PAPER, "#9cc9dd", "#2f7d95", STRONG])
_DRAWING = threading.Lock()  # matplotlib's text layout shares state between figures


@lru_cache(maxsize=1)
def faces() -> tuple[str, ...]:
    """Those of FACES that this machine has."""
    here = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(face for face in FACES if face in here)


@lru_cache(maxsize=1)
def letters() -> frozenset[int]:
    """Every code point that one of the faces can draw."""
    return frozenset(code for face in faces() for code in FT2Font(font_manager.findfont(face)).get_charmap())


def lacking(texts: list[str]) -> str:
    """The characters that no face here has, each once."""
    return "".join(sorted({c for text in texts for c in text if ord(c) not in letters() and not c.isspace()}))


def label(token: Token, index: int) -> str:
    text = token.text if len(token.text) <= 18 else token.text[:17] + "…"
    return (
        f"{text.replace(chr(36), chr(92) + chr(36))}\u200e  {index}"  # the mark keeps the index to the right of Arabic
    )


def heatmap(title: str, note: str, rows: tuple[Token, ...], columns: tuple[Token, ...], weights: np.ndarray) -> Figure:
    """One map with every token named, its scale beside it."""
    if max(weights.shape) > MOST_LABELS:
        raise Refused(
            f"{max(weights.shape):,} tokens are too many to name on a page (up to {MOST_LABELS}): "
            "save CSV or NPZ instead."
        )
    cell = 0.34 if max(weights.shape) <= 40 else 0.2
    size = 12 if cell > 0.3 else 8
    margin = 0.085 * size * min(20, max(len(label(t, 100)) for t in rows + columns)) / 10 + 0.3
    width, height = len(columns) * cell, len(rows) * cell
    figure = Figure(figsize=(max(width + margin + 1.3, 5.2), height + margin + 1.2), facecolor=PAPER)
    across, up = figure.get_size_inches()
    axes = figure.add_axes((margin / across, 0.55 / up, width / across, height / up))
    highest = max(float(weights.max()), 1e-6)
    mesh = axes.pcolormesh(
        weights[::-1], cmap=SCALE, vmin=0, vmax=highest, rasterized=weights.size > 20_000, edgecolors="none"
    )
    axes.set_yticks(np.arange(len(rows)) + 0.5, [label(t, i) for i, t in enumerate(rows)][::-1], fontsize=size)
    axes.set_xticks(
        np.arange(len(columns)) + 0.5, [label(t, i) for i, t in enumerate(columns)], fontsize=size, rotation=90
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0, colors=INK)
    for spine in axes.spines.values():
        spine.set_color("#b9c2ca")
    bar = figure.add_axes(((margin + width + 0.2) / across, 0.55 / up, 0.14 / across, min(height, 2.4) / up))
    figure.colorbar(mesh, cax=bar).ax.tick_params(labelsize=9, colors=INK)
    figure.text(0.02, 1 - 0.1 / up, title, fontsize=13, weight="bold", color=INK, va="top")
    figure.text(0.02, 0.12 / up, note, fontsize=8, color="#56616b")
    return figure


def overview(title: str, note: str, maps: np.ndarray, names: list[str]) -> Figure:
    """All heads of a kind, layer under layer, one scale: maps[layer, head, row, column]; names of the layers."""
    layers, heads = maps.shape[:2]
    figure = Figure(figsize=(heads * 1.0 + 0.8, layers * 1.0 + 1.1), facecolor=PAPER)
    up = figure.get_size_inches()[1]
    grid = figure.subplots(
        layers,
        heads,
        squeeze=False,
        gridspec_kw={"top": 1 - 0.75 / up, "bottom": 0.35 / up, "left": 0.06, "right": 0.99},
    )
    for layer in range(layers):
        for head in range(heads):
            axes = grid[layer, head]
            axes.imshow(maps[layer, head] ** 0.5, cmap=SCALE, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
            axes.set_xticks([])
            axes.set_yticks([])
            if layer == 0:
                axes.set_title(str(head + 1), fontsize=9, color=INK)
            if head == 0:
                axes.set_ylabel(names[layer], fontsize=9, rotation=0, labelpad=9, va="center", color=INK)
    figure.text(0.02, 1 - 0.1 / up, title, fontsize=13, weight="bold", color=INK, va="top")
    figure.text(0.02, 0.1 / up, note + "; colour is the square root of the weight, 0 to 1", fontsize=8, color="#56616b")
    return figure


def table(rows: tuple[Token, ...], columns: tuple[Token, ...], weights: np.ndarray) -> bytes:
    """CSV: one row a query, one column a key, tokens with their index; UTF-8 with a mark, for spreadsheets."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["query attends to key", *(guarded(f"{t.text} ({j})") for j, t in enumerate(columns))])
    for i, (token, values) in enumerate(zip(rows, weights, strict=True)):
        writer.writerow([guarded(f"{token.text} ({i})"), *(f"{v:.7g}" for v in values)])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@")) else text


def written(figure: Figure, form: str) -> bytes:
    file = io.BytesIO()
    settings: Any = {
        "font.family": list(faces()),
        "pdf.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "gaze",
    }
    with matplotlib.rc_context(settings):
        figure.savefig(file, format=form, dpi=200, bbox_inches="tight", pad_inches=0.15)
    return file.getvalue()


def export(
    encoding: Encoding,
    attention: Attention,
    shown: Display,
    layer: int,
    head: int | str,
    form: str,
    view: str,
) -> tuple[bytes, str, str]:
    """(content, media type, file name). Print is its own design: always on white, whatever the screen shows."""
    if form not in FORMS:
        raise Refused(f"{form!r} is no format: choose {', '.join(FORMS)}.")
    place, number = head if isinstance(head, str) else head + 1, layer_numbers(attention)[layer] + 1
    name = re.sub(r"[^\w.-]+", "-", f"gaze-{encoding.model}-{attention.kind}-{number}.{place}".lower())
    if form == "npz" and isinstance(encoding, TextEncoding):
        return saved(encoding), FORMS[form], f"gaze-{re.sub(r'[^a-zA-Z0-9_.-]+', '-', encoding.model)}.npz"
    rows, columns, weights = one_map(attention, shown, layer, head)
    if form == "csv":
        return table(rows, columns, weights), FORMS[form], f"{name}.csv"
    note = f"{encoding.model} · query (row) attends to key (column)"
    missing = lacking([t.text for t in rows + columns])
    if missing:
        note += f" · no font on this machine has: {' '.join(f'U+{ord(c):04X}' for c in missing[:8])}"
    title = f"{TITLES[attention.kind]}, layer {number}, " + (head if isinstance(head, str) else f"head {head + 1}")
    with _DRAWING, matplotlib.rc_context({"font.family": list(faces())}):
        if view == "overview":
            _, _, every = shown_as(attention, shown)
            block = -(-max(every.shape[2:]) // 128)
            layers, some = range(every.shape[0]), slice(None)
            maps = np.stack([host(pool(heads_of(every, layer, some), block)) for layer in layers])
            names = [str(number + 1) for number in layer_numbers(attention)]
            figure, name = overview(f"{TITLES[attention.kind]}: all heads", note, maps, names), f"{name}-all"
        else:
            figure = heatmap(title, note, rows, columns, weights)
        return written(figure, form), FORMS[form], f"{name}.{form}"
