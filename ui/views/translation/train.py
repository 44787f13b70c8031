"""Train here: a small translator learns before the class; its loss, and the map of one sentence after every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import streamlit as st

from core.data.pair_files import parse
from core.data.small_pairs import SHOWN, small_pairs
from core.figures.learning import curves
from core.learning.recurrent_steps import RECORDED, RecurrentStep, read_steps
from core.requests.learning import MOST_PAIRS, RecurrentTraining
from core.types import Refused
from ui import runs, widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.views.translation.common import HEIGHT, PAGE, SCORES, Sentence

TRAINER = "core.learning.recurrent:train"
SECONDS = 60.0
BUILT_IN, OWN = f"{len(small_pairs())} small sentences", "your pairs"
Steps = tuple[RecurrentStep, ...]


def choose() -> None:
    """The settings of the next run and its button; a click begins it."""
    row = st.container(key="sliders").columns([2.2, 2.2, 1.3, 1.4, 1.5], vertical_alignment="bottom", gap="small")
    source = widgets.choice(PAGE, row[0], "Learns from", "pairs", (BUILT_IN, OWN), titled=True)
    widgets.choice(PAGE, row[1], "Score", "score", SCORES, "dot", titled=True)
    widgets.number_box(PAGE, row[2], "Epochs", "epochs", 1, 100, 20, titled=True, help="How often all pairs are read.")
    with row[3].popover("Pairs", width="stretch"):
        if source == OWN:
            widgets.text_area(
                PAGE, st, "English ||| French, a pair a line; the last one is shown", "own", "", titled=True, height=160
            )
        else:
            st.caption(f"Made by a small grammar, such as “{small_pairs()[0][0]}” “{small_pairs()[0][1]}”")
    row[4].button("Train", key=PAGE.key("train"), type="primary", on_click=start, width="stretch")


def wanted() -> RecurrentTraining:
    """The settings as they are chosen. Refused: pairs that cannot be read, or too few or many of them."""
    some = {"score": PAGE.get("score", "dot"), "epochs": int(PAGE.get("epochs", 20))}
    if PAGE.get("pairs", BUILT_IN) == BUILT_IN:
        return RecurrentTraining(small_pairs(), sentence=SHOWN, **some)
    typed = str(PAGE.get("own", ""))
    if not typed.strip():
        raise Refused("There are no pairs of yours yet. Open Pairs, and write some: English ||| French.")
    pairs = tuple((one.source_text, one.target_text) for one in parse(typed.encode()))
    if len(pairs) < 3:
        raise Refused(f"{len(pairs)} pairs: write at least 3. The last one is not learned from, but shown.")
    if len(pairs) > MOST_PAIRS + 1:
        raise Refused(f"{len(pairs):,} pairs: training here takes up to {MOST_PAIRS:,}. Leave some out.")
    return RecurrentTraining(pairs[:-1], sentence=pairs[-1], **some)


def start() -> None:
    """Begin a run with these settings; the one that is shown becomes the one before."""
    runs.start(PAGE, TRAINER, wanted, shown_before, SECONDS)


def shown_before() -> tuple[str, tuple[Any, ...]] | None:
    """The score and the steps of the run that is on the page."""
    shown = runs.current(PAGE)
    return (shown.settings.score, shown.steps) if shown is not None and len(shown.steps) > 1 else None


def train(_: Sentence, __: None) -> tuple[str, str]:
    """The run as far as it is, beside the one before."""
    runs.followed(PAGE, pictures)
    training = runs.current(PAGE)
    steps = training.steps if training is not None else recorded_steps()
    return told(steps), (
        "Train with another score: both maps stay, side by side. Which one finds the noun first, and which the colour "
        "that changes its place?"
    )


def pictures() -> None:
    """Loss and map; drawn again while the run goes on."""
    training = runs.current(PAGE)
    steps: Steps = training.steps if training is not None else ()
    if training is not None:
        last = steps[-1] if steps else None
        said = f"epoch {last.epoch} of {last.epochs}, {last.tokens_per_second:,.0f} tokens a second" if last else ""
        runs.strip(PAGE, last.epoch / last.epochs if last else 0.0, said)
    else:
        runs.strip(PAGE, 0.0, "")
    shown: dict[str, Steps] = {}
    if before := PAGE.memory.get("before"):
        shown[f"before: {before[0]}"] = before[1]
    if training is not None and steps:
        shown[training.settings.score] = steps
    if not shown:
        shown["a recorded run, dot"] = recorded_steps()
    left, right = st.columns([1, 1.9], gap="large")
    with left:
        lines = {name: ([s.epoch for s in some], [s.loss for s in some]) for name, some in shown.items()}
        widgets.chart(curves(lines, "epochs", "loss, nats a token", HEIGHT - 150), key="translation_loss")
        st.html(facts(shown))
    with right:
        epoch = most = max(len(some) for some in shown.values()) - 1
        if most and not runs.going_on(training):
            epoch = st.slider("After epoch", 0, most, most, key=PAGE.key(f"epoch of {most}"))
        maps = [panel(name, some[min(epoch, len(some) - 1)]) for name, some in shown.items()]
        panels_view(maps, key=PAGE.key("trained"), height=HEIGHT - 140)


@lru_cache(maxsize=1)
def recorded_steps() -> Steps:
    """A run that comes with Gaze: what the built-in button does with the usual settings."""
    return read_steps(RECORDED.read_bytes())


def panel(name: str, step: RecurrentStep) -> Panel:
    return Panel(
        f"{name}: after {step.epoch} epochs",
        step.weights,
        step.target,
        step.source,
        axes=("written", "read"),
        scale="weight",
        group="share of the row",
        note=f"translates: {step.written or '(nothing)'}"[:90],
        square=False,
    )


def facts(shown: dict[str, Steps]) -> str:
    """The runs in numbers, as html."""
    heads = "".join(f"<th>{name}</th>" for name in shown)
    last = [some[-1] for some in shown.values()]
    rows = (
        ("loss", [f"{one.loss:.2f}" for one in last]),
        ("seconds", [f"{one.seconds:.1f}" for one in last]),
        ("parameters", [f"{one.parameters:,}" for one in last]),
        ("pairs", [f"{one.pairs:,}" for one in last]),
    )
    body = "".join(f"<tr><td>{what}</td>{''.join(f'<td>{one}</td>' for one in some)}</tr>" for what, some in rows)
    return f'<table class="gaze-numbers"><tr><th></th>{heads}</tr>{body}</table>'


def told(steps: Sequence[RecurrentStep]) -> str:
    """What there is to see in a run, with its numbers."""
    if len(steps) < 2:  # nothing but chance yet
        return "A small GRU encoder and decoder with attention begin at chance; the sentence shown is not learned from."
    first, last = steps[0], steps[-1]
    left_out = f" {last.left_out} pairs were too long." if last.left_out else ""
    return (
        f"In {last.seconds:.0f} s and {last.epoch} epochs the loss fell from {first.loss:.2f} to {last.loss:.2f} nats "
        f"a token. The sentence shown was not learned from.{left_out}"
    )
