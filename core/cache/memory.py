"""When memory is full: idle models are given up, the work is tried again, and then on the CPU where that is quick."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable
from typing import Any, TypeVar

from core.cache import Cancelled, never
from core.device import best_device, on_cpu
from core.types import Refused, Stopped

PATIENCE = 60.0  # seconds that work may take on a CPU in place of a GPU that is full
#: What torch says where memory does not suffice and it has no error of its own: the machine's, Apple's GPU, a driver.
SAID = ("can't allocate memory", "not enough memory", "defaultcpuallocator", "out of memory")

log = logging.getLogger(__name__)
Value = TypeVar("Value")
_IDLE: list[Callable[[], None]] = []


class Full(Refused):
    """There is not enough memory: of the GPU, or of the machine."""


def idle(give_up: Callable[[], None]) -> Callable[[], None]:
    """Have a function called that gives up what nobody uses just now, when memory is full."""
    _IDLE.append(give_up)
    return give_up


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is not enough memory."""
    torch = sys.modules.get("torch")
    if isinstance(error, Full | MemoryError) or (torch is not None and isinstance(error, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in SAID)


def lacking(what: str) -> Full:
    """The advice where there is no room for something, with numbers."""
    device = best_device()
    free, total = device.free_bytes() / 1e9, device.total_bytes() / 1e9
    return Full(
        f"There is not enough memory {what}: {device.name} has {free:.1f} of {total:.1f} GB free. Shorten what it "
        "reads, or choose a smaller model."
    )


def make_room() -> None:
    """Give up what is idle, and hand back what torch keeps for later."""
    for give_up in _IDLE:
        give_up()
    gc.collect()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def with_room(
    work: Callable[[Cancelled], Value], cancelled: Cancelled = never, seconds: Callable[[], float] = float
) -> Value:
    """What work(cancelled) gives; where memory is full it is tried again with idle models given up, then on the CPU.

    seconds: what it would take on the CPU, about; beyond PATIENCE it is not tried there, and stopped when it lasts that
    long. Full: there is no room, with numbers.
    """
    for last in (False, True):
        try:
            return work(cancelled)
        except Exception as error:  # what it holds must be free before the next try: that follows outside
            if not is_full(error):
                raise
            if last and best_device().kind == "cpu":
                raise error if isinstance(error, Full) else lacking("for this") from error
        if not last:
            log.warning("memory is full: idle models are given up")
            make_room()
    refusal = lacking("for this, even with idle models given up")
    if seconds() > PATIENCE:
        raise Full(f"{refusal} On the CPU it would take about {seconds() / 60:,.0f} minutes.")
    log.warning("the GPU is full: this runs on the CPU")
    end = time.monotonic() + PATIENCE
    try:
        with on_cpu():
            return work(lambda: cancelled() or time.monotonic() > end)
    except Stopped:
        if cancelled():
            raise
        raise Full(f"{refusal} On the CPU it takes over a minute.") from None
