"""Positions: two ways to tell a model where a word stands, side by side, and what a shift of the sentence does."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analyses.position_schemes import SCHEMES, SchemeSettings
from core.analyses.positions import with_tables
from core.store.families import families_that
from core.store.opening import open_model
from core.store.shelf import SHELF, available_offline
from ui import along, jobs, saving, widgets
from ui.views.positions.views import DRAW, FROM_MODELS, PAGE, SENTENCE, PositionsChoice, provenance

VIEWS = tuple(DRAW)
SHIFTS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 250, 256, 384, 512, 1000)
WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512)
BASES = (2, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
LENGTHS = (1, 2, 5, 10, 20, 50, 100, 196)
PAIRS = (*range(16), 20, 24, 31, 48, 64, 127, 255)
PLACES = (*range(10), 20, 50, 100, 500)
TITLES = {one.title: name for name, one in SCHEMES.items()}
#: What a slider begins with.
BEGIN = {"k": 8, "n": 50, "d": 64, "base": 10_000, "pair": 4, "p": 3}
CAREFUL = {
    "Shift": "A score is not yet attention, and what a trained model makes of positions is learned in W_Q and W_K. "
    "The view Model shows a real one.",
    "Numbers": "What is added is not what is read: W_Q and W_K weigh every column anew, and may leave some out.",
    "Distance": "These words are drawn by chance. A trained model can look far though its scheme fades with distance.",
    "Curves": "A curve is one column or one head; a model reads all of them together.",
    "Pair": "This is one pair of many, with a query and a key made up by hand.",
    "Model": "Weights that stay alike after a shift are of this sentence and these positions, not of all.",
}


def usual_model() -> str:
    here = available_offline()
    return next((name for name in with_tables() if name in here), next(iter(SHELF)))


def choose() -> tuple[PositionsChoice, DeltaGenerator]:
    """The widgets above the picture, and the room beside them for a line."""
    top = st.container(key="choose").columns([4, 2.6, 2.6, 1.3], vertical_alignment="bottom", gap="small")
    bar = st.container(key="bar").columns([5, 5], vertical_alignment="center", gap="small")
    line = bar[1].empty()
    rooms = st.container(key="sliders").columns(5, gap="medium")
    text = widgets.text_box(PAGE, top[0], "Sentence", "sentence", SENTENCE, live="400ms")
    view = widgets.segments(PAGE, bar[0], "View", "show", VIEWS, "Shift")
    if view == "Model":
        choice = PositionsChoice(view=view, text=text, model=pick_model(top[1]))
        return sliders(rooms, choice), line
    a = widgets.choice(PAGE, top[1], "Left", "left", list(TITLES), SCHEMES["sinusoidal"].title)
    b = widgets.choice(PAGE, top[2], "Right", "right", list(TITLES), SCHEMES["rope"].title)
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        st.caption("Model for its table, its grid or T5's bias")
        model = pick_model(st)
        setting = more_options()
    asked = PositionsChoice(view=view, a=TITLES[a], b=TITLES[b], text=text, model=model, setting=setting)
    return sliders(rooms, asked), line


def pick_model(room) -> str:
    families = ("encoder", *families_that("continue"), "encoder-decoder", "vision")
    return widgets.model_box(PAGE, room, families, usual_model())


def more_options() -> SchemeSettings:
    """Seldom-used choices: heads of ALiBi and T5, Shaw's greatest distance, projections."""
    left, right = st.columns(2)
    heads = widgets.number_box(PAGE, left, "Heads", "heads", 1, 64, 8, titled=True, help="For ALiBi and T5.")
    head = widgets.number_box(PAGE, right, "Head shown", "head", 1, 64, 1, titled=True)
    clip = widgets.number_box(PAGE, st, "Shaw: greatest distance", "clip", 0, 64, 4, titled=True)
    projected = widgets.toggle(PAGE, st, "W_Q and W_K at random", "projected", begin=True, help="Else both are I.")
    return SchemeSettings(heads=int(heads), head=int(head) - 1, clip=int(clip), projected=projected)


def sliders(rooms, asked: PositionsChoice) -> PositionsChoice:
    """What can be moved in this view."""

    def pick(room: int, label: str, options: tuple[int, ...], key: str) -> int:
        return widgets.stops(PAGE, rooms[room], label, key, options, BEGIN[key])

    def width_and_base(room: int) -> SchemeSettings:
        d = pick(room, "d, width", WIDTHS, "d")
        return replace(asked.setting, d=d, base=float(pick(room + 1, "Base", BASES, "base")))

    if asked.view == "Model":
        return replace(asked, k=pick(0, "k, shift by", SHIFTS, "k"), at=PAGE.memory.get("at"))
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
        with jobs.fetching(PAGE, room, asked.model, back_to_usual) as job:
            open_model(asked.model, job.progress, job.cancelled)


def back_to_usual() -> None:
    """Stop: a model that is here, so that the download does not begin again."""
    PAGE["model"] = usual_model()


@PAGE.drawn()
def main() -> None:
    """Choose, draw, explain; what cannot be drawn gets a sentence, and the last good picture stays."""
    asked, line = choose()
    alert, room = st.empty(), st.empty()

    def draw(choice: PositionsChoice) -> tuple[str, tuple[str, str]]:
        fetched(choice, room)
        with room.container():
            badges = widgets.badge(choice.model) if choice.view == "Model" else provenance(choice)
            return badges, DRAW[choice.view](choice)

    first = PositionsChoice(view=asked.view, model=usual_model())
    shown, (badges, (see, attempt)) = PAGE.ask_or_last_good(lambda: asked, draw, lambda: first, asked.view, alert)
    if shown.view != "Model":
        saving.untell_models()
    line.html(f'<div class="gaze-output">{badges}</div>')
    widgets.notes(see, attempt, CAREFUL[asked.view])
    along.links(PAGE, shown.text)


main()
