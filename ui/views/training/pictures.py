"""A run, or two beside each other: curves, maps and answer, the step at which the pattern appears, and keeping it."""

from __future__ import annotations

import streamlit as st

from core.data.numbers import Numbers, records
from core.learning.runs import TransformerRun, appears
from ui import runs, saving, widgets
from ui.components.run.message import TEXTS, pack_runs
from ui.components.run.view import run_view
from ui.session import Session
from ui.views.training.common import PAGE, before, changed, keep_it, latest, own_run, settings_row, titled

HEIGHT = 400
PATTERNS = {
    "copy": "copying: from the letter to be written",
    "reverse": "from the letter to be written",
    "sort": "from the letter to be written",
    "addition": "from the digits of that place",
}
INDUCTION = "induction: from behind the same character"
CAREFUL = (
    "A head that looks at the right place need not be what writes the answer: keep the model, switch the head off on "
    "Attention, and see whether the answer breaks."
)


def one() -> None:
    settings_row()
    runs.followed(PAGE, lambda: draw([latest()]))
    widgets.notes(*told(latest()))


def two() -> None:
    settings_row()
    runs.followed(PAGE, lambda: draw([before(), latest()]))
    widgets.notes(*compared(before(), latest()))


def draw(some: list[TransformerRun]) -> None:
    run = some[-1]
    last = run.frames[-1]
    percent = widgets.percent(last.right)
    runs.strip(PAGE, last.step / last.steps, f"Step {last.step:,} of {last.steps:,}, {percent} right")
    names = (
        [titled(run)]
        if len(some) == 1
        else [f"{letter}: {titled(one)}" for letter, one in zip("AB", some, strict=True)]
    )
    saving.offer("Course of the run", lambda _: course(names, some))
    pattern = PATTERNS.get(run.settings.task, INDUCTION)
    run_view(pack_runs(list(zip(names, some, strict=True)), HEIGHT, pattern), key=PAGE.key(f"run {len(some)}"))
    if own_run() is not None and run.result is not None and run.result.files:
        keeping(run)


def course(names: list[str], some: list[TransformerRun]) -> Numbers:
    """A row for each moment of each run: its step, loss and the share that was right."""
    return records(
        {"run": name, "step": frame.step, "seconds": frame.seconds, "loss": frame.loss, "right": frame.right}
        for name, run in zip(names, some, strict=True)
        for frame in run.frames
    )


def keeping(run: TransformerRun) -> None:
    """A button that puts the model on the visitor's shelf, then ways to the pages that open it."""
    assert run.result is not None
    kept = PAGE.memory.get("kept")
    if not kept or kept[0] != id(run.result):
        st.button("Keep it: all pages open it", icon=":material/inventory_2:", key=PAGE.key("keep"), on_click=keep_it)
        return
    row = st.columns([4.4, 2, 2, 2], vertical_alignment="center", gap="small")
    row[0].html(f'<div class="gaze-badges">{widgets.badge(kept[1])}</div>')
    frame = run.frames[-1]
    masked = run.settings.kind == "masked"
    whole = "".join(frame.tokens)
    ways = {"Attention": "attention"} | ({"Fill the blank": "blank"} if masked else {"Next token": "next_token"})
    for room, (name, page) in zip(row[1:], ways.items(), strict=False):
        if room.button(name, icon=":material/arrow_forward:", key=PAGE.key(f"open {name}"), width="stretch"):
            Session(page).go(f"../pages/{page}.py", model=kept[1], text=whole)


def told(run: TransformerRun) -> tuple[str, str, str]:
    """What you see, try this, careful: with the numbers of this run."""
    first, last = run.frames[0], run.frames[-1]
    right = f"{widgets.percent(last.right)} of the {'characters' if run.settings.task in TEXTS else 'answers'}"
    see = f"In {last.step:,} steps the loss fell from {first.loss:.2f} to {last.loss:.2f}; {right} are right."
    step = appears(run)
    if step is not None:
        where = PATTERNS.get(run.settings.task, INDUCTION).split(": ")[-1]
        see += f" At step {step:,} a head first takes half its weight {where}."
    if run.result is not None:
        see += f" {run.result.remark}"
    attempt = {
        "sort": "Which letters does a row look at? Then train with positions off: sorting needs none, copying does.",
        "addition": "Press ▶: which digit of the sum is learned first, and which needs the carry?",
        "poem": "Press ▶ and read what it writes at each step: letters first, then words, then the whole line.",
    }.get(
        run.settings.task,
        "Press ▶: does the score rise before the pattern appears, or after? Then train with positions off.",
    )
    return see, attempt, CAREFUL


def compared(one: TransformerRun, other: TransformerRun) -> tuple[str, str, str]:
    differ = changed(one.settings, other.settings)
    ends = [f"{widgets.percent(run.frames[-1].right)} right at step {run.frames[-1].step:,}" for run in (one, other)]
    see = f"From A to B: {', '.join(differ[:4]) or 'nothing but chance'}. A ends with {ends[0]}, B with {ends[1]}."
    return (
        see,
        "Change one setting and press Train: the last run becomes A. With one layer, can induction appear? "
        "With positions off, which task breaks?",
        "One run each: another seed may learn a few hundred steps sooner or later. Compare where curves bend, "
        "not single points.",
    )
