"""The only cache: values by key up to a number of bytes, each made once however many threads ask for it."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from core.cache.sizes import bytes_of
from core.cache.waiting import (
    LEFT,
    POLL,
    Admission,
    Cancelled,
    Progress,
    Waiting,
    never,
    raise_if_cancelled,
    silent,
)
from core.public import halved

__all__ = [
    "ANSWERS", "LEFT", "POLL", "ROOM", "Admission", "Cache", "Cancelled", "Make", "Progress", "Waiting", "bytes_of",
    "never", "raise_if_cancelled", "silent",
]  # fmt: skip

Make = Callable[[Progress, Cancelled], Any]


@dataclass(eq=False)
class _Job:
    """One value in the making, and those who wait for it."""

    waiting: int = 0
    abandoned: bool = False  # once everybody has left; never taken back
    news: tuple[Any, ...] | None = None
    done: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: BaseException | None = None

    def report(self, *news: Any) -> None:
        self.news = news  # a tuple replaced whole: readers need no lock


class Cache:
    """Values by key, the least used given up first; safe for many threads.

    size tells the bytes of a value; admission, how much is made at the same time by get. The newest stays, however
    large: somebody is about to use it.
    """

    def __init__(
        self, most_bytes: int, size: Callable[[Any], int] | None = None, admission: Admission | None = None
    ) -> None:
        self.most_bytes, self._size = most_bytes, size or bytes_of
        self.admission = admission or Admission(float("inf"))
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._jobs: dict[Hashable, _Job] = {}
        self.bytes = self.asked = self.hits = 0

    def get(
        self,
        key: Hashable,
        make: Make,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        needs: float = 0.0,
    ) -> Any:
        """The value of key, made by make(progress, cancelled) in a thread of its own if it is not there.

        progress is called in the caller's thread, with Waiting(how many come before) until there is room for the
        bytes that making it needs. Stopped: cancelled() said so; the work stops when all have left. Refused: too much
        waits already. What make raises, all who wait get; nothing is kept of it.
        """
        cancelled = cancelled or LEFT.get()
        with self._lock:
            found = self._found(key)
            if found is not None:
                return found[0]
            job = self._jobs.get(key)
            if job is None:
                self.admission.check()
                job = self._jobs[key] = _Job()
                threading.Thread(target=self._admit, args=(key, job, make, needs), daemon=True).start()
            job.waiting += 1
        try:
            with self.admission.waiting():
                self._await(job, progress, cancelled)
        finally:
            self._leave(key, job)
        if job.error is not None:
            raise job.error
        return job.value

    def here(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of key, made in the caller's own thread if it is not there: for what takes no time to speak of.

        Others who ask meanwhile wait. Where the maker's thread is ended from outside, one of them makes it.
        """
        while True:
            with self._lock:
                found = self._found(key)
                if found is not None:
                    return found[0]
                job = self._jobs.get(key)
                mine = job is None
                if job is None:
                    job = self._jobs[key] = _Job()
            if mine:
                self._make(key, job, lambda *_: make())
            else:
                with self.admission.waiting():
                    job.done.wait()
            if job.error is None:
                return job.value
            if mine or isinstance(job.error, Exception):
                raise job.error

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a value that was made elsewhere, unless there is one."""
        if self.find(key) is None:
            self._keep(key, value)

    def find(self, key: Hashable) -> Any:
        """The value of key where it is kept, else None."""
        with self._lock:
            found = self._found(key)
            return None if found is None else found[0]

    def holds(self, key: Hashable) -> bool:
        """Whether the value of key is kept; does not count as a use of it."""
        with self._lock:
            return key in self._kept

    @property
    def count(self) -> int:
        """How many values are kept."""
        return len(self._kept)

    def clear(self) -> None:
        """Give up all values; what is in the making goes on and is kept."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _found(self, key: Hashable) -> tuple[Any, int] | None:
        self.asked += 1
        found = self._kept.get(key)
        if found is not None:
            self.hits += 1
            self._kept.move_to_end(key)
        return found

    def _await(self, job: _Job, progress: Progress | None, cancelled: Cancelled | None) -> None:
        last = None
        if cancelled:
            raise_if_cancelled(cancelled)  # also of what takes less than a moment
        while not job.done.wait(POLL if progress or cancelled else None):
            news = job.news
            if progress and news and news != last:
                progress(*news)
                last = news
            if cancelled:
                raise_if_cancelled(cancelled)

    def _leave(self, key: Hashable, job: _Job) -> None:
        with self._lock:
            job.waiting -= 1
            if not job.waiting and not job.done.is_set():
                job.abandoned = True
                self._forget(key, job)  # who comes now starts afresh, and is not stopped by those who left

    def _admit(self, key: Hashable, job: _Job, make: Make, needs: float) -> None:
        def made(*_: Any) -> Any:
            told = lambda before: job.report(Waiting(before), 1)  # noqa: E731
            with self.admission.room(needs, told, lambda: job.abandoned):
                return make(job.report, lambda: job.abandoned)

        self._make(key, job, made)

    def _make(self, key: Hashable, job: _Job, make: Make) -> None:
        try:
            job.value = make(job.report, lambda: job.abandoned)
            if not job.abandoned:
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
            while self.bytes > self.most_bytes and len(self._kept) > 1:
                self.bytes -= self._kept.popitem(last=False)[1][1]


#: What models answered, and what was made of their answers: one budget for all of it. What is at work at the same time
#: has so many bytes too, and work whose need nobody knows takes half of them: torch uses every core for one piece of
#: it, and more would only slow each other down.
ROOM = float(os.environ.get("GAZE_ROOM_BYTES", 1_000_000_000))
ANSWERS = Cache(
    int(os.environ.get("GAZE_CACHE_BYTES", 1_000_000_000)),
    admission=Admission(ROOM, lambda: int(os.environ.get("GAZE_QUEUE") or halved(200))),
)
