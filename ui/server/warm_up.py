"""What is made ready before the first visitor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading

from core.cluster import joining
from core.data.examples import FIRST
from core.engine import OBSERVERS, Answered, ask, freeze_garbage
from core.types import Refused
from ui.quiet import QUIET
from ui.server import ending, tidying

log = logging.getLogger("gaze")
READY = threading.Event()  # a model has answered
WARM = threading.Event()  # what is done in the background at start is done
FIRST_COMES = 5.0  # seconds for which the first visitor is waited for
RESTS = 2.0  # seconds without a page drawn, after which it is quiet
RESTS_AT_LAST = 60.0  # seconds after which it goes on in a room that never rests


def note(told: Answered) -> None:
    """The first answer says that a model can."""
    if told.outcome == "answered":
        READY.set()


OBSERVERS.append(note)


def warm() -> None:
    """Load the first model once the first picture is out: torch's import would hold it up."""
    QUIET.first.wait(FIRST_COMES)
    try:
        ask(FIRST)
        warm_maps()
    except Refused as advice:
        log.warning("warm-up: %s", advice)
    except Exception:
        log.exception("warm-up failed")


def warm_maps() -> None:
    """Load the small encoders, and compile what arranges maps: some fifteen seconds that nobody shall wait for."""
    from core.measures.projection import warm_up
    from ui.views.embedding.map import read_first

    for step in (read_first, warm_up, freeze_garbage):
        QUIET.wait(RESTS, RESTS_AT_LAST)  # it would hold up whoever has just come
        step()
    WARM.set()


def join() -> None:
    """Ask the cluster that GAZE_CLUSTER names; where it names none rightly, this server answers by itself."""
    try:
        joining.join()
    except Refused as refusal:
        log.error("this server asks no cluster: %s", refusal)


@contextlib.asynccontextmanager
async def lifespan(_):
    ending.bound()
    tidying.begin()
    await asyncio.to_thread(join)
    if os.environ.get("GAZE_WARM", "1") == "1":
        threading.Thread(target=warm, name="warm-up", daemon=True).start()
    else:
        READY.set()  # nobody makes it so
    yield
    joining.leave()
