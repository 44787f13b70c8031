"""Trainings that visitors start: a process each, a few at a time, the others waiting in a line that has an end.

A process, because a training takes the interpreter for minutes, and because only a process can be ended for sure. It is
ended when its owner asks, when the owner has not been heard of for a while, and with the server. Not multiprocessing:
its spawn runs the main module of the parent again, which under Streamlit is the page.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Literal

from core.learning.child import receive
from core.types import Refused

log = logging.getLogger("gaze")
ROOT = Path(__file__).resolve().parents[2]
LEASE = 20.0  # seconds without a word from its page until a run is ended; hidden tabs are heard once a second
GRACE = 10.0  # seconds that a stopped run has to give what it has learned
LOOK = 0.5  # seconds between two looks at the leases
SECONDS = 90.0  # of training, unless a page says otherwise
MOST_SECONDS = 600.0
MOST_STEPS = 500  # values of a run that are kept
MOST_BYTES = 100_000_000  # of all values of a run
MEMORY = 2_500_000_000  # bytes of a process
MOST_WAITING = 20
THREADS = 1  # of a process: models as small as these learn twice as slowly on two when others work besides

State = Literal["waiting", "starting", "running", "paused", "done", "stopped", "refused", "failed"]
ENDED: tuple[State, ...] = ("done", "stopped", "refused", "failed")


class Training:
    """One run, as its page sees it. All may be called from any thread, at any time."""

    def __init__(self, workshop: Workshop, trainer: str, settings: Any, seconds: float) -> None:
        self.trainer, self.settings = trainer, settings
        self.state: State = "waiting"
        self.said = ""  # why it was refused, or how it failed
        self.began = 0.0  # when the process said that it is ready, by time.monotonic()
        self._workshop, self._seconds = workshop, seconds
        self._steps: list[Any] = []
        self._heard = time.monotonic()
        self._stopped_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    @property
    def steps(self) -> tuple[Any, ...]:
        """What the trainer gave so far."""
        return tuple(self._steps)

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def place(self) -> int:
        """Its place in the line, from 1; 0 where it does not wait."""
        return self._workshop.place(self)

    def renew(self) -> None:
        """Say that somebody still looks: without it the run ends after LEASE seconds."""
        self._heard = time.monotonic()

    def pause(self) -> None:
        with self._lock:
            if self.state == "running":
                self.state = "paused"
                self._tell("pause")

    def go_on(self) -> None:
        with self._lock:
            if self.state == "paused":
                self.state = "running"
                self._tell("go")

    def stop(self) -> None:
        """End it; what it has learned is still given where that takes no more than GRACE seconds."""
        with self._lock:
            if self.ended or self._stopped_at is not None:
                return
            self._stopped_at = time.monotonic()
            if self._process is None:
                self.state = "stopped"
            elif self.state == "starting":
                self.kill()
            else:
                self._tell("stop")
        self._workshop.turn()

    def kill(self) -> None:
        """End its process at once."""
        with self._lock:
            if not self.ended:
                self.state = "stopped"
            if self._process is not None and self._process.poll() is None:
                self._process.kill()

    @property
    def process_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _tell(self, word: str) -> None:
        try:
            assert self._process is not None and self._process.stdin is not None
            self._process.stdin.write(word.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            log.debug("a training had ended before it was told to %s", word)

    def look(self, now: float) -> None:
        """End it where nobody looks any more, or where it does not stop though it was told to."""
        if self._stopped_at is not None and now - self._stopped_at > GRACE:
            self.kill()
        elif now - self._heard > LEASE:
            self.said = "The page was left, so the run ended."
            self.stop()

    # --- its process --------------------------------------------------------------------------------------------------

    def start(self, threads: int) -> None:
        """Start the process, and a thread that hears it out."""
        with self._lock:
            self.state = "starting"
            self._process = subprocess.Popen(
                [sys.executable, "-m", "core.learning.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=ROOT,
                env=os.environ | {"OMP_NUM_THREADS": str(threads), "CUDA_VISIBLE_DEVICES": ""},
            )
        order = pickle.dumps((self.trainer, self.settings, self._seconds, threads, MEMORY))
        threading.Thread(target=self._hear, args=(order,), name="training", daemon=True).start()

    def _hear(self, order: bytes) -> None:
        process, size = self._process, 0
        assert process is not None and process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(len(order).to_bytes(8, "little") + order)
            process.stdin.flush()
            while (message := receive(process.stdout)) is not None:
                kind, value, length = message
                self._take(kind, value)
                size += length
                if size > MOST_BYTES or len(self._steps) > MOST_STEPS:
                    self._end("failed", f"{len(self._steps)} steps of {size:,} bytes are too many to keep")
                    break
        except Exception:
            log.exception("a training could not be heard")
        finally:
            if self._stopped_at is not None:
                self._end("stopped", "")
            self._end("failed", "its process ended")
            self.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
            self._workshop.turn()

    def _take(self, kind: str, value: Any) -> None:
        if kind == "ready":
            with self._lock:
                if self.state == "starting":
                    self.state, self.began = "running", time.monotonic()
        elif kind == "step":
            self._steps.append(value)
        else:
            stopped = kind == "done" and self._stopped_at is not None
            self._end("stopped" if stopped else kind, value or "")  # type: ignore[arg-type]

    def _end(self, state: State, why: str) -> None:
        with self._lock:
            if self.ended:
                return
            if state == "failed":
                log.error("a training failed: %s", why)
            self.state, self.said = state, self.said or why


class Workshop:
    """So many trainings at once, so many that wait, and one thread that looks after them while there are any."""

    def __init__(self, at_once: int, most_waiting: int = MOST_WAITING) -> None:
        self.at_once, self.most_waiting = at_once, most_waiting
        self._line: list[Training] = []
        self._at_work: list[Training] = []
        self._lock = threading.RLock()
        self._watch: threading.Thread | None = None

    def begin(self, trainer: str, settings: Any, seconds: float = SECONDS) -> Training:
        """Put a training in the line. trainer: 'module:function'; settings: what can be pickled.

        Refused: the line is full.
        """
        training = Training(self, trainer, settings, min(seconds, MOST_SECONDS))
        with self._lock:
            if len(self._line) >= self.most_waiting:
                raise Refused(
                    f"{len(self._at_work)} trainings run here and {len(self._line)} wait: that is as many as this "
                    "machine takes. Look at a recorded run meanwhile, and try again in a minute."
                )
            self._line.append(training)
        self.turn()
        return training

    def place(self, training: Training) -> int:
        with self._lock:
            return self._line.index(training) + 1 if training in self._line else 0

    @property
    def busy(self) -> int:
        """How many run."""
        return len(self._at_work)

    def turn(self) -> None:
        """Let those in that have room now, and forget those that have ended."""
        with self._lock:
            self._line = [one for one in self._line if not one.ended]
            self._at_work = [one for one in self._at_work if not one.ended or one.process_alive]
            while self._line and len(self._at_work) < self.at_once:
                training = self._line.pop(0)
                self._at_work.append(training)
                training.start(THREADS)
            if (self._line or self._at_work) and (self._watch is None or not self._watch.is_alive()):
                self._watch = threading.Thread(target=self._look, name="trainings", daemon=True)
                self._watch.start()

    def _look(self) -> None:
        while True:
            time.sleep(LOOK)
            with self._lock:
                some = [*self._line, *self._at_work]
                if not some:
                    self._watch = None
                    return
            for training in some:
                training.look(time.monotonic())
            self.turn()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            some = [*self._line, *self._at_work]
            self._line = []
        for training in some:
            training.kill()


#: Half of the cores; trainings run with less right to them than what answers the pages.
WORKSHOP = Workshop(int(os.environ.get("GAZE_TRAININGS", max(1, (os.cpu_count() or 2) // 2))))
atexit.register(WORKSHOP.close)
