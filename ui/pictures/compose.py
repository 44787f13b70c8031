"""A scene composed by hand: emoji by name, where each stands, how large and turned, and what is behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.pictures import scene_of, take_in_scene
from core.data.scenes import BACKGROUNDS, Background, Placed, Scene, emoji
from core.types import Refused
from ui import address, widgets

if TYPE_CHECKING:
    from ui.session import Session

MOST = 6  # emoji in a scene made here
SHAPES = {"square": (256, 256), "wide": (384, 192), "tall": (192, 384)}
FIRST = Scene((Placed("1f431", 0.5, 0.5, 0.6),), Background("gradient", (0.55, 0.8, 0.45), (0.75, 0.9, 0.6)))
PARTS = ("x", "y", "size", "turn")  # of where an emoji stands
#: Where the next emoji stands when it is added.
FREE = ((0.5, 0.5), (0.26, 0.3), (0.74, 0.7), (0.74, 0.28), (0.26, 0.72), (0.5, 0.85))


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Key -> what a search finds: the sign, its name and what else it is called."""
    return {one.key: f"{one.sign} {one.names['en']}" for one in emoji()}


def begin(page: Session, key: str, name: str) -> None:
    """Lay out the scene of that name, or a first one, for the hands."""
    scene = scene_of(name) or FIRST
    placed = {one.key: one for one in scene.placed[:MOST]}
    for one in {**page.memory.get(f"{key} placed", {}), **placed}:
        for part in PARTS:
            del page[f"{key}_{part}_{one}"]
    page.memory[f"{key} placed"], page.memory[f"{key} behind"] = placed, scene.background
    ratio = scene.width / scene.height
    behind = {
        "emoji": list(placed),
        "kind": scene.background.kind,
        "first": hexadecimal(scene.background.first),
        "second": hexadecimal(scene.background.second),
        "sides": "square" if ratio == 1 else "wide" if ratio > 1 else "tall",
    }
    page.update(**{f"{key}_{part}": value for part, value in behind.items()})


def hexadecimal(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def fractions(text: str) -> tuple[float, float, float]:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def colour_box(page: Session, room: DeltaGenerator, label: str, name: str, **more: Any) -> str:
    """A colour, as #rrggbb."""
    form, begins = address.text(7), "#000000"
    value = room.color_picker(label, key=page.begin(name, form, begins), **more)
    page.end(name, form, begins, value, linked=False)
    return value


def draw(page: Session, key: str, use: Callable[[str], None]) -> None:
    """The controls; every change calls use(name of the scene)."""
    if f"{key} placed" not in page.memory:
        begin(page, key, page.memory[key])

    def changed() -> None:
        keep(page, key)
        try:
            use(take_in_scene(scene_from_widgets(page, key)))
        except Refused as refusal:
            page.memory[f"{key} advice"] = str(refusal)

    more: dict[str, Any] = {"linked": False, "on_change": changed}
    chosen = widgets.several(
        page,
        st,
        "Emoji",
        f"{key}_emoji",
        list(names()),
        (),
        titled=True,
        format_func=lambda one: names()[one],
        max_selections=MOST,
        placeholder="Search by name: cat, sun, guitar …",
        select_all=False,
        **more,
    )
    if chosen:
        which = widgets.segments(
            page, st, "Which", f"{key}_which", chosen, chosen[-1], linked=False, format_func=lambda one: names()[one]
        )
        draw_place(page, key, which, more)
    behind = st.columns([2, 1, 1.2, 2], vertical_alignment="bottom", gap="small")
    kind = widgets.choice(page, behind[0], "Background", f"{key}_kind", BACKGROUNDS, titled=True, **more)
    colour_box(page, behind[1], "First", f"{key}_first", on_change=changed)
    colour_box(page, behind[2], "Second", f"{key}_second", on_change=changed, disabled=kind == "plain")
    widgets.choice(page, behind[3], "Shape", f"{key}_sides", list(SHAPES), titled=True, **more)


def draw_place(page: Session, key: str, one: str, more: dict[str, Any]) -> None:
    """Where one emoji stands, in percent of the picture, and its size and turn; more: as for all controls."""
    placed = page.memory[f"{key} placed"].get(one) or Placed(one)
    values = {
        "x": ("Across, %", 0, 100, round(100 * placed.x)),
        "y": ("Down, %", 0, 100, round(100 * placed.y)),
        "size": ("Size, %", 5, 150, round(100 * placed.size)),
        "turn": ("Turn, °", -180, 180, round((placed.turn + 180) % 360 - 180)),
    }
    for row in (PARTS[:2], PARTS[2:]):
        for column, name in zip(st.columns(2), row, strict=True):
            title, low, high, value = values[name]
            widgets.slider(page, column, title, f"{key}_{name}_{one}", low, high, value, **more)


def keep(page: Session, key: str) -> None:
    """Note where each chosen emoji stands now; one that is new gets a free place."""
    placed: dict[str, Placed] = page.memory[f"{key} placed"]
    for i, one in enumerate(page[f"{key}_emoji"]):
        if one not in placed:
            x, y = FREE[i % len(FREE)]
            placed[one] = Placed(one, x, y, 0.6 if i == 0 else 0.4)
        was = placed[one]
        found = {name: page.get(f"{key}_{name}_{one}") for name in PARTS}
        if found["x"] is not None:
            x, y, size = (found[name] / 100 for name in ("x", "y", "size"))
            placed[one] = Placed(one, x, y, size, float(found["turn"]), was.flipped)


def scene_from_widgets(page: Session, key: str) -> Scene:
    was: Background = page.memory[f"{key} behind"]
    first, second = fractions(page[f"{key}_first"]), fractions(page[f"{key}_second"])
    behind = Background(page[f"{key}_kind"], first, second, was.turn, was.waves, was.seed)
    width, height = SHAPES[page[f"{key}_sides"]]
    placed = tuple(page.memory[f"{key} placed"][one] for one in page[f"{key}_emoji"])
    return Scene(placed, behind, width, height)
