"""Values that cost much to make: kept up to a number of bytes, each made once however many threads ask for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from core.errors import Stopped

Progress = Callable[[int, int, float], None]  # bytes done, bytes in all, bytes a second
Cancelled = Callable[[], bool]
POLL = 0.1  # seconds between looks at whether somebody has had enough of waiting


def whole(value: Any, stopped: Cancelled) -> Any:
    """A value made step by step, if it was made to its end: what is half done must not be kept."""
    if stopped():
        raise Stopped("Stopped. What was half done is not kept.")
    return value


@dataclass(eq=False)
class _Job:
    """One value in the making, and those who wait for it."""

    waiting: int = 0
    abandoned: bool = False  # once everybody has left; never taken back
    news: tuple[int, int, float] | None = None
    done: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: BaseException | None = None

    def report(self, *news: int | float) -> None:
        self.news = news  # a tuple replaced whole: readers need no lock


class Shared:
    """A cache of values by key; safe for many threads. size tells the bytes of a value."""

    def __init__(self, most_bytes: int, size: Callable[[Any], int]) -> None:
        self._most, self._size = most_bytes, size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._jobs: dict[Hashable, _Job] = {}
        self.bytes = 0

    def get(
        self,
        key: Hashable,
        make: Callable[[Progress, Cancelled], Any],
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> Any:
        """The value of key, made by make(report, abandoned) in a thread of its own if it is not there.

        progress is called in the caller's thread. Stopped: cancelled() said so; the work stops when all have left.
        What make raises, all who wait get; nothing is kept of it.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = _Job()
                threading.Thread(target=self._make, args=(key, job, make), daemon=True).start()
            job.waiting += 1
        try:
            self._await(job, progress, cancelled)
        finally:
            with self._lock:
                job.waiting -= 1
                if not job.waiting and not job.done.is_set():
                    job.abandoned = True
                    self._forget(key, job)  # who comes now starts afresh, and is not stopped by those who left
        if job.error is not None:
            raise job.error
        return job.value

    def _await(self, job: _Job, progress: Progress | None, cancelled: Cancelled | None) -> None:
        told = None
        while not job.done.wait(POLL if progress or cancelled else None):
            news = job.news
            if progress and news and news != told:
                progress(*news)
                told = news
            if cancelled and cancelled():
                raise Stopped("Stopped. What was half done is not kept; choose the model again to start anew.")

    def _make(self, key: Hashable, job: _Job, make: Callable[[Progress, Cancelled], Any]) -> None:
        try:
            job.value = make(job.report, lambda: job.abandoned)
            self._keep(key, job.value)
        except BaseException as error:
            job.error = error
        with self._lock:
            job.done.set()
            self._forget(key, job)

    def _forget(self, key: Hashable, job: _Job) -> None:
        if self._jobs.get(key) is job:
            del self._jobs[key]

    def _keep(self, key: Hashable, value: Any) -> None:
        size = self._size(value)
        with self._lock:
            if key in self._kept:
                self.bytes -= self._kept.pop(key)[1]
            self._kept[key] = (value, size)
            self.bytes += size
            # The newest stays, however large: somebody is about to use it.
            while self.bytes > self._most and len(self._kept) > 1:
                self.bytes -= self._kept.popitem(last=False)[1][1]

    def keys(self) -> list[Hashable]:
        with self._lock:
            return list(self._kept)
