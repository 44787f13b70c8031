"""Swin: attention inside windows, windows that shift, the mask that keeps apart what the shift brought together."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses.windows import Block
from core.data.pictures import picture
from core.engine import ask
from core.figures import overlays
from core.figures.vision import windows_cost
from core.measures import windows
from core.requests import ImageRequest, WindowsRequest
from core.store.shelf import SHELF
from core.types import Refused
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.views.vision.common import LOOKED_AT, PAGE, amount, cell_of, counted, inside, waited

VIEWS = ("Windows", "Cost", "In a model")
GRIDS, WINDOWS, WIDTHS = (8, 12, 14, 16, 24, 56), (2, 4, 7, 8), (32, 96, 192, 384)
COST_SIDES = (7, 14, 28, 56, 112, 224)
MOST_SEEN = 576  # patches of which everyone is set against everyone
LEAST = 384  # px of a picture
UNNAMED = ""  # the scale of the masks: their titles say what is measured
WANTED = "microsoft/swin-tiny-patch4-window7-224"
WANTED_HERE = (
    f"To see a model’s own windows choose <b>{WANTED}</b> above ({SHELF[WANTED].megabytes:,.0f} MB, once, with a "
    "network), or type the folder of a Swin checkpoint. Below is the rule of the paper on this picture."
)
CAREFUL = (
    "The roll is a trick for speed: it makes all windows the same size. "
    "What it brings together lies far apart: the mask keeps it so."
)


def draw(chosen: ImageRequest) -> None:
    row = st.container(key="choose").columns([3, 2.2, 2.2, 2.6], vertical_alignment="bottom", gap="medium")
    view = widgets.segments(PAGE, row[0], "View", "windows", VIEWS)
    {"Windows": draw_windows, "Cost": draw_cost, "In a model": draw_model}[view](chosen, row[1:])


# --- windows on the picture -------------------------------------------------------------------------------------------


def draw_windows(chosen: ImageRequest, row: list) -> None:
    side = widgets.stops(PAGE, row[0], "Patches along a side", "grid", GRIDS, 8)
    size = widgets.stops(PAGE, row[1], "Window, patches", "window", WINDOWS, 4)
    shifted = widgets.toggle(PAGE, row[2], "Shifted", "shifted", begin=True)
    window, shift = windows.fitted(side, side, size, size // 2 if shifted else 0)
    patch = inside(PAGE.memory.get("windowed", (side - 2, side // 2)), side, side)
    st.html(f'<div class="gaze-output">{by_hand()} {summed_up(side, window, shift)}</div>')
    drawn = list(panels(chosen.image, side, window, shift, patch))
    left, right = st.columns([8, 1.7], gap="medium")
    with left:
        clicked = panels_view(drawn[:2], key=PAGE.key("windows_drawn"), height=400).cell
    with right:
        panels_view(drawn[2:], key=PAGE.key("windows_masks"), height=356, across=1)
    if clicked:
        PAGE.memory["windowed"] = patch_of(clicked, drawn, side, window, shift)
        st.rerun()
    widgets.notes(*notes(side, window, shift, patch))


def patch_of(clicked: dict, drawn: list[Panel], side: int, window: int, shift: int) -> tuple[int, int]:
    """The patch that a click on one of the two pictures means; the second is rolled and filled up."""
    shape = drawn[clicked["panel"]].values.shape[:2]
    if clicked["panel"] == 0:
        return cell_of(clicked, shape, (side, side))
    count = windows.filled(side, window)
    row, column = ((one + shift) % count for one in cell_of(clicked, shape, (count, count)))
    return inside((row, column), side, side)


def by_hand() -> str:
    return '<span class="gaze-badge" style="--kind:#8a63b0">by hand: the rule of the paper, no model</span>'


def summed_up(side: int, window: int, shift: int) -> str:
    count = len(windows.order(side, side, window, shift))
    if shift == 0 and window == side:
        return f"{side} × {side} patches are one window of {window} × {window}: full attention"
    where = f"rolled up and left by {shift}" if shift else "not shifted"
    return f"{side} × {side} patches, {count} windows of {window} × {window}, {where}"


@lru_cache(maxsize=16)
def squared(image: str, side: int) -> np.ndarray:
    """The picture squeezed into a square of whole patches, colours from 0 to 1."""
    size = side * -(-LEAST // side)
    return overlays.as_colours(overlays.resized(picture(image), size, size))


@lru_cache(maxsize=32)
def panels(image: str, side: int, window: int, shift: int, patch: tuple[int, int]) -> tuple[Panel, ...]:
    """The picture with its windows, the picture as it is rolled, the mask of one window, and who sees whom."""
    sizes = (side, side, window, shift)
    pixels, seen, pieces = squared(image, side), windows.sees_from(patch, *sizes), windows.pieces(*sizes)
    here = overlays.marked(overlays.ruled(pixels, pieces[:side, :side], thick=3), patch, (side, side))
    at = int(windows.window_of(*sizes)[patch])
    found = [
        Panel(
            "Where this patch looks",
            overlays.faded(here, seen),
            scale="picture",
            pick=True,
            note=f"{int(seen.sum())} of {side * side} patches. Click another.",
        ),
        Panel(
            "Rolled and cut into windows" if shift else "Cut into windows",
            rolled(pixels, pieces, side, shift, patch),
            scale="picture",
            pick=True,
            note="lines inside a window part what the roll brought together" if shift else "",
        ),
        Panel(
            "Mask of its window",
            windows.mask(*sizes)[at].astype(np.float32),
            *(counted(window**2),) * 2,
            group=UNNAMED,
        ),
    ]
    if side * side <= MOST_SEEN:
        whole = np.where(windows.sees(*sizes), 0, windows.HIDDEN).astype(np.float32)
        found.append(Panel("Who may look at whom", whole, *(counted(side**2),) * 2, group=UNNAMED))
    return tuple(found)


def rolled(pixels: np.ndarray, pieces: np.ndarray, side: int, shift: int, patch: tuple[int, int]) -> np.ndarray:
    """The picture, filled up to whole windows with nothing, as a shifted layer sees it."""
    step, count = len(pixels) // side, len(pieces)
    room = (0, count * step - len(pixels))
    turned = np.roll(np.pad(overlays.opaque(pixels), (room, room, (0, 0))), (-shift * step,) * 2, (0, 1))
    moved = ((patch[0] - shift) % count, (patch[1] - shift) % count)
    lined = overlays.ruled(turned, np.roll(pieces, (-shift,) * 2, (0, 1)), thick=3)
    return overlays.marked(lined, moved, pieces.shape)


def notes(side: int, window: int, shift: int, patch: tuple[int, int]) -> tuple[str, str, str]:
    """What you see, try this, careful."""
    count = int(windows.sees(side, side, window, shift)[patch[0] * side + patch[1]].sum())
    see = f"A patch looks at the {count} patches of its window, not at all {side * side}."
    if shift:
        see += f" Shifted windows lie across the borders of the layer before: two layers reach further than {window}."
    return (
        see,
        "Click a patch at the border, then switch the shift off: which neighbours does it gain and lose?",
        CAREFUL,
    )


# --- what it costs ----------------------------------------------------------------------------------------------------


def draw_cost(chosen: ImageRequest, row: list) -> None:
    width = widgets.stops(PAGE, row[0], "Width C", "width", WIDTHS, 96)
    window = widgets.stops(PAGE, row[1], "Window M", "window", WINDOWS, 4)
    side = widgets.stops(PAGE, row[2], "Patches along a side", "cost_side", COST_SIDES, 56)
    full, windowed = ([windows.multiplications(one, one, width, size) for one in COST_SIDES] for size in (0, window))
    now = windows.multiplications(side, side, width), windows.multiplications(side, side, width, window)
    st.html(
        f'<div class="gaze-output">{side} × {side} patches: <b>{amount(now[0])}</b> multiplications when all look at '
        f"all (4hwC² + 2(hw)²C), <b>{amount(now[1])}</b> in windows (4hwC² + 2M²hwC): {now[0] / now[1]:.1f} times "
        "fewer</div>"
    )
    figure = windows_cost(COST_SIDES, full, windowed, window, side, height=430)
    widgets.chart(figure, PAGE.key("windows_cost"))
    widgets.notes(
        "Twice the side is four times the patches: windows then cost four times as much, full attention up to sixteen.",
        "Set C = 96, M = 7 and 56 patches a side, Swin’s first stage. Then 7 patches a side: why do the lines meet?",
        "Multiplications of one attention layer, by the formulas of the paper; the feed-forward part comes on top.",
    )


# --- a model's own windows --------------------------------------------------------------------------------------------


def draw_model(chosen: ImageRequest, row: list) -> None:
    try:
        found = waited(ask)(WindowsRequest(chosen.model, chosen.image))
    except Refused as refusal:
        PAGE.refuse(refusal)
        st.html(f'<div class="gaze-output">{WANTED_HERE}</div>')
        draw_windows(chosen, row)
        return
    # Blocks of a stage have one name, which could not tell them apart in an address.
    number = widgets.choice(
        PAGE, row[0], "Block", "swin_block", range(len(found)), titled=True, linked=False,
        format_func=lambda i: named(found[i]),
    )  # fmt: skip
    block = found[number]
    sizes = (block.rows, block.columns)
    patch = inside(PAGE.memory.get("windowed", (block.rows // 2, block.columns // 2)), *sizes)
    st.html(f'<div class="gaze-output">{widgets.badge(chosen.model)} {described(block)}</div>')
    drawn = own_panels(chosen.image, block, patch)
    clicked = panels_view(drawn, key=PAGE.key("swin_own"), height=440, across=4).cell
    if clicked:
        shape = drawn[clicked["panel"]].values.shape[:2]
        PAGE.memory["windowed"] = cell_of(clicked, shape, sizes)
        st.rerun()
    widgets.notes(
        f"A patch of this block gives all its weight to its window: nothing beyond {block.window} × {block.window}.",
        "Click patches on both sides of a window’s border, then go to the next block, whose windows are shifted.",
        LOOKED_AT,
    )


def named(block: Block) -> str:
    return f"Stage {block.stage + 1}, {'shifted' if block.shift else 'plain'} windows"


def described(block: Block) -> str:
    heads, count = block.weights.shape[1], block.weights.shape[0]
    return f"{block.rows} × {block.columns} patches, {count} windows of {block.window} × {block.window}, {heads} heads"


def own_panels(image: str, block: Block, patch: tuple[int, int]) -> list[Panel]:
    """The picture with the patch's window, and where each head looks from there."""
    sizes = (block.rows, block.columns, block.window, block.shift)
    maps = windows.row_on_grid(block.weights, patch, *sizes)
    seen = windows.sees_from(patch, *sizes)
    pixels = overlays.ruled(squared(image, block.rows), windows.window_of(*sizes), thick=3)
    here = overlays.faded(overlays.marked(pixels, patch, (block.rows, block.columns)), seen)
    heads = [("mean of all heads", maps.mean(axis=0)), *((f"head {i + 1}", one) for i, one in enumerate(maps[:6]))]
    names = counted(block.rows), counted(block.columns)
    return [
        Panel("Its window", here, scale="picture", pick=True),
        *(Panel(name, one, *names, ("row", "column"), "weight", "weight", pick=True) for name, one in heads),
    ]
