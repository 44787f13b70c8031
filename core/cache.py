"""The only cache: values by key up to a number of bytes, each made once however many threads ask for it."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from core.types import Stopped

#: Called as progress(done, total); more may follow: bytes a second, or what there is to draw so far.
Progress = Callable[..., None]
Cancelled = Callable[[], bool]
Make = Callable[[Progress, Cancelled], Any]

POLL = 0.1  # seconds between looks at whether somebody has had enough of waiting
SMALL = 64  # bytes of what is not looked into: a number, a flag, a name
HEADER = 200  # bytes of an object besides what it holds


def never() -> bool:
    """Nobody cancels."""
    return False


def silent(*_: Any) -> None:
    """Nobody is told how far the work is."""


def raise_if_cancelled(cancelled: Cancelled) -> None:
    """Stopped where somebody cancelled: what is half done must not be kept."""
    if cancelled():
        raise Stopped("Stopped. What was half done is not kept.")


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


class Admission:
    """Room for so many pieces of work at once; work that waits for other work gives up its room meanwhile."""

    def __init__(self, at_once: int) -> None:
        self._free = threading.Semaphore(at_once)
        self._own = threading.local()

    @contextmanager
    def room(self) -> Iterator[None]:
        """Holds a place while the block runs."""
        self._free.acquire()
        self._own.held = True
        try:
            yield
        finally:
            self._own.held = False
            self._free.release()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Gives this thread's place to others while the block waits; else those who wait could hold all of them."""
        held = getattr(self._own, "held", False)
        if held:
            self._own.held = False
            self._free.release()
        try:
            yield
        finally:
            if held:
                self._free.acquire()
                self._own.held = True


class Cache:
    """Values by key, the least used given up first; safe for many threads.

    size tells the bytes of a value; at_once, how many are made at the same time by get. The newest stays, however
    large: somebody is about to use it.
    """

    def __init__(self, most_bytes: int, size: Callable[[Any], int] | None = None, at_once: int = 1_000) -> None:
        self.most_bytes, self._size = most_bytes, size or bytes_of
        self.admission = Admission(at_once)
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
    ) -> Any:
        """The value of key, made by make(progress, cancelled) in a thread of its own if it is not there.

        progress is called in the caller's thread. Stopped: cancelled() said so; the work stops when all have left.
        What make raises, all who wait get; nothing is kept of it.
        """
        with self._lock:
            found = self._found(key)
            if found is not None:
                return found[0]
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = _Job()
                threading.Thread(target=self._admit, args=(key, job, make), daemon=True).start()
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

    def _admit(self, key: Hashable, job: _Job, make: Make) -> None:
        with self.admission.room():
            self._make(key, job, make)

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


def bytes_of(value: Any, seen: set[int] | None = None) -> int:
    """Bytes that a value keeps in memory, near enough for a bound: arrays, tensors, texts, and what holds them."""
    seen = set() if seen is None else seen
    if value is None or isinstance(value, int | float | type):
        return SMALL
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, str | bytes):
        return SMALL + len(value)
    size = getattr(value, "nbytes", None)  # arrays, tensors, weights that are made on demand
    if isinstance(size, int):
        return HEADER + size
    if isinstance(value, dict):
        return HEADER + sum(bytes_of(key, seen) + bytes_of(held, seen) for key, held in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return HEADER + sum(bytes_of(held, seen) for held in value)
    if is_dataclass(value):
        return HEADER + sum(bytes_of(getattr(value, f.name), seen) for f in fields(value))
    return HEADER


#: What models answered, and what was made of their answers: one budget for all of it, and so many questions at once:
#: torch uses every core for one, more would only slow each other down.
ANSWERS = Cache(int(os.environ.get("GAZE_CACHE_BYTES", 1_000_000_000)), at_once=int(os.environ.get("GAZE_AT_ONCE", 2)))
