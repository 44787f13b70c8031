"""Positions: two ways to tell a model where a word stands, side by side, and what a shift of the sentence does."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.position_schemes import SCHEMES, SchemeSettings
from core.analyses.positions import with_tables
from core.errors import Refused
from core.store.opening import open_model
from core.store.shelf import SHELF, available_offline
from ui import state, widgets
from ui.views.positions.views import DRAW, FROM_MODELS, SENTENCE, PositionsChoice, provenance

VIEWS = tuple(DRAW)
SHIFTS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 250, 256, 384, 512, 1000)
WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512)
BASES = (2, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
LENGTHS = (1, 2, 5, 10, 20, 50, 100, 196)
PAIRS = (*range(16), 20, 24, 31, 48, 64, 127, 255)
PLACES = (*range(10), 20, 50, 100, 500)
TITLES = {one.title: name for name, one in SCHEMES.items()}
OPTIONS = {
    "show": VIEWS,
    "left": TITLES,
    "right": TITLES,
    "k": SHIFTS,
    "n": LENGTHS,
    "d": WIDTHS,
    "base": BASES,
    "pair": PAIRS,
    "p": PLACES,
}
BEGIN = {
    "sentence": SENTENCE,
    "show": "Shift",
    "left": SCHEMES["sinusoidal"].title,
    "right": SCHEMES["rope"].title,
    "heads": 8,
    "head": 1,
    "clip": 4,
    "projected": True,
    "k": 8,
    "n": 50,
    "d": 64,
    "base": 10_000,
    "pair": 4,
    "p": 3,
}
CAREFUL = (
    "A score is not yet attention, and what a trained model makes of positions is learned in W_Q and W_K. "
    "The view Model shows a real one."
)


def usual_model() -> str:
    here = available_offline()
    return next((name for name in with_tables() if name in here), next(iter(SHELF)))


def choose() -> tuple[PositionsChoice, DeltaGenerator]:
    """The widgets above the picture, and the room beside them for a line."""
    state.begin(BEGIN, OPTIONS)
    top = st.container(key="choose").columns([4, 2.6, 2.6, 1.3], vertical_alignment="bottom", gap="small")
    bar = st.container(key="bar").columns([5, 5], vertical_alignment="center", gap="small")
    line = bar[1].empty()
    rooms = st.container(key="sliders").columns(5, gap="medium")
    hidden = {"bind": "query-params", "label_visibility": "collapsed"}
    text = top[0].text_input("Sentence", key="sentence", live="400ms", **hidden)
    view = bar[0].segmented_control("View", VIEWS, key="show", required=True, **hidden) or "Shift"
    if view == "Model":
        with top[1]:
            model = pick_model()
        return sliders(rooms, PositionsChoice(view=view, text=text or "", model=model)), line
    a = top[1].selectbox("Left", list(TITLES), key="left", **hidden)
    b = top[2].selectbox("Right", list(TITLES), key="right", **hidden)
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        st.caption("Model for its table, its grid or T5's bias")
        model = pick_model()
        setting = more_options()
    asked = PositionsChoice(view=view, a=TITLES[a], b=TITLES[b], text=text or "", model=model, setting=setting)
    return sliders(rooms, asked), line


def pick_model() -> str:
    families = ("encoder", "decoder", "encoder-decoder", "vision")
    return widgets.model_picker(families, usual_model())


def more_options() -> SchemeSettings:
    """Seldom-used choices: heads of ALiBi and T5, Shaw's greatest distance, projections."""
    bound = {"bind": "query-params"}
    left, right = st.columns(2)
    heads = left.number_input("Heads", 1, 64, key="heads", help="For ALiBi and T5.", **bound)
    head = right.number_input("Head shown", 1, 64, key="head", **bound)
    clip = st.number_input("Shaw: greatest distance", 0, 64, key="clip", **bound)
    projected = st.toggle("W_Q and W_K at random", key="projected", help="Else both are I.", **bound)
    return SchemeSettings(heads=int(heads), head=int(head) - 1, clip=int(clip), projected=projected)


def sliders(rooms, asked: PositionsChoice) -> PositionsChoice:
    """What can be moved in this view."""

    def pick(room: int, label: str, options: tuple[int, ...], key: str) -> int:
        return rooms[room].select_slider(label, options, key=key, bind="query-params")

    def width_and_base(room: int) -> SchemeSettings:
        d = pick(room, "d, width", WIDTHS, "d")
        return replace(asked.setting, d=d, base=float(pick(room + 1, "Base", BASES, "base")))

    if asked.view == "Model":
        return replace(asked, k=pick(0, "k, shift by", SHIFTS, "k"), at=st.session_state.get("_at"))
    if asked.view == "Pair":
        setting = width_and_base(3)
        return replace(
            asked,
            pair=pick(0, "Pair", PAIRS, "pair"),
            place=pick(1, "p", PLACES, "p"),
            k=pick(2, "k, shift by", SHIFTS, "k"),
            setting=setting,
        )
    if asked.view == "Shift":
        return replace(asked, k=pick(0, "k, shift by", SHIFTS, "k"), setting=width_and_base(1))
    return replace(asked, n=pick(0, "n, positions", LENGTHS, "n"), setting=width_and_base(1))


def fetched(asked: PositionsChoice, room: DeltaGenerator) -> None:
    """Get the model that a picture needs where it must be downloaded first, with a bar."""
    needed = asked.view == "Model" or {asked.a, asked.b} & set(FROM_MODELS)
    if needed and asked.model not in available_offline():
        with room, st.spinner("Asking for the model …"):
            open_model(asked.model, progress=widgets.fetch_progress(room, asked.model))


@st.fragment
def lesson() -> None:
    """Choose, draw, explain; what cannot be drawn gets a sentence, and the last good picture stays."""
    asked, line = choose()
    alert, room = st.empty(), st.empty()
    good = PositionsChoice(view=asked.view, model=usual_model())
    for one in (asked, st.session_state.get(f"_good {asked.view}", good), good):
        try:
            fetched(one, room)
            with room.container():
                badges = widgets.badge(one.model) if one.view == "Model" else provenance(one)
                see, attempt = DRAW[one.view](one)
            break
        except Refused as refusal:
            if one == asked:
                with alert:
                    widgets.advice(refusal)
    st.session_state[f"_good {asked.view}"] = one
    line.html(f'<div class="gaze-output">{badges}</div>')
    widgets.notes(see, attempt, CAREFUL)


lesson()
