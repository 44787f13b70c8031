"""Shift and shuffle: a picture moved by a pixel, by a patch, or cut up; what of a model's features moves along."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.analyses.shifts import Followed, followed
from core.errors import Refused
from core.figures import overlays
from core.figures.vision import Line, carried
from core.measures.shifts import Move
from core.store.shelf import SHELF
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.pictures.chooser import DEFAULT, MODEL, Chosen
from ui.views.vision.last_good import BOUND, bare, carefully, choice, counted, display_name, summary

CNN = "small-cnn"
MOVES = ("1 pixel", "1 patch", "Shuffle")
EXACT = 1e-6  # sums in another order differ in the seventh digit
LARGEST = 300_000  # px of each picture: all that is drawn at once has to fit a message of 2.5 MB


@st.fragment
def draw(chosen: Chosen) -> None:
    row = st.container(key="choose").columns([3.4, 1.7, 1.6, 3.3], vertical_alignment="center", gap="small")
    plain = {"required": True, "label_visibility": "collapsed", **BOUND}
    kind = row[0].segmented_control("Move", MOVES, default=MOVES[0], key="move", **plain)
    positions = row[1].toggle("Positions", value=True, key="places", **BOUND)
    row[2].button("Again", icon=":material/shuffle:", on_click=again, disabled=kind != "Shuffle", width="stretch")
    seed = st.session_state.setdefault("_shuffle of patches", 1)
    asked, found = carefully(
        "shifts", moved, chosen.model, chosen.image, kind, seed, positions, first=(MODEL, DEFAULT, MOVES[0], 1, True)
    )
    model, image, kind, seed, positions = asked
    other = network(image, kind, seed)
    whole = found if positions else moved(model, image, kind, seed, True)
    names = [one.name for one in found.layers]
    first = names[min(2 if found.positions else 1, len(names) - 1)]
    layer = choice(row[3], "Layer", names, "features", first, label_visibility="collapsed")
    st.html(line(found, other))
    panels_view(drawn(found, other, layer), key="moved", height=196)
    chart, words = st.columns([5, 5], gap="medium")
    widgets.chart(carried([lined(one) for one in (found, other) if one]), "carried", chart)
    words.html(table(found, other, whole))
    widgets.notes(*notes(found, other, kind))


def again() -> None:
    st.session_state["_shuffle of patches"] = st.session_state.get("_shuffle of patches", 1) + 1


def moved(model: str, image: str, kind: str, seed: int, positions: bool) -> Followed:
    """A model's reading before and after; a patch is as wide as its own."""
    move = {"1 pixel": Move("shift", 1), "1 patch": Move("patch"), "Shuffle": Move("shuffle", seed=seed)}[kind]
    return followed(model, image, move, positions)


def network(image: str, kind: str, seed: int) -> Followed | None:
    """The convolutional network's reading, where it is here."""
    try:
        return moved(CNN, image, kind, seed, True) if CNN in SHELF else None
    except Refused as refusal:
        widgets.advice(refusal)
        return None


def lined(one: Followed) -> Line:
    return Line(
        display_name(one.model),
        tuple(layer.name for layer in one.layers),
        np.array([layer.cosines.mean() for layer in one.layers]),
        np.array([layer.chance for layer in one.layers]),
        tuple(layer.whole for layer in one.layers),
    )


def beside(found: Followed, other: Followed, name: str) -> int:
    """The layer of the other model that is as far along."""
    at = [one.name for one in found.layers].index(name)
    return round(at * (len(other.layers) - 1) / max(1, len(found.layers) - 1))


