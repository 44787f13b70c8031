"""An engine for replicas in tests: when it is told to, it sleeps, fails, or ends its process."""

import os
import time
from pathlib import Path

from core.cache import raise_if_cancelled
from core.engine import ask as engine
from core.requests import TextRequest

TICK = 0.02  # seconds


def ask(request, progress=None, cancelled=None):
    """The engine's answer, but for texts that are orders: "sleep SECONDS FILE", "hold FILE", "fail", "die FILE"."""
    words = request.text.split() if isinstance(request, TextRequest) else []
    order = words[0] if words else ""
    if order == "sleep":
        return slept(float(words[1]), Path(words[2]), progress, cancelled)
    if order == "hold":
        progress(0, 1)
        while not Path(words[1]).exists():
            raise_if_cancelled(cancelled)
            time.sleep(TICK)
        return os.getpid()
    if order == "fail":
        raise KeyError("secret words of a visitor")
    if order == "die":
        with Path(words[1]).open("a") as file:
            file.write("died\n")
        os._exit(1)
    return engine(request, progress, cancelled)


def slept(seconds, file, progress, cancelled):
    """The number of the process that slept, told of each tenth of it; the file is made when somebody stops it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if progress:
            progress(int(10 * (seconds - (end - time.monotonic())) / seconds), 10)
        if cancelled and cancelled():
            file.touch()
            raise_if_cancelled(cancelled)
        time.sleep(TICK)
    return os.getpid()
