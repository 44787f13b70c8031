"""A scene composed by hand: emoji by name, where each stands, how large and turned, and what is behind them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from core.data.pictures import scene_of, take_in_scene
from core.data.scenes import BACKGROUNDS, Background, Placed, Scene, emoji
from core.errors import Refused

MOST = 6  # emoji in a scene made here
SHAPES = {"square": (256, 256), "wide": (384, 192), "tall": (192, 384)}
FIRST = Scene((Placed("1f431", 0.5, 0.5, 0.6),), Background("gradient", (0.55, 0.8, 0.45), (0.75, 0.9, 0.6)))
#: Where the next emoji stands when it is added.
FREE = ((0.5, 0.5), (0.26, 0.3), (0.74, 0.7), (0.74, 0.28), (0.26, 0.72), (0.5, 0.85))


@lru_cache(maxsize=1)
def names() -> dict[str, str]:
    """Key -> what a search finds: the sign, its name and what else it is called."""
    return {one.key: f"{one.sign} {one.names['en']}" for one in emoji()}


def begin(key: str, name: str) -> None:
    """Lay out the scene of that name, or a first one, for the hands."""
    scene = scene_of(name) or FIRST
    state = st.session_state
    placed = {one.key: one for one in scene.placed[:MOST]}
    state[f"{key}_placed"] = placed
    state[f"{key}_emoji"] = list(placed)
    behind = scene.background
    state[f"{key}_kind"] = behind.kind
    state[f"{key}_first"], state[f"{key}_second"] = hexadecimal(behind.first), hexadecimal(behind.second)
    state[f"{key}_behind"] = behind
    ratio = scene.width / scene.height
    state[f"{key}_sides"] = "square" if ratio == 1 else "wide" if ratio > 1 else "tall"


def hexadecimal(colour: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour)


def fractions(text: str) -> tuple[float, float, float]:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def draw(key: str, use: Callable[[str], None]) -> None:
    """The controls; every change calls use(name of the scene)."""
    state = st.session_state
    if f"{key}_placed" not in state:
        begin(key, state[f"_{key}"])
    if f"{key}_emoji" not in state:  # its widgets were away for a while
        restore(key)

    def changed() -> None:
        keep(key)
        try:
            use(take_in_scene(scene_from_widgets(key)))
        except Refused as refusal:
            state[f"{key}_advice"] = str(refusal)

    st.multiselect(
        "Emoji",
        list(names()),
        format_func=lambda one: names()[one],
        key=f"{key}_emoji",
        max_selections=MOST,
        placeholder="Search by name: cat, sun, guitar …",
        on_change=changed,
        select_all=False,
    )
    chosen = state[f"{key}_emoji"]
    if chosen:
        if state.get(f"{key}_which") not in chosen:
            state[f"{key}_which"] = chosen[-1]
        st.segmented_control(
            "Which", chosen, format_func=lambda one: names()[one], key=f"{key}_which",
            required=True, label_visibility="collapsed",
        )  # fmt: skip
        draw_place(key, state[f"{key}_which"], changed)
    behind = st.columns([2, 1, 1.2, 2], vertical_alignment="bottom", gap="small")
    behind[0].selectbox("Background", BACKGROUNDS, key=f"{key}_kind", on_change=changed)
    behind[1].color_picker("First", key=f"{key}_first", on_change=changed)
    behind[2].color_picker("Second", key=f"{key}_second", on_change=changed, disabled=state[f"{key}_kind"] == "plain")
    behind[3].selectbox("Shape", list(SHAPES), key=f"{key}_sides", on_change=changed)


def draw_place(key: str, one: str, changed: Callable[[], None]) -> None:
    """Where one emoji stands, in percent of the picture, and its size and turn."""
    placed = st.session_state[f"{key}_placed"].get(one) or Placed(one)
    values = {
        "x": ("Across, %", 0, 100, round(100 * placed.x)),
        "y": ("Down, %", 0, 100, round(100 * placed.y)),
        "size": ("Size, %", 5, 150, round(100 * placed.size)),
        "turn": ("Turn, °", -180, 180, round((placed.turn + 180) % 360 - 180)),
    }
    for row in (("x", "y"), ("size", "turn")):
        for column, name in zip(st.columns(2), row, strict=True):
            title, low, high, value = values[name]
            widget = f"{key}_{name}_{one}"
            st.session_state.setdefault(widget, value)
            column.slider(title, low, high, key=widget, on_change=changed)


def keep(key: str) -> None:
    """Remember what the widgets say: those of another emoji are not drawn meanwhile."""
    state = st.session_state
    placed: dict[str, Placed] = state[f"{key}_placed"]
    for i, one in enumerate(state[f"{key}_emoji"]):
        if one not in placed:
            x, y = FREE[i % len(FREE)]
            placed[one] = Placed(one, x, y, 0.6 if i == 0 else 0.4)
        was = placed[one]
        found = {name: state.get(f"{key}_{name}_{one}") for name in ("x", "y", "size", "turn")}
        if found["x"] is not None:
            x, y, size = (found[name] / 100 for name in ("x", "y", "size"))
            placed[one] = Placed(one, x, y, size, float(found["turn"]), was.flipped)
    state[f"{key}_kept"] = {name: state[f"{key}_{name}"] for name in ("emoji", "kind", "first", "second", "sides")}


def restore(key: str) -> None:
    for name, value in st.session_state.get(f"{key}_kept", {}).items():
        st.session_state[f"{key}_{name}"] = value
    if f"{key}_emoji" not in st.session_state:
        begin(key, st.session_state[f"_{key}"])


def scene_from_widgets(key: str) -> Scene:
    state = st.session_state
    was: Background = state[f"{key}_behind"]
    first, second = fractions(state[f"{key}_first"]), fractions(state[f"{key}_second"])
    behind = Background(state[f"{key}_kind"], first, second, was.turn, was.waves, was.seed)
    width, height = SHAPES[state[f"{key}_sides"]]
    placed = tuple(state[f"{key}_placed"][one] for one in state[f"{key}_emoji"])
    return Scene(placed, behind, width, height)
