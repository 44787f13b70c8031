"""Vision transformer: where each head looks on a picture, whether it matters, and what the patches are made of."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

import streamlit as st

from core.store.families import families_that
from core.store.shelf import SHELF
from ui import widgets
from ui.pictures.chooser import MODEL, choose, shaped
from ui.views.vision.common import PAGE


@dataclass(frozen=True, slots=True)
class Screen:
    """One lesson: its title, the module in ui/views/vision that draws it, and what the models that it asks can do."""

    title: str
    module: str
    needs: tuple[str, ...] = ("see patches",)
    shapes: bool = False  # whether the page asks how a picture that is no square is read

    @property
    def families(self) -> tuple[str, ...]:
        return families_that(*self.needs)


SCREENS = {
    one.title: one
    for one in (
        Screen("Look", "look"),
        Screen("Faithful?", "faithful", ("see patches", "classify pictures")),
        Screen("Words", "words", ("see while reading",)),
        Screen("On the object", "on_object"),
        Screen("Alike", "alike", shapes=True),
        Screen("Patches", "patches", shapes=True),
        Screen("Positions", "positions", shapes=True),
        Screen("Shift and shuffle", "shifts"),
        Screen("Swin", "swin"),
        Screen("DETR", "detr", ("draw boxes",)),
    )
}


def change_model(families: tuple[str, ...]) -> None:
    """A model of the shelf that this screen cannot ask gives way to one that it can."""
    card = SHELF.get(PAGE.get("model", ""))
    if card is not None and card.family not in families:
        fitting = [name for name, one in SHELF.items() if one.family in families]
        PAGE["model"] = MODEL if MODEL in fitting else fitting[0]


@PAGE.drawn()
def main() -> None:
    """Choose a model and a picture, and draw the screen that is chosen."""
    if "fetched model" in PAGE.memory:
        PAGE["model"] = PAGE.memory.pop("fetched model")
    row = st.container(key="vision").columns([8.1, 2.9], vertical_alignment="center", gap="small")
    screen = SCREENS[widgets.segments(PAGE, row[0], "Screen", "screen", list(SCREENS))]
    below = st.container()
    change_model(screen.families)
    with row[1]:
        chosen = choose(PAGE, screen.families, MODEL, below)
    if screen.shapes:
        chosen = shaped(PAGE, chosen)
    # A screen loads torch when it is drawn, not with the page.
    import_module(f"ui.views.vision.{screen.module}").draw(chosen)


main()
