"""The latest answers' queries and keys, still on the GPU that made them: a share of it at most; older ones go home."""

from __future__ import annotations

import threading
import weakref
from typing import Protocol

from core.cache.memory import idle
from core.device import best_device

SHARE = 64  # of the GPU's memory, one part in so many


class Movable(Protocol):
    """What lies on a GPU and can be moved to the host's memory."""

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""

    def to_host(self) -> None:
        """Move it to the host's memory."""


class Held:
    """What lies on a GPU, oldest first; whatever is dropped elsewhere is forgotten here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._there: list[weakref.ref[Movable]] = []

    def hold(self, one: Movable) -> None:
        """Keep one where it lies, and all that fit beside it in their share of the GPU."""
        with self._lock:
            self._there.append(weakref.ref(one))
        self.shrink(best_device().total_bytes() // SHARE)

    def shrink(self, most: int = 0) -> None:
        """Move the oldest to the host until the rest fit in so many bytes."""
        with self._lock:
            alive = [one for one in (there() for there in self._there) if one is not None]
            kept, room = 0, most
            for one in reversed(alive):
                room -= one.nbytes
                if room < 0:
                    break
                kept += 1
            leaving, staying = alive[: len(alive) - kept], alive[len(alive) - kept :]
            self._there = [weakref.ref(one) for one in staying]
        for one in leaving:
            one.to_host()


HELD = Held()
idle(HELD.shrink)
