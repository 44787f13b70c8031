"""What takes over a second: one bar that says how far it is, with a Stop that the page remembers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import streamlit as st

from core.cache import Waiting
from core.types import Stopped
from ui.session import Session

TICK = 0.3  # seconds between two looks at the bar
SHARE = "%"  # the unit of what is no number of things: its share is said
BUTTONS = count()  # two jobs of one name may be drawn in one run, and Streamlit allows a key once


class Job:
    """How far a job is, and whether it shall end: hand `progress` and `cancelled` to what does the work.

    Drawing lets Streamlit interrupt a script, which is how Stop works; nothing is drawn before a job took a moment.
    """

    def __init__(
        self, page: Session, room: Any, what: str, name: str, mark: object, stop: Callable | None, unit: str
    ) -> None:
        self.what = what  # may change while it runs
        self._unit = unit
        self._page, self._room, self._name, self._mark, self._stop = page, room, name, mark, stop
        self._bar: Any = None
        self._share, self._text = 0.0, what
        self._last = time.monotonic()

    def progress(self, done: float, total: float, *rest: Any) -> None:
        """done of total; rest: bytes a second where the job is a download."""
        self._share = min(1.0, done / max(total, 1))
        if isinstance(done, Waiting):
            self._text = f"Waiting in line: {done.before:,} before yours"
            self._show()
            return
        far = f"{100 * self._share:.0f} %" if self._unit == SHARE else f"{written(done, total, *rest)}{self._unit}"
        self._text = f"{self.what}: {far}"
        self._show(at_once=done >= total and self._bar is not None)

    def _show(self, *, at_once: bool = False) -> None:
        """Draw the bar, now and then: drawing is what lets Streamlit interrupt a script."""
        now = time.monotonic()
        if now - self._last < TICK and not at_once:
            return
        self._last = now
        if self._bar is None:
            left, right = self._room.container().columns([3, 1.2], vertical_alignment="center")
            right.button(
                "Stop", key=self._page.key(f"stop {self._name} {next(BUTTONS)}"), on_click=self.stop, width="stretch"
            )
            self._bar = left.empty()
        self._bar.progress(self._share, self._text)

    def end(self) -> None:
        """Take the bar away; a button that another job of the page has put there stays."""
        if self._bar is not None:
            self._room.empty()

    def stop(self) -> None:
        """End it: by another choice where the page has one, else remembered, so that it does not begin again."""
        if self._stop is not None:
            self._stop()
        else:
            stop(self._page, self._name, self._mark)

    def cancelled(self) -> bool:
        """Whether it was stopped; asked often, also by what cannot say how far it is."""
        self._show()
        return is_stopped(self._page, self._name, self._mark)


def written(done: float, total: float, rate: float | None = None) -> str:
    """How far it is, in words: a number of things, or megabytes with their rate."""
    if rate is None:
        return f"{done:,} of {total:,}"
    return f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB, {rate / 1e6:.1f} MB/s"


def stop(page: Session, name: str, mark: object) -> None:
    page.memory[f"stopped {name}"] = mark


def go_on(page: Session, name: str) -> None:
    page.memory.pop(f"stopped {name}", None)


def is_stopped(page: Session, name: str, mark: object) -> bool:
    """Whether the visitor stopped this job while it did what `mark` names."""
    return f"stopped {name}" in page.memory and page.memory[f"stopped {name}"] == mark


@contextmanager
def job(
    page: Session,
    room: Any,
    what: str,
    name: str,
    *,
    mark: object = True,
    stop: Callable[[], None] | None = None,
    unit: str = "",
    again: str = "Go on",
    advice: str = "Stopped. What was made is kept; press Go on to make the rest.",
) -> Iterator[Job]:
    """A job with its bar in an empty place; Stopped, with a button to go on, where it was stopped before.

    name: of the job on its page; mark: what it does, so that another question begins anew; stop: a choice that ends it;
    unit: what is counted, with a space before it, or SHARE.
    """
    if is_stopped(page, name, mark):
        room.button(again, key=page.key(f"go on {name}"), on_click=go_on, args=(page, name))
        raise Stopped(advice)
    made = Job(page, room, what, name, mark, stop, unit)
    try:
        yield made
    finally:
        made.end()


@contextmanager
def fetching(page: Session, room: Any, model: str, stop: Callable[[], None] | None = None) -> Iterator[Job]:
    """The job of having a model here, with bytes and rate where it must be downloaded."""
    advice = f"Opening {model} was stopped. Go on, or choose another model."
    with job(page, room, f"Opening {model}", "fetch", mark=model, stop=stop, advice=advice) as found:
        yield found


@contextmanager
def asking(page: Session, room: Any, model: str, first: str, said: str = "Asking the model …") -> Iterator[Job]:
    """The same with a word while the model is asked; Stop goes back to the first model, which is always here."""

    def back() -> None:
        page["model"] = first

    with fetching(page, room, model, back) as job, room, st.spinner(said, show_time=True):
        yield job
