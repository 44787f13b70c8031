"""Patches: a picture cut, laid in a row, flattened and made into tokens, what they cost, and flattening gone wrong."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from core.analyses.patch_tokens import Shape, Tokens, shape_of
from core.data.pictures import picture
from core.engine import ask
from core.figures import overlays
from core.measures import patching
from core.measures.patching import Cost, cost
from core.requests import ImageRequest, PatchTokensRequest
from core.requests.picture import Fit
from core.store.revisions import kept
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.pictures.chooser import DEFAULT, MODEL
from ui.views.vision.common import PAGE, amount, memory, summary, waited

SIDES, PATCHES = (64, 128, 224, 384), (4, 8, 14, 16, 32)  # px
# All that is drawn at once has to fit a message of 2.5 MB.
DRAWN, NUMBERS, VALUES = 256, 160_000, 200_000  # tokens of which rows are drawn; numbers of them, raw and as tokens
PICTURE, EXPLODED = 250_000, 200_000  # px
LARGEST = 1_200_000  # px of a picture that is cut
LEAST = 320  # px of a ruled picture


def draw(chosen: ImageRequest) -> None:
    question, read = PAGE.ask_or_last_good(
        lambda: PatchTokensRequest(chosen.model, chosen.image, chosen.fit),
        waited(ask),
        lambda: PatchTokensRequest(MODEL, DEFAULT),
        "patches",
    )
    asked = (question.model, question.image, question.fit)
    shape = shape_of(question.model)
    if PAGE.memory.setdefault("sizes of", question.model) != question.model:
        PAGE.memory["sizes of"] = question.model
        for name in ("side", "patch"):  # another model begins with its own
            del PAGE[name]
    row = st.container(key="sliders").columns([3, 3, 4], vertical_alignment="bottom", gap="medium")
    side = widgets.stops(PAGE, row[0], "Picture, px", "side", sides(read, shape), shape.side)
    sizes = [one for one in sorted({*PATCHES, shape.patch}) if one <= side]
    patch = widgets.stops(PAGE, row[1], "Patch, px", "patch", sizes, shape.patch)
    permuted = not widgets.toggle(PAGE, row[2], "Flatten without permute (a mistake)", "unpermuted")
    size = pixels_of(*asked, side, patch).shape[:2]
    price = cost(size[0], size[1], patch, shape.layers, shape.heads, read.prefix)
    own = (side, patch) == (shape.side, shape.patch)
    shown = ask(PatchTokensRequest(*asked, permuted=permuted)) if own else None
    st.html(line(question.model, price, shape, shown, read, permuted=permuted))
    drawn, right = steps(*asked, side, patch, permuted=permuted)
    panels_view([*drawn, *token_panel(shown, shape, patch)], key=PAGE.key("patches_steps"), height=214)
    st.html(prices(size, shape, read.prefix, patch))
    widgets.notes(*notes(price, patch, right, permuted=permuted, read=read, shown=shown))


def sides(read: Tokens, shape: Shape) -> list[int]:
    """Sizes to choose from: the model's own, and those that are no burden in this picture's shape."""
    long = max(read.pixels.shape[:2]) / min(read.pixels.shape[:2])
    return sorted({shape.side, *(one for one in SIDES if one * one * long <= LARGEST)})


def pixels_of(model: str, image: str, fit: Fit, side: int, patch: int) -> np.ndarray:
    """The picture as the model reads it, where these are its own sizes; else made to this one."""
    shape = shape_of(model)
    return (
        ask(PatchTokensRequest(model, image, fit)).pixels
        if (side, patch) == (shape.side, shape.patch)
        else fitted(image, fit, side)
    )


@lru_cache(maxsize=32)
def fitted(image: str, fit: Fit, side: int) -> np.ndarray:
    """The picture with a shorter side of `side` px, or squeezed into a square."""
    pixels = picture(image)
    scale = side / min(pixels.shape[:2])
    high, wide = (side, side) if fit == "model" else (round(one * scale) for one in pixels.shape[:2])
    return overlays.resized(pixels, high, wide)


def line(model: str, price: Cost, shape: Shape, shown: Tokens | None, read: Tokens, *, permuted: bool) -> str:
    """Provenance, and the shapes from left to right."""
    count = price.rows * price.columns
    steps = f"{price.rows} × {price.columns} = {count:,} patches"
    steps += f" + {read.prefix} = <b>{price.tokens:,} tokens</b>" if read.prefix else f" = <b>{count:,} tokens</b>"
    steps += f", each {price.values:,} numbers"
    if shown is None:
        steps += f" (the model itself: {shape.side} px in patches of {shape.patch} px)"
    elif shown.said and not permuted:
        steps += f". It saw {summary(read.said, 1)}, now {summary(shown.said, 1)}"
    elif shown.said:
        steps += f". It sees {summary(shown.said, 2)}"
    return f'<div class="gaze-output">{widgets.badge(model)} {steps}</div>'


@kept
def steps(model: str, image: str, fit: Fit, side: int, patch: int, *, permuted: bool) -> tuple[tuple[Panel, ...], int]:
    """(picture, patches and flattened numbers; how many tokens are true patches)."""
    pixels = overlays.as_colours(pixels_of(model, image, fit, side, patch))
    rows, columns = pixels.shape[0] // patch, pixels.shape[1] // patch
    pixels, count = pixels[: rows * patch, : columns * patch], rows * columns
    right = patching.flattened(pixels, patch)
    flat = right if permuted else patching.flattened_without_permute(pixels, patch)
    true = patching.true_patches(flat, right)
    ruled = overlays.ruled(overlays.enlarged(pixels, LEAST), np.arange(count).reshape(rows, columns))
    exploded = patching.joined(overlays.opaque(patching.laid_out(flat, rows, columns)), gap=max(1, patch // 6))
    name = f"{rows} × {columns} patches" if permuted else "What the model takes for patches"
    note = f"{true:,} of {count:,} tokens are true patches"
    lined = min(DRAWN, NUMBERS // flat.shape[1])
    if count > lined:
        note += f"; {lined} are drawn"
    return (
        Panel(f"Picture {pixels.shape[0]} × {pixels.shape[1]} × 3", overlays.within(ruled, PICTURE), scale="picture"),
        Panel(name, overlays.within(exploded, EXPLODED), scale="picture", note=f"{patch} × {patch} × 3 each"),
        Panel(
            f"Flattened {count:,} × {flat.shape[1]:,}",
            in_colours(flat, permuted=permuted, side=patch)[:lined],
            scale="picture",
            square=False,
            note=note,
        ),
    ), true


def in_colours(flat: np.ndarray, side: int, *, permuted: bool) -> np.ndarray:
    """Each number in the colour that it is an amount of, [token, number, 3]."""
    colour = np.repeat(np.arange(3), side * side)[None].repeat(len(flat), axis=0)
    if not permuted:  # all red numbers of the picture come first, then green, then blue
        colour = np.repeat(np.arange(3), flat.size // 3).reshape(flat.shape)
    return flat[:DRAWN, :, None] * np.eye(3, dtype=np.float32)[colour[:DRAWN]]


def token_panel(shown: Tokens | None, shape: Shape, patch: int) -> list[Panel]:
    """The model's tokens, where it was made for this patch."""
    if shown is None:
        return []
    values = shown.values[: min(DRAWN, VALUES // shown.values.shape[1])]
    title = f"Tokens {len(shown.values):,} × {shown.values.shape[1]:,}"
    names = tuple(
        ["[CLS]", *("" for _ in range(shown.prefix - 1))][: shown.prefix]
        + [str(i + 1) for i in range(len(values) - shown.prefix)]
    )
    kind = f"W_E · patch ({3 * patch * patch} → {shape.width}), position added"
    if shown.prefix:
        kind += "; [CLS] first"
    return [Panel(title, values, rows=names, axes=("token", "dimension"), group="token", square=False, note=kind)]


def prices(size: tuple[int, int], shape: Shape, prefix: int, here: int) -> str:
    """Tokens, weights and memory for each size of patch, as html."""
    sizes = [one for one in sorted({*PATCHES, shape.patch}) if one <= min(size)]
    costs = [cost(*size, one, shape.layers, shape.heads, prefix) for one in sizes]
    rows = {
        "Patch, px": [str(one) for one in sizes],
        "Tokens n": [f"{one.tokens:,}" for one in costs],
        "Weights n² of one head": [amount(one.weights) for one in costs],
        f"All {shape.layers} layers × {shape.heads} heads": [memory(one.bytes) for one in costs],
    }
    bold = [one == here for one in sizes]

    def cell(text: str, *, on: bool) -> str:
        return f"<td><b>{text}</b></td>" if on else f"<td>{text}</td>"

    body = "".join(
        f"<tr><th>{name}</th>{''.join(cell(text, on=on) for text, on in zip(values, bold, strict=True))}</tr>"
        for name, values in rows.items()
    )
    return f'<div style="overflow-x: auto"><table class="gaze-numbers" style="width: 100%">{body}</table></div>'


def notes(
    price: Cost, patch: int, right: int, read: Tokens, shown: Tokens | None, *, permuted: bool
) -> tuple[str, ...]:
    """What you see, try this, careful."""
    count = price.rows * price.columns
    if not permuted:
        see = (
            f"Reshaped without permute a token is made of one colour from places far apart: "
            f"{right:,} of {count:,} tokens are true patches. Nothing fails, every shape is right."
        )
        if shown is not None and shown.said:
            see += f" The model took it for {summary(read.said, 1)}, and now for {summary(shown.said, 1)}."
        return see, "Switch the mistake off: which shapes change? None, so only a look at the tokens finds it.", CAREFUL
    return (
        f"Each patch of {patch} × {patch} px becomes one row of {price.values:,} numbers: red, green, blue. "
        f"To the model the picture is a text of {price.tokens:,} words.",
        "Halve the patch: four times the tokens, sixteen times the weights. Set 224 and 16 for ViT-B/16.",
        CAREFUL,
    )


CAREFUL = (
    "Only W_E knows what lies side by side in a patch: a row of numbers has no up and down. "
    "Cost counts attention weights alone."
)
