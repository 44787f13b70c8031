"""An end that comes: on SIGTERM what is under way is finished, but streams that never end hold the server no longer."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from core.learning.worker import WORKSHOP

PATIENCE = 8.0  # seconds after the signal: whoever started the server expects it to be gone after ten
log = logging.getLogger("gaze")


def end() -> None:
    """End this process now, and the trainings that it began."""
    log.warning("some replies had not ended after %d seconds", PATIENCE)
    WORKSHOP.close()
    os._exit(128 + signal.SIGTERM)


def bounded(before: Any, finish: Callable[[], None] = end) -> Callable[[int, FrameType | None], None]:
    """A handler of SIGTERM that does what was done before, and finishes the process when that takes too long."""

    def handler(number: int, frame: FrameType | None) -> None:
        late = threading.Timer(PATIENCE, finish)
        late.daemon = True  # a server that has ended by itself waits for nothing
        late.start()
        if callable(before):
            before(number, frame)

    return handler


def bound() -> None:
    """Bound the end of this server; only a main thread may, and a server that is run in another keeps its own way."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, bounded(signal.getsignal(signal.SIGTERM)))
