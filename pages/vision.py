"""Vision transformer: where each head looks on a picture, whether it matters, and what the patches are made of."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from core.store.shelf import SHELF
from ui import state
from ui.pictures.chooser import MODEL, choose, shaped

FAMILIES = ("vision", "clip")


@dataclass(frozen=True, slots=True)
class Screen:
    """One lesson: its title, the module in ui/seeing that draws it, and which models it asks."""

    title: str
    module: str
    families: tuple[str, ...] = FAMILIES
    shapes: bool = False  # whether the page asks how a picture that is no square is read


SCREENS = (
    Screen("Look", "look"),
    Screen("Faithful?", "faithful", ("vision",)),
    Screen("On the object", "on_object"),
    Screen("Patches", "patches", shapes=True),
    Screen("Positions", "positions", shapes=True),
    Screen("Shift and shuffle", "shifts"),
    Screen("Swin", "swin"),
    Screen("DETR", "detr", ("detector",)),
)


def change_model(families: tuple[str, ...]) -> None:
    """A model of the shelf that this screen cannot ask gives way to one that it can."""
    card = SHELF.get(st.session_state.get("model", ""))
    if card is not None and card.family not in families:
        fitting = [name for name, one in SHELF.items() if one.family in families]
        st.session_state.model = MODEL if MODEL in fitting else fitting[0]


def main() -> None:
    here = {one.title: one for one in SCREENS if find_spec(f"ui.views.vision.{one.module}")}
    row = st.container(key="seeing").columns([8.1, 2.9], vertical_alignment="center", gap="small")
    title = row[0].segmented_control(
        "Screen", list(here), default="Look", required=True, key="screen", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    screen, below = here[title], st.container()
    change_model(screen.families)
    with row[1]:
        chosen = choose(screen.families, MODEL, below)
    if screen.shapes:
        chosen = shaped(chosen)
    # A screen loads torch when it is drawn, not with the page.
    import_module(f"ui.views.vision.{screen.module}").draw(chosen)
    state.FIRST_DRAWN.set()


main()
