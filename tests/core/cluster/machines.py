"""A cluster of several nodes on this machine, each started by our own command, which can be lost and come back."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from tests.chromium import ROOT, free_port

START_SECONDS = 100
ANSWERS = "tests.core.cluster.answering:ask"


def until(true, seconds=30, what="it"):
    """Wait until something is true, which it must be within so many seconds; gives what it was."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, f"{what} was not so within {seconds} seconds"
        time.sleep(0.05)
    return found


class Machines:
    """A first machine without processors for replicas, and others that join it."""

    def __init__(self, folder: Path, *, replicas: str = "2", waiting: int = 200, answers: str = ANSWERS) -> None:
        self.folder, self.port, self.ray_port = folder, free_port(), free_port()
        self.head_options = ["--replicas", replicas, "--waiting", str(waiting), "--answers", answers, "--cpus", "0"]
        self.head: subprocess.Popen | None = None
        self.others: list[subprocess.Popen] = []
        self.started: list[psutil.Process] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, others: int = 2, cpus: int = 1) -> None:
        """The first machine and so many others; ready when the application is."""
        log = self.folder / f"head-{len(self.started)}.log"
        self.head = self._begin(log, "--port", str(self.port), "--ray-port", str(self.ray_port), *self.head_options)
        until(lambda: self._listens() or self.head.poll() is not None, 60, "the head")
        for _ in range(others):
            self.add(cpus)
        until(lambda: b"answers at" in log.read_bytes() or self.head.poll() is not None, START_SECONDS, "the cluster")
        assert self.head.poll() is None, log.read_text()

    def add(self, cpus: int = 1) -> None:
        """One more machine."""
        log = self.folder / f"other-{len(self.started)}.log"
        self.others.append(self._begin(log, "--join", f"127.0.0.1:{self.ray_port}", "--cpus", str(cpus)))

    def _begin(self, log: Path, *options: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "core.cluster.starting", *options]
        with log.open("wb") as out:
            made = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env={**os.environ, "PYTHONUTF8": "1"})
        self.started.append(psutil.Process(made.pid))
        return made

    def _listens(self) -> bool:
        import socket

        with suppress(OSError), socket.create_connection(("127.0.0.2", self.ray_port), timeout=1):
            return True
        return False

    @staticmethod
    def lose(machine: subprocess.Popen) -> None:
        """Its current is cut: everything on it ends at once."""
        with suppress(psutil.NoSuchProcess):
            every = psutil.Process(machine.pid).children(recursive=True)
            machine.send_signal(signal.SIGKILL)
            for one in every:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        machine.wait(10)

    def stop(self) -> None:
        """End all of it as a person would; what is left is left."""
        every = [*self.others, *([self.head] if self.head else [])]
        self.others, self.head = [], None
        for one in every:
            one.terminate()
        for one in every:
            one.wait(40)
