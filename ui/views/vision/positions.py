"""Positions: how alike what is added to two patches is, every patch against all; a line or a plane, or none at all."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses.patch_positions import has_table, relative, relative_blocks
from core.data.pictures import picture
from core.engine import ask
from core.figures import overlays
from core.measures import grid_positions
from core.requests import ImageRequest, PatchPositionsRequest
from core.store.revisions import kept
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.pictures.chooser import DEFAULT, MODEL
from ui.views.vision.common import PAGE, cell_of, counted, display_name, inside, waited

MOST = 540_000  # cells of the mosaic: 2.2 MB
HEIGHT = 450
BLANK = (" ",)  # no names along the mosaic: its cells belong to maps
CAREFUL = "A table says what the model can know of places, not what it does with them: see “Shift and shuffle”."


def draw(chosen: ImageRequest) -> None:
    asked, table = PAGE.ask_or_last_good(
        lambda: PatchPositionsRequest(chosen.model, chosen.image, chosen.fit),
        waited(known),
        lambda: PatchPositionsRequest(MODEL, DEFAULT),
        "positions",
    )
    if table is None:
        biased(asked.model)
    else:
        mapped(asked, table)


def known(question: PatchPositionsRequest) -> np.ndarray | None:
    """Positions [row, column, width]; None for a model that keeps biases by distance instead."""
    return ask(question) if has_table(question.model) or not relative_blocks(question.model) else None


@kept
def maps(question: PatchPositionsRequest) -> np.ndarray:
    found = grid_positions.cosines(ask(question))
    found.flags.writeable = False
    return found


def mapped(asked: PatchPositionsRequest, table: np.ndarray) -> None:
    """The mosaic of all maps, and one of them large beside what it is summed up to."""
    rows, columns = table.shape[:2]
    alike, plane = maps(asked), grid_positions.plane(table)
    every = thinned(rows, columns)
    st.html(f'<div class="gaze-output">{widgets.badge(asked.model)} {line(plane, rows, columns)}</div>')
    left, right = st.columns([5, 5], gap="medium")
    with left:
        some = alike[::every, ::every]
        shown = Panel(
            f"{some.shape[0]} × {some.shape[1]} maps, each at its patch’s place",
            grid_positions.mosaic(some).astype(np.float32),
            rows=BLANK,
            columns=BLANK,
            axes=("row of the mosaic", "column"),
            group="cosine",
            pick=True,
            note="Click a map." if every == 1 else f"One patch in {every} along each side. Click a map.",
        )
        clicked = panels_view([shown], key=PAGE.key("position_maps"), height=HEIGHT).cell
    if clicked:
        row, column = grid_positions.at(clicked["row"], clicked["column"], (rows, columns))
        PAGE.memory["position"] = (min(row * every, rows - 1), min(column * every, columns - 1))
    patch = inside(PAGE.memory.get("position", (rows // 2, columns // 2)), rows, columns)
    with right:
        clicked = panels_view(beside(asked, alike, patch), key=PAGE.key("position_one"), height=HEIGHT, across=2).cell
    if clicked:
        shape = ruled(asked.image, rows, columns).shape[:2] if clicked["panel"] == 0 else (rows, columns)
        PAGE.memory["position"] = cell_of(clicked, shape, (rows, columns))
        st.rerun()
    widgets.notes(*notes(plane, columns, alike, patch))


def thinned(rows: int, columns: int) -> int:
    """Of every how manieth patch a map is drawn: of all, where that fits."""
    every = 1
    while -(-rows // every) * (rows + 1) * -(-columns // every) * (columns + 1) > MOST:
        every += 1
    return every


def beside(asked: PatchPositionsRequest, alike: np.ndarray, patch: tuple[int, int]) -> list[Panel]:
    """Where the patch is, its map, and how alike rows and columns are."""
    rows, columns = alike.shape[:2]
    here = np.zeros((rows, columns), dtype=bool)
    here[patch] = True
    place = f"Patch {patch[0] + 1}, {patch[1] + 1}"
    down, across = counted(rows), counted(columns)
    marked = overlays.marked(ruled(asked.image, rows, columns), patch, (rows, columns))

    def named(title: str, values: np.ndarray, rows: tuple, columns: tuple, axes: tuple, *, pick: bool = False) -> Panel:
        return Panel(title, values.astype(np.float32), rows, columns, axes, group="cosine", pick=pick)

    return [
        Panel(place, overlays.faded(marked, here, 0.35), scale="picture", pick=True),
        named(f"{place} against all", alike[patch], down, across, ("row", "column"), pick=True),
        named("Row against row", grid_positions.rows_alike(alike), down, down, ("row", "row")),
        named("Column against column", grid_positions.columns_alike(alike), across, across, ("column", "column")),
    ]


@lru_cache(maxsize=16)
def ruled(image: str, rows: int, columns: int) -> np.ndarray:
    """The picture on the grid of patches."""
    numbers = np.arange(rows * columns).reshape(rows, columns)
    times = max(1, 320 // max(rows, columns))
    return overlays.ruled(overlays.as_colours(overlays.resized(picture(image), rows * times, columns * times)), numbers)


def verdict(plane: grid_positions.Plane) -> str:
    """A plane when a step down is nearly as much alike as a step to the right, and far more than any two patches."""
    if np.isnan(plane.down) or np.isnan(plane.across):
        return "one line of patches"
    near = (plane.down - plane.all) / max(plane.across - plane.all, 1e-6)
    if plane.across - plane.all < 0.05:
        return "places hardly told apart"
    return "a plane" if near > 0.5 else "a line"


def line(plane: grid_positions.Plane, rows: int, columns: int) -> str:
    return (
        f"{rows} × {columns} positions: <b>{verdict(plane)}</b>. Cosine one step to the right {plane.across:.2f}, "
        f"one step down {plane.down:.2f}, any two {plane.all:.2f}."
    )


def notes(plane: grid_positions.Plane, columns: int, alike: np.ndarray, patch: tuple[int, int]) -> tuple[str, str, str]:
    """What you see, try this, careful."""
    see = (
        f"The table is one long list, and nobody told the model that patch {columns + 1} lies below patch 1. "
        f"A part for the row plus a part for the column explain {widgets.percent(plane.additive)} of it."
    )
    attempt = "Click a patch in the middle, then one in a corner."
    if not np.isnan(plane.wrapped):
        attempt += (
            f" The end of a row and the beginning of the next are neighbours in the list: "
            f"their cosine is {plane.wrapped:.2f}. Are the borders of these pictures alike?"
        )
    return see, attempt, CAREFUL


# --- biases by distance -----------------------------------------------------------------------------------------------


def biased(model: str) -> None:
    """Swin has no table: every head adds a number for how far a key lies from its query."""
    count = relative_blocks(model)
    row = st.container(key="bar").columns([3, 7], vertical_alignment="center")
    block = widgets.choice(
        PAGE, row[0], "Block", "bias_block", range(count), format_func=lambda i: f"Block {i + 1} of {count}"
    )
    found = relative(model, block)
    side = (found.shape[-1] + 1) // 2
    row[1].html(
        f'<div class="gaze-output">{widgets.badge(model)} No table: '
        f"biases by distance, windows of {side} × {side}</div>"
    )
    names = tuple(f"{one:+d}" if one else "0" for one in range(1 - side, side))
    drawn = [
        Panel(f"head {i + 1}", one, names, names, axes=("down", "right"), group="bias")
        for i, one in enumerate(found[:8])
    ]
    panels_view(drawn, key=PAGE.key("biases"), height=HEIGHT, across=min(4, len(drawn)))
    widgets.notes(
        f"{display_name(model)} adds no position to its patches. Each head adds a number to a score by how far "
        "the key lies to the right of the query and below it.",
        "Find a head that likes its own row: orange along the middle line, blue elsewhere.",
        "Such a bias is the same in every window: no patch knows where in the picture it is.",
    )
