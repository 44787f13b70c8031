"""The engine: ask(request) -> value, from a cache bounded by bytes; equal questions asked at once are answered once."""

from __future__ import annotations

import gc
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from core.requests import ImageRequest, TextRequest
from core.types import Encoding

CACHE_BYTES = int(os.environ.get("GAZE_CACHE_BYTES", 512_000_000))
#: Models that run at the same time: torch uses every core for one, more would only slow each other down.
AT_ONCE = int(os.environ.get("GAZE_AT_ONCE", 2))


class Engine:
    """Answers requests; safe for many threads."""

    def __init__(self, answer: Callable[..., Any], cache_bytes: int = CACHE_BYTES, at_once: int = AT_ONCE) -> None:
        self._answer, self._most = answer, cache_bytes
        self._lock, self._running = threading.Lock(), threading.Semaphore(at_once)
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._under_way: dict[Any, Future] = {}
        self.bytes = self.asked = self.hits = 0

    def ask(self, request: TextRequest, progress: Callable[..., None] | None = None) -> Any:
        """The value for a request; raises what computing it raised, Refused above all. Errors are not kept."""
        with self._lock:
            self.asked += 1
            if request in self._kept:
                self._kept.move_to_end(request)
                self.hits += 1
                return self._kept[request][0]
            future = self._under_way.get(request)
            mine = future is None
            if mine:
                future = self._under_way[request] = Future()
        if not mine:
            return future.result()
        try:
            with self._running:
                value = self._answer(request, progress)
        except BaseException as error:
            self._settle(request)
            future.set_exception(error)
            raise
        self._settle(request, value)
        future.set_result(value)
        return value

    def _settle(self, request: TextRequest, value: Any = None) -> None:
        with self._lock:
            del self._under_way[request]
            if value is None:
                return
            size = size_of(value)
            if size > self._most:
                return
            self._kept[request] = (value, size)
            self.bytes += size
            while self.bytes > self._most:
                _, (_, gone) = self._kept.popitem(last=False)
                self.bytes -= gone


def size_of(value: Encoding) -> int:
    """Bytes that an encoding keeps in memory, near enough for a bound."""
    size = 2_000 + sum(a.weights.nbytes for a in value.attentions)
    return size + (value.hidden.nbytes if value.hidden is not None else 0)


def answer(request: TextRequest | ImageRequest, progress: Callable[..., None] | None = None) -> Encoding:
    from core.models import text, vision  # torch and transformers load with the first question, not with the page

    value = (vision if isinstance(request, ImageRequest) else text).encode(request, progress)
    if request.model not in _MET:
        _MET.add(request.model)
        freeze_garbage()
    return value


_MET: set[str] = set()  # models that answered before


def freeze_garbage() -> None:
    """Take what a new model brought (modules, weights) out of the garbage collector's way.

    Streamlit collects after every rerun; with torch and a few models in memory that takes half a second each time.
    What was settled before is looked through once more, so that models which were given up are freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


ENGINE = Engine(answer)


def ask(request: TextRequest | ImageRequest, progress: Callable[..., None] | None = None) -> Encoding:
    """The value for a request: the same that the pages draw."""
    return ENGINE.ask(request, progress)
