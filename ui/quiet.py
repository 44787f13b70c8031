"""Whether pages are being drawn: what has time waits until none is, so that nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Quiet:
    """Counts the pages that are drawn at the same time; safe for many threads."""

    def __init__(self) -> None:
        self.first = threading.Event()  # set once a page has been drawn
        self._change = threading.Condition()
        self._drawing = 0
        self._since = time.monotonic()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Round what draws a page."""
        with self._change:
            self._drawing += 1
        try:
            yield
        finally:
            with self._change:
                self._drawing -= 1
                self._since = time.monotonic()
                self._change.notify_all()
            self.first.set()

    def wait(self, rest: float, most: float) -> bool:
        """Wait until no page has been drawn for so many seconds; False where that has not come after the most."""
        end = time.monotonic() + most
        with self._change:
            while (now := time.monotonic()) < end:
                if not self._drawing and now >= self._since + rest:
                    return True
                calm = end if self._drawing else min(end, self._since + rest)
                self._change.wait(calm - now)
        return False


#: The pages of this server.
QUIET = Quiet()
