"""An engine for replicas in tests: it also sleeps, tells in which process it is, and ends its process, when asked to."""

import os
import time
from pathlib import Path

from core.cache import raise_if_cancelled
from core.engine import ask as engine
from core.requests import TextRequest

TICK = 0.02  # seconds


def ask(request, progress=None, cancelled=None):
    """The engine's answer, but for texts that begin with an order: "sleep SECONDS", "who", "fail", "die FILE"."""
    words = request.text.split() if isinstance(request, TextRequest) else []
    order = words[0] if words else ""
    if order == "sleep":
        return slept(float(words[1]), progress, cancelled)
    if order == "who":
        return os.getpid()
    if order == "fail":
        raise KeyError("secret words of a visitor")
    if order == "die":
        Path(words[1]).open("a").write("died\n")
        os._exit(1)
    return engine(request, progress, cancelled)


def slept(seconds, progress, cancelled):
    """The number of the process that slept, told of each tenth of it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if progress:
            progress(int(10 * (seconds - (end - time.monotonic())) / seconds), 10)
        if cancelled:
            raise_if_cancelled(cancelled)
        time.sleep(TICK)
    return os.getpid()
