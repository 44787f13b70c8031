"""Shift and shuffle: a picture moved by a pixel, by a patch, or cut up; what of a model's features moves along."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import numpy as np
import streamlit as st

from core.analyses.shifts import Followed
from core.engine import ask
from core.figures import overlays
from core.figures.vision import Line, carried
from core.requests import ImageRequest, Move, MovedPictureRequest, MoveKind
from core.store.shelf import SHELF
from core.types import Refused
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.pictures.chooser import DEFAULT, MODEL
from ui.views.vision.common import PAGE, bare, counted, display_name, summary, waited

CNN = "small-cnn"
MOVES: dict[str, MoveKind] = {
    "1 pixel": "shift",
    "1 patch": "patch",
    "Shuffle": "shuffle",
}  # what a move is called -> its kind
TITLES = {kind: title for title, kind in MOVES.items()}
EXACT = 1e-6  # sums in another order differ in the seventh digit
LARGEST = 300_000  # px of each picture: all that is drawn at once has to fit a message of 2.5 MB


def draw(chosen: ImageRequest) -> None:
    row = st.container(key="choose").columns([3.4, 1.7, 1.6, 3.3], vertical_alignment="center", gap="small")
    kind = widgets.segments(PAGE, row[0], "Move", "move", list(MOVES))
    positions = widgets.toggle(PAGE, row[1], "Positions", "places", begin=True)
    row[2].button(
        "Again", icon=":material/shuffle:", key=PAGE.key("again"), on_click=again, disabled=kind != "Shuffle",
        width="stretch",
    )  # fmt: skip
    move = Move(MOVES[kind], seed=PAGE.memory.get("shuffle", 1) if kind == "Shuffle" else 1)
    asked, found = PAGE.ask_or_last_good(
        lambda: MovedPictureRequest(chosen.model, chosen.image, move, positions),
        waited(ask),
        lambda: MovedPictureRequest(MODEL, DEFAULT, Move()),
        "shifts",
    )
    other = network(asked.image, asked.move)
    whole = ask(replace(asked, positions=True))
    kind = TITLES[asked.move.kind]
    names = [one.name for one in found.layers]
    first = names[min(2 if found.positions else 1, len(names) - 1)]
    layer = widgets.stops(PAGE, row[3], "Layer", "features", names, first, titled=False)
    st.html(line(found, other))
    panels_view(drawn(found, other, layer), key=PAGE.key("moved"), height=196)
    chart, words = st.columns([5, 5], gap="medium")
    widgets.chart(carried([lined(one) for one in (found, other) if one]), PAGE.key("carried"), chart)
    words.html(table(found, other, whole))
    widgets.notes(*notes(found, other, kind))


def again() -> None:
    PAGE.memory["shuffle"] = PAGE.memory.get("shuffle", 1) + 1


def network(image: str, move: Move) -> Followed | None:
    """The convolutional network's reading, where it is here."""
    try:
        return ask(MovedPictureRequest(CNN, image, move)) if CNN in SHELF else None
    except Refused as refusal:
        PAGE.refuse(refusal)
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