def drawn(found: Followed, other: Followed | None, name: str) -> list[Panel]:
    """The picture before and after, and what did not move along with it, in both models."""
    layer = next(one for one in found.layers if one.name == name)
    height, width = found.before.shape[:2]
    grid = np.arange((height // found.patch) * (width // found.patch)).reshape(height // found.patch, -1)

    def shown(pixels: np.ndarray) -> np.ndarray:
        return overlays.within(overlays.ruled(overlays.enlarged(overlays.as_colours(pixels), 256), grid), LARGEST)

    panels = [
        Panel(f"As it was, {height} × {width} px", shown(found.before), scale="picture"),
        Panel("Moved", shown(found.after), scale="picture"),
        lost(found.model, layer),
    ]
    if other is not None:
        panels.append(lost(other.model, other.layers[beside(found, other, name)]))
    return panels


def lost(model: str, layer) -> Panel:
    """1 - cosine in every cell: nothing is drawn where features moved along exactly."""
    exact = float((layer.cosines > 1 - EXACT).mean())
    return Panel(
        f"{display_name(model)}, {layer.name}",
        bare(1 - layer.cosines, EXACT).astype(np.float32),
        counted(layer.cosines.shape[0]),
        counted(layer.cosines.shape[1]),
        axes=("row", "column"),
        scale="weight",
        group="1 − cosine: did not move along",
        note=f"steps of {layer.step} px, {100 * exact:.0f} % exact",
    )


def line(found: Followed, other: Followed | None) -> str:
    """Provenance, and how much of the last layer moved along."""
    badges = " ".join(widgets.badge(one.model) for one in (found, other) if one)
    return f'<div class="gaze-badges">{badges}</div>'


def table(found: Followed, other: Followed | None, whole: Followed) -> str:
    """What both models say before and after, as html."""
    rows = [(display_name(whole.model), *(summary(one, 2) for one in whole.said))]
    if not found.positions:
        rows.append(("positions at zero", *(summary(one, 2) for one in found.said)))
    if other is not None:
        rows.append((other.model, *(summary(one, 2) for one in other.said)))
    body = "".join(
        f"<tr><td>{escape(name)}</td><td>{before or 'names no classes'}</td><td>{after}</td></tr>"
        for name, before, after in rows
    )
    head = "<tr><th>Says of the picture</th><th>as it was</th><th>moved</th></tr>"
    return f'<table class="gaze-numbers">{head}{body}</table>'


def notes(found: Followed, other: Followed | None, kind: str) -> tuple[str, str, str]:
    """What you see, try this, careful: with this picture's numbers."""
    last = found.layers[-1]
    mean, exact = float(last.cosines.mean()), bool((last.cosines > 1 - EXACT).all())
    if exact:
        see = (
            "Without positions the patches are a set: every token moved along with its patch, to the last digit, and "
            "the prediction stayed. Only positions tell a transformer what lies beside what."
        )
    elif kind == "1 pixel":
        see = (
            f"One pixel changes what every patch holds: matching tokens of the last layer have a cosine of {mean:.3f}."
        )
        if other is not None:
            share = float((other.layers[1].cosines > 1 - EXACT).mean())
            see += (
                f" The CNN’s first stage has the same weights everywhere: {widgets.percent(share)} of its cells moved "
                "along exactly; the others touch the border."
            )
    elif kind == "1 patch":
        see = (
            "The patches are the same, one place on: “patches” is exactly 1. Their positions are not, and from there "
            f"on they differ: {mean:.3f} in the last layer."
        )
    else:
        see = (
            f"Cut up and shuffled, the tokens still have a cosine of {mean:.3f} with what they were in the last layer."
        )
        if found.said[0]:
            see += f" It said {summary(found.said[0], 1)}, now {summary(found.said[1], 1)}."
    return see, ATTEMPT[kind], careful()


def careful() -> str:
    """How to read the curves, and how good the convolutional network is."""
    text = (
        "Compare with the grey lines: any two cells of a layer agree in much. "
        "What leaves on the right comes in on the left."
    )
    card = SHELF.get(CNN)
    if card is not None and "group" in card.scores:
        minutes, right = card.about.get("minutes", 0), card.scores["group"]
        text += f" The CNN learned for {minutes:.0f} minutes: it names {widgets.percent(right)} of groups."
    return text


ATTEMPT = {
    "1 pixel": "Go back through the layers with the slider: where does the CNN stop following, and why at its steps of "
    "2, 4 and 8 px?",
    "1 patch": "Switch positions off: now the transformer moves along exactly, and only the CNN feels its border.",
    "Shuffle": "Would you still know what is in it? Switch positions off and shuffle again.",
}
