"""A training on a page: begin, pause, stop, how far it is; its process hears from the page while somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.learning.worker import SECONDS, WORKSHOP, Training
from core.types import Refused
from ui.session import Session

TICK = 1.0  # seconds between two looks at a run


def current(page: Session, name: str = "run") -> Training | None:
    """The run that a visitor began on this page last, ended or not."""
    found = page.memory.get(f"training {name}")
    return found if isinstance(found, Training) else None


def begin(page: Session, trainer: str, settings: Any, name: str = "run", seconds: float = SECONDS) -> None:
    """Begin another run; one of that name that goes on is ended. Refused is remembered, and said by `strip`."""
    before = current(page, name)
    if before is not None and not before.ended:
        before.kill()
    page.memory.pop(f"wrong {name}", None)
    try:
        page.memory[f"training {name}"] = WORKSHOP.begin(trainer, settings, seconds)
    except Refused as refusal:
        page.memory[f"wrong {name}"] = str(refusal)


def start(
    page: Session, trainer: str, wanted: Callable[[], Any], shown: Callable[[], Any], seconds: float = SECONDS
) -> None:
    """Begin a run with the settings that `wanted` gives, Refused or not; what `shown` gives becomes the one before."""
    page.memory.pop("wrong run", None)
    try:
        settings = wanted()
    except Refused as refusal:
        page.memory["wrong run"] = str(refusal)
        return
    before = shown()
    if before is not None:
        page.memory["before"] = before
    begin(page, trainer, settings, seconds=seconds)


def forget(page: Session, name: str = "run") -> None:
    """End a run and put it away."""
    found = current(page, name)
    if found is not None:
        found.kill()
    page.memory.pop(f"training {name}", None)


def going_on(training: Training | None) -> bool:
    return training is not None and not training.ended


def followed(page: Session, draw: Callable[[], None], name: str = "run") -> None:
    """Draw now, and again while the run goes on: only this part of the page, which is how the run is kept alive."""
    training = current(page, name)

    def look() -> None:
        if training is not None:
            training.renew()
        ended = training is None or training.ended  # before it is drawn: what comes meanwhile is drawn next time
        draw()
        if ended and going:
            st.rerun()

    going = going_on(training)
    st.fragment(look, run_every=TICK if going else None)()


def strip(page: Session, share: float, said: str, name: str = "run") -> None:
    """A bar with Pause and Stop while the run goes on; afterwards a sentence where it did not end by itself."""
    wrong = page.memory.get(f"wrong {name}")
    training = current(page, name)
    if wrong:
        page.refuse(wrong)
    if training is None:
        return
    if training.state in ("refused", "failed"):
        ours = "Something went wrong on our side, and it was logged. Try again, or change a setting."
        page.refuse(training.said if training.state == "refused" else ours)
    if training.state == "stopped":
        count = len(training.steps)
        kept = "Nothing" if not count else "1 step" if count == 1 else f"{count} steps"
        st.caption(f"{training.said or 'Stopped.'} {kept} of it {'are' if count > 1 else 'is'} kept.")
    if training.ended:
        return
    left, pause, stop = st.columns([6.6, 1.2, 1.2], vertical_alignment="center", gap="small")
    begun = training.state in ("running", "paused") and training.steps
    left.progress(min(1.0, share) if begun else 0.0, state_of(training, said))
    if training.state == "paused":
        pause.button("Go on", key=page.key(f"{name} go on"), on_click=training.go_on, width="stretch")
    else:
        off = training.state != "running"
        pause.button("Pause", key=page.key(f"{name} pause"), on_click=training.pause, disabled=off, width="stretch")
    stop.button("Stop", key=page.key(f"{name} stop"), on_click=training.stop, width="stretch")


def state_of(training: Training, said: str) -> str:
    """How far a run is, in words."""
    if training.state == "waiting":
        place = training.place
        return (
            f"Waiting for room: {place - 1} before you in the line." if place > 1 else "Waiting for room: you are next."
        )
    if training.state == "starting":
        return "Starting a process for it"
    if not training.steps:
        return "Reading what it learns from"
    return f"Paused: {said}" if training.state == "paused" else said
