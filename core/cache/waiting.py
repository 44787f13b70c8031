"""Waiting for work: how far it is, whether somebody still wants it, and who comes first where there is no room."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from core.types import Refused, Stopped

#: Called as progress(done, total); more may follow: bytes a second, or what there is to draw so far.
Progress = Callable[..., None]
Cancelled = Callable[[], bool]

POLL = 0.1  # seconds between looks at whether somebody has had enough of waiting
ONCE_MORE = 1.0  # seconds between looks at whether those who wait for room have left

#: Whether whoever waits in this thread is gone, where somebody can tell: asked by all that is not told of cancelled().
LEFT: ContextVar[Cancelled | None] = ContextVar("left", default=None)


def never() -> bool:
    """Nobody cancels."""
    return False


def silent(*_: Any) -> None:
    """Nobody is told how far the work is."""


def raise_if_cancelled(cancelled: Cancelled) -> None:
    """Stopped where somebody cancelled: what is half done must not be kept."""
    if cancelled():
        raise Stopped("Stopped. What was half done is not kept.")


class Waiting(float):
    """Progress of what has not begun: nothing is done yet, and so many wait before it."""

    def __new__(cls, before: int) -> Waiting:
        return super().__new__(cls, 0.0)

    def __init__(self, before: int) -> None:
        self.before = before


class Admission:
    """Room for so many bytes of work at once, in the order in which it came; beyond so many that wait, none is taken.

    Work that is larger than the room runs alone. Work that waits for other work gives up its room meanwhile.
    """

    def __init__(self, most_bytes: float, most_waiting: Callable[[], int] = lambda: 1_000) -> None:
        self.most_bytes, self.most_waiting = most_bytes, most_waiting
        self._change = threading.Condition()
        self._line: list[object] = []  # those who wait, the first in front
        self._taken: list[float] = []
        self._own = threading.local()

    @property
    def waiting_now(self) -> int:
        """How many pieces of work wait."""
        return len(self._line)

    @property
    def running_now(self) -> int:
        """How many pieces of work have room."""
        return len(self._taken)

    def check(self) -> None:
        """Refused where too many wait already."""
        if len(self._line) >= self.most_waiting():
            raise Refused(
                f"{len(self._line)} questions wait to be answered here, and more would wait for too long. Ask again in "
                "a minute."
            )

    @contextmanager
    def room(self, size: float, told: Callable[[int], None] = silent, left: Cancelled = never) -> Iterator[None]:
        """Holds room for so many bytes while the block runs; told(how many come before) while it waits.

        Stopped: left() said so while it waited.
        """
        self._enter(size, told, left)
        self._own.held = size
        try:
            yield
        finally:
            self._own.held = None
            self._exit(size)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Gives this thread's room to others while the block waits; else those who wait could hold all of it."""
        held = getattr(self._own, "held", None)
        if held is None:
            yield
            return
        self._own.held = None
        self._exit(held)
        try:
            yield
        finally:
            self._enter(held, silent, never, first=True)
            self._own.held = held

    def _enter(self, size: float, told: Callable[[int], None], left: Cancelled, *, first: bool = False) -> None:
        me = object()
        with self._change:
            self._line.insert(0 if first else len(self._line), me)
            try:
                while self._line[0] is not me or not self._fits(size):
                    told(self._line.index(me) + len(self._taken))
                    self._change.wait(ONCE_MORE)
                    raise_if_cancelled(left)
                self._taken.append(size)
            finally:
                self._line.remove(me)
                self._change.notify_all()

    def _fits(self, size: float) -> bool:
        return not self._taken or sum(self._taken) + size <= self.most_bytes

    def _exit(self, size: float) -> None:
        with self._change:
            self._taken.remove(size)
            self._change.notify_all()
