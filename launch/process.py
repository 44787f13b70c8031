"""Processes that run.py starts: they get its signals and never outlive it. Standard library only."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from launch import HERE, venv_python


def run(arguments: list[str], environment: dict[str, str] | None = None) -> int:
    """Run the environment's Python to its end and give back its exit code; Ctrl-C reaches it too."""
    with Child([str(venv_python()), *arguments], environment) as child:
        return child.wait()


class Child:
    """A process that gets the signals that this one gets, and never outlives it."""

    process: subprocess.Popen

    def __init__(self, command: list[str], environment: dict[str, str] | None = None, **options: Any) -> None:
        # A group of its own, else a terminal's Ctrl-C would reach it twice: from the terminal and from here.
        options |= {"start_new_session": True} if os.name == "posix" else {}
        # One encoding on every system, whatever its language.
        surroundings = {"PYTHONUTF8": "1", **os.environ, **(environment or {})}
        self.start = partial(subprocess.Popen, command, cwd=HERE, env=surroundings, **options)
        self.before: dict[int, Any] = {}
        self.signalled = 0  # the last signal that came

    def __enter__(self) -> Child:
        for name in ("SIGINT", "SIGTERM", "SIGHUP") if os.name == "posix" else ("SIGINT",):
            number = getattr(signal, name)
            self.before[number] = signal.signal(number, self.note)
        try:
            self.process = self.start()
        except BaseException:
            self.give_back()
            raise
        for number in self.before:
            signal.signal(number, self.pass_on)
        if self.signalled:  # while it was being started
            self.pass_on(self.signalled, None)
        return self

    def note(self, number: int, frame: FrameType | None) -> None:
        self.signalled = number

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        self.signalled = number
        if os.name == "posix" and self.process.poll() is None:  # on Windows the console tells both
            self.process.send_signal(number)

    def wait(self) -> int:
        code = self.process.wait()
        return code if code >= 0 else 128 - code  # what a shell says about a signal

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.give_back()

    def give_back(self) -> None:
        """Let signals mean what they meant before."""
        for number, handler in self.before.items():
            signal.signal(number, handler)


def lines_of(
    command: list[str],
    inherited: int,
    heard: Callable[[str], None] = lambda line: None,
    environment: dict[str, str] | None = None,
) -> tuple[int, str]:
    """Run a command to its end; (exit code, what it said). KeyboardInterrupt when a signal came.

    inherited: the number of an open file that the process holds, too. heard: called with each line as it comes.
    """
    options: dict[str, Any] = {"pass_fds": (inherited,)} if os.name == "posix" else {}
    options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    lines = []
    with Child(command, environment, **options, text=True, encoding="utf-8", errors="replace") as child:
        with child.process.stdout as out:  # type: ignore[union-attr]  # it is a pipe, see options
            for line in out:
                lines.append(line)
                heard(line)
        code = child.wait()
    if child.signalled:
        raise KeyboardInterrupt
    return code, "".join(lines)
