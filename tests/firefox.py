"""Firefox over WebDriver BiDi, without a driver: it listens itself (https://w3c.github.io/webdriver-bidi/)."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

NAMES = ("firefox", "firefox-esr")
SECONDS = 60


def find_firefox() -> str | None:
    """The command, where it is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Firefox:
    """One tab, and the errors that its pages told."""

    def __init__(self, socket_: Any, size: tuple[int, int]) -> None:
        self._socket, self._count, self._size = socket_, 0, size
        self.errors: list[str] = []
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded"])
        self.tab = self.call("browsingContext.getTree")["contexts"][0]["context"]
        self._measure()

    def _measure(self) -> None:
        width, height = self._size
        self.call("browsingContext.setViewport", context=self.tab, viewport={"width": width, "height": height})

    def open_tab(self) -> None:
        """A tab without a past: what was under way in the one before is broken off, and is no error of this one."""
        before, self.tab = self.tab, self.call("browsingContext.create", type="tab")["context"]
        self.call("browsingContext.close", context=before)
        self.errors.clear()
        self._measure()

    def call(self, method: str, **params: Any) -> Any:
        """The result of a command. RuntimeError: it was refused."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.recv(timeout=SECONDS))
            if told.get("id") == self._count:
                if told["type"] == "error":
                    raise RuntimeError(f"{method}: {told['error']} {told['message']}")
                return told["result"]
            entry = told["params"] if told.get("method") == "log.entryAdded" else {"level": ""}
            if entry["level"] == "error" and entry["source"].get("context") == self.tab:
                self.errors.append(entry["text"])

    def goto(self, url: str) -> None:
        self.call("browsingContext.navigate", context=self.tab, url=url, wait="complete")

    def evaluate(self, script: str) -> Any:
        """The value of an expression that gives a text, a number or a truth."""
        found = self.call("script.evaluate", expression=script, target={"context": self.tab}, awaitPromise=True)
        return found["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Until an expression is true. TimeoutError: it did not become so."""
        # The browser asks itself, so that nobody here sleeps.
        waits = f"""new Promise((done) => {{
            const end = Date.now() + {SECONDS - 10}_000;
            const look = () => ({script}) ? done(true) : Date.now() > end ? done(false) : setTimeout(look, 50);
            look();
        }})"""
        if not self.evaluate(waits):
            raise TimeoutError(script)


@contextmanager
def firefox(command: str, profile: Path, size: tuple[int, int]) -> Iterator[Firefox]:
    """A Firefox without a window, ended with the block; profile: an empty folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", str(port)]
    surroundings = {**os.environ, "HOME": str(profile)}
    with subprocess.Popen([command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=surroundings) as process:  # fmt: skip
        try:
            with connected(port) as there:
                yield Firefox(there, size)
        finally:
            process.terminate()


@contextmanager
def connected(port: int) -> Iterator[Any]:
    """The socket of a Firefox that is starting."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            opened = connect(f"ws://127.0.0.1:{port}/session", max_size=2**26, proxy=None)
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
    with opened as there:
        yield there
