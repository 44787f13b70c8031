"""The process of one training: runs a trainer, sends what it gives, obeys pause and stop, ends with its parent.

Started by core.learning.worker as `python -m core.learning.child`. A trainer is a function
(settings, running) -> iterator of values. It asks running() before each batch: the call lasts as long as the run is
paused, and gives False when the time is used up or somebody stopped it; the trainer then gives its last value and ends.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import IO, Any

LOOKS = 50  # calls of running() between two looks at the memory
MOST_MESSAGE = 80_000_000  # bytes of one value
NICE = 2  # so that the pages are answered first


class Order:
    """What the parent told last; read by the trainer between two batches."""

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._go, self._stopped = threading.Event(), False
        self._go.set()
        self._left, self._most, self._calls = seconds, most_bytes, 0
        self._last = time.monotonic()

    def obey(self, told: str) -> None:
        if told == "pause":
            self._go.clear()
        else:
            self._stopped = self._stopped or told == "stop"
            self._go.set()

    def running(self) -> bool:
        """Whether to go on; lasts while paused. What is paused uses no time up."""
        self._left -= time.monotonic() - self._last
        self._go.wait()
        self._last = time.monotonic()
        self._calls += 1
        if self._calls % LOOKS == 1:
            self._check_memory()
        return not self._stopped and self._left > 0

    def _check_memory(self) -> None:
        import psutil

        from core.types import Refused

        if psutil.Process().memory_info().rss > self._most:
            raise Refused(
                f"This run took more than {self._most / 1e9:.1f} GB of memory, all that one may take, and was ended. "
                "Choose a shorter text or a smaller model."
            )


def listen(orders: IO[bytes], order: Order) -> None:
    """Pass on what the parent says, a word a line; where it says nothing any more, it is gone, and so is this."""
    for line in orders:
        order.obey(line.decode().strip())
    os._exit(0)


def send(out: IO[bytes], kind: str, value: Any = None) -> None:
    message = pickle.dumps((kind, value), protocol=5)
    if len(message) > MOST_MESSAGE:
        raise ValueError(f"a step of {len(message):,} bytes: at most {MOST_MESSAGE:,} are sent at once")
    out.write(len(message).to_bytes(8, "little") + message)
    out.flush()


def receive(source: IO[bytes]) -> tuple[str, Any, int] | None:
    """(kind, value, bytes) of the next message, or None where there will be none."""
    size = int.from_bytes(source.read(8), "little")
    body = source.read(size)
    return (*pickle.loads(body), size) if size and len(body) == size else None  # noqa: S301  # our own child wrote it


def run(out: IO[bytes], trainer: str, settings: Any, order: Order) -> None:
    """Send every value of the trainer, then how it ended."""
    from core.store.families import resolved
    from core.types import Refused

    try:
        train: Callable[[Any, Callable[[], bool]], Iterator[Any]] = resolved(trainer)
        send(out, "ready")
        for value in train(settings, order.running):
            send(out, "step", value)
        send(out, "done")
    except Refused as refusal:
        send(out, "refused", str(refusal))
    except Exception:
        send(out, "failed", traceback.format_exc())


def main() -> None:
    # What anybody prints must not stand between messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    size = int.from_bytes(sys.stdin.buffer.read(8), "little")
    trainer, settings, seconds, threads, most_bytes = pickle.loads(sys.stdin.buffer.read(size))  # noqa: S301  # who started us
    order = Order(seconds, most_bytes)
    threading.Thread(target=listen, args=(sys.stdin.buffer, order), daemon=True).start()

    if hasattr(os, "nice"):
        os.nice(NICE)
    import torch

    torch.set_num_threads(threads)
    run(out, trainer, settings, order)


if __name__ == "__main__":
    main()
