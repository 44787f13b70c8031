"""Who guesses codes of rooms: so many wrong ones from one address in a while, and no more."""

from __future__ import annotations

import threading
from collections import deque

from core.types import Refused

TRIES, SPAN = 20, 60.0  # wrong codes from one address, in so many seconds
MOST_ADDRESSES = 10_000


class Guesses:
    """Wrong codes by address, as long as they count; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: dict[str, deque[float]] = {}

    def check(self, asker: str, uptime: float) -> None:
        """Refused: from this address came too many of late."""
        with self._lock:
            tries = self._tries.get(asker, deque[float]())
            if len(tries) == TRIES and uptime - tries[0] < SPAN:
                raise Refused("Too many wrong codes from here. Wait a minute, and read the code on the screen again.")

    def wrong(self, asker: str, uptime: float) -> None:
        """Another wrong one."""
        with self._lock:
            if len(self._tries) > MOST_ADDRESSES:
                self._tries.clear()
            self._tries.setdefault(asker, deque(maxlen=TRIES)).append(uptime)
