"""Keeps full garbage collections short while many visit: Streamlit makes one after every run, and holds all threads.

What survives a collection that took long is taken out of the collector's way at once, which costs nothing; once a
minute all of it is looked through again, so that what visitors left behind is freed.
"""

from __future__ import annotations

import gc
import threading
import time

from core.engine import freeze_garbage

LONG = 0.03  # seconds of a full collection: a room of thirty would wait a second for them
MINUTE = 60.0  # between two looks at what was taken out


class Tidying:
    """Hears of every collection, and acts in a thread of its own."""

    def __init__(self) -> None:
        self.late = threading.Event()
        self._began = 0.0
        self._frozen, self._looked = False, time.monotonic()

    def hear(self, phase: str, about: dict[str, int]) -> None:
        """A collection begins or ends, as gc.callbacks are told; called in the midst of it, so it only notes."""
        if phase == "start":
            self._began = time.perf_counter()
        elif about["generation"] == 2 and time.perf_counter() - self._began > LONG:
            self.late.set()

    def turn(self, now: float) -> None:
        """Act on what was heard: freeze what survived a long collection, and now and then look through all of it."""
        if self.late.is_set():
            self.late.clear()
            gc.freeze()
            self._frozen = True
        if self._frozen and now - self._looked > MINUTE:
            freeze_garbage()
            self.late.clear()  # its own collection was a long one
            self._frozen, self._looked = False, now

    def run(self) -> None:
        """For ever."""
        gc.callbacks.append(self.hear)
        while True:
            self.late.wait(MINUTE)
            self.turn(time.monotonic())


def begin() -> None:
    """Begin, once a server."""
    threading.Thread(target=Tidying().run, name="tidying", daemon=True).start()
