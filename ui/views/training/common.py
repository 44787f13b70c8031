"""Settings, runs and recordings of the page Train one here."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import Any, get_args

import streamlit as st

from core.learning.recordings import RECORDINGS, load_transformer
from core.learning.runs import TransformerRun, transformer_run
from core.requests.learning import TaskName, TransformerTraining
from core.store.kept_models import keep
from core.types import Refused
from ui import runs, widgets
from ui.session import Session

PAGE = Session("training")
TRAINER = "core.learning.transformer:train"
SECONDS = 240.0
RECORDED = ("copy", "sort", "addition", "poem")
TASKS: tuple[str, ...] = get_args(TaskName)
OWN = ("your text", "your task")
STEPS = {"reverse": 3_000, "your text": 2_000, "poem": 1_000}  # else 1,500
TITLES = {
    "task": "task", "kind": "kind", "layers": "layers", "heads": "heads", "width": "width", "positions": "positions",
    "rate": "learning rate", "steps": "steps", "longest": "longest question", "seed": "seed",
}  # fmt: skip
OWN_TASK = "\n".join(f"{a}{b}={b}{a}{a}" for a in "abcdefg" for b in "abcdefg")


@lru_cache(maxsize=4)
def recording(task: str) -> TransformerRun:
    """A run that comes with Gaze."""
    return load_transformer(RECORDINGS / f"transformer-{task}.npz", f"recorded: {task}")


def settings_row() -> None:
    """The settings of the next run, and its button."""
    row = st.container(key="choose").columns(
        [1.7, 2.2, 1.1, 1.1, 1.9, 1.5, 1.1, 1.4], vertical_alignment="bottom", gap="small"
    )
    task = widgets.choice(PAGE, row[0], "Task", "task", TASKS, titled=True)
    widgets.segments(PAGE, row[1], "Kind", "kind", ("causal", "masked"), titled=True)
    widgets.choice(PAGE, row[2], "Layers", "layers", (1, 2, 3, 4), 2, titled=True)
    widgets.choice(PAGE, row[3], "Heads", "heads", (1, 2, 4, 8), 4, titled=True)
    widgets.toggle(PAGE, row[4], "Positions", "positions", begin=True, help="Whether tokens are told their places.")
    begin = STEPS.get(task, 1_500)
    widgets.number_box(PAGE, row[5], "Steps", f"steps {task}", 10, 20_000, begin, titled=True, step=100, linked=False)
    with row[6].popover("More", width="stretch"):
        more(task)
    row[7].button(
        "Train", key=PAGE.key("train"), type="primary", icon=":material/play_arrow:", on_click=start, width="stretch"
    )


def more(task: str) -> None:
    """What is seldom chosen, and the text or task of somebody's own."""
    if task == "your text":
        widgets.text_area(
            PAGE, st, "Your text, up to 200,000 characters", "text", "", titled=True, height=140, linked=False
        )
    if task == "your task":
        widgets.text_area(
            PAGE,
            st,
            "Your task, a line each: question = answer",
            "lines",
            OWN_TASK,
            titled=True,
            height=140,
            linked=False,
        )
    widgets.choice(PAGE, st, "Width", "width", (16, 32, 64, 128), 64, titled=True)
    widgets.number_box(PAGE, st, "Learning rate", "rate", 0.0001, 0.1, 0.002, titled=True, step=0.0005, format="%.4f")
    widgets.number_box(PAGE, st, "Longest question of letters", "longest", 2, 20, 8, titled=True)
    widgets.number_box(PAGE, st, "Seed", "seed", 0, 9_999, 0, titled=True)
    if st.button("Show the recordings again", key=PAGE.key("again"), width="stretch"):
        runs.forget(PAGE)
        PAGE.memory.pop("before", None)


def wanted() -> TransformerTraining:
    """The settings as they are chosen; Refused says what does not go."""
    task = str(PAGE.get("task", "copy"))
    chosen: dict[str, Any] = {name: PAGE[name] for name in TITLES if name in PAGE}
    chosen["steps"] = int(PAGE.get(f"steps {task}", STEPS.get(task, 1_500)))
    text = {"your text": PAGE.get("text", ""), "your task": PAGE.get("lines", OWN_TASK)}.get(task, "")
    if task in OWN and not str(text).strip():
        raise Refused("There is nothing of yours yet. Open More, and paste it.")
    return TransformerTraining(**chosen, text=str(text))


def start() -> None:
    """Begin a run with these settings; the one that is shown becomes the one before."""
    own = own_run()
    runs.start(PAGE, TRAINER, wanted, lambda: own if own is not None and own.result is not None else None, SECONDS)


def own_run() -> TransformerRun | None:
    training = runs.current(PAGE)
    return transformer_run(training.settings, training.steps) if training is not None else None


def latest() -> TransformerRun:
    """The visitor's own run as far as it is, else a recording: of the task that is chosen where there is one."""
    task = str(PAGE.get("task", "copy"))
    return own_run() or recording(task if task in RECORDED else "copy")


def before() -> TransformerRun:
    """What the last run is compared with: the visitor's run before, else the recording of its task."""
    found = PAGE.memory.get("before")
    task = latest().settings.task
    if isinstance(found, TransformerRun):
        return found
    if runs.current(PAGE) is None:
        return recording("sort" if task != "sort" else "copy")
    return recording(task if task in RECORDED else "copy")


def titled(run: TransformerRun) -> str:
    some = run.settings
    where = "" if some.positions else ", no positions"
    return run.name or f"{some.task}, {some.kind}, {some.layers} × {some.heads} heads{where}"


def changed(one: TransformerTraining, other: TransformerTraining) -> list[str]:
    """The settings in which two runs differ, in words."""
    pairs = ((f.name, getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.name in TITLES)
    words = {True: "on", False: "off"}

    def said(value: Any) -> str:
        return words[value] if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)

    return [f"{TITLES[name]} {said(a)} → {said(b)}" for name, a, b in pairs if a != b]


def keep_it() -> None:
    """Put the model of the last run on this visitor's shelf."""
    run = own_run()
    if run is None or run.result is None:
        return
    some, last = run.settings, run.frames[-1]
    right = widgets.percent(last.right)
    note = f"Trained here in {run.result.seconds:.0f} s: {right} right. It knows the characters of its task only."
    sizes = {"parameters": run.result.parameters, "layers": some.layers, "heads": some.heads}
    family = "decoder" if some.kind == "causal" else "encoder"
    try:
        card = keep(some.task.replace(" ", "-"), titled(run), family, run.result.files, note, **sizes)
    except Refused as refusal:
        PAGE.memory["wrong run"] = str(refusal)
        return
    PAGE.keep_model(card.name)
    PAGE.memory["kept"] = (id(run.result), card.name)
