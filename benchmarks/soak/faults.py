"""Faults that are really caused while visitors are there; each looks whether it had its effect, else it says so."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from safetensors.numpy import load_file, save_file

from benchmarks.soak.room import Lecture
from benchmarks.soak.town import GONE, Town
from benchmarks.tab import Tab, sent
from core.store.cards import ASSETS
from tests.chromium import Server
from ui.server.room_routes import FILE

Fault = Callable[[Town, Lecture], Coroutine[Any, Any, None]]
AWAY = 4.0  # seconds that a model is gone
LOCKED = 7.0  # seconds that the rooms' file is locked: longer than SQLite waits
FULL = 6.0  # seconds that the disk is full
PATIENCE = 60.0  # seconds
ROOM_ORDERS = ("move of the lecturer", "order of the lecturer", "vote")
OWN = ("page of one's own model", "weights of one's own model")


class Missed(Exception):
    """A fault that did not do what it should have done, or a server that did not bear it."""


def own_model(folder: Path) -> Path:
    """A checkpoint of somebody's own."""
    shutil.copytree(ASSETS / "mini-gpt", folder)
    (folder / "card.json").unlink()
    return folder


async def deleted(town: Town, _: Lecture) -> None:
    """A model's folder goes while it is asked, and comes back whole."""
    with town.fault("model deleted", *OWN):
        aside = town.own.with_name("aside")
        own_model(aside)
        shutil.rmtree(town.own)
        outcome, _ = await weights(town)
        await asyncio.sleep(AWAY)
        aside.rename(town.own)
    if outcome != "refused":
        raise Missed(f"a model that is gone was {outcome}")


async def trained_anew(town: Town, _: Lecture) -> None:
    """Other weights take the place of a model's while it is asked: from then on it answers by them."""
    with town.fault("model trained anew", *OWN):
        _, before = await weights(town)
        file = town.own / "model.safetensors"
        tensors = {name: values * 1.3 if values.ndim > 1 else values for name, values in load_file(file).items()}
        # As much as half a model in the place of a whole one: whoever reads it then is refused.
        save_file(tensors, file.with_suffix(".new"), metadata={"format": "pt"})
        os.replace(file.with_suffix(".new"), file)
        outcome, after = await weights(town)
        if outcome != "answered" or before == after:
            raise Missed("a model that was trained anew answers as before")
        shutil.copy(ASSETS / "mini-gpt" / "model.safetensors", file.with_suffix(".new"))
        os.replace(file.with_suffix(".new"), file)


async def weights(town: Town) -> tuple[str, bytes]:
    """The weights of one head of somebody's own model over a text that is always the same."""
    request = {"model": str(town.own), "text": "Once upon a time there was a cat"}
    body = {"request": request, "kind": "decoder", "layer": 0, "head": 0}
    return await town.post("weights of one's own model", "/gaze/head", json.dumps(body).encode())


async def locked(town: Town, _: Lecture) -> None:
    """Another program holds the file of the rooms for longer than anybody waits."""
    with town.fault("file of rooms locked", *ROOM_ORDERS):
        file = sqlite3.connect(town.folder / FILE, timeout=PATIENCE, isolation_level=None)
        try:
            file.execute("begin exclusive")
            await asyncio.sleep(LOCKED)
            file.execute("rollback")
        finally:
            file.close()


async def full(town: Town, lecture: Lecture) -> None:
    """The disk is full: the system refuses the server every write to a file."""
    import resource

    process = town.server.process.pid
    _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
    with town.fault("disk full", *ROOM_ORDERS):
        resource.prlimit(process, resource.RLIMIT_FSIZE, (0, most))
        try:
            order = lecture.order(shown=f"Full at {town.now:.1f}")
            outcome, _ = await town.post("order of the lecturer", "/gaze/room/change", order)
            await asyncio.sleep(FULL)
        finally:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (most, most))
    if outcome != "refused":
        raise Missed(f"an order that cannot be written was {outcome}")


async def worker_killed(town: Town, _: Lecture) -> None:
    """The process of a training is killed from outside; its page says so, and another one may begin."""
    tab = Tab(town.url)
    with town.fault("training killed", "training"):
        try:
            for _ in range(2):
                await town.ask("training", lambda: killed(town, tab))
        finally:
            with suppress(*GONE):
                await tab.close()


async def killed(town: Town, tab: Tab) -> tuple[str, str]:
    """Begin a training, kill its process, and read what the page says then."""
    before = set(trainings(town))
    button = (await tab.go("training", "")).buttons.get("Train")
    if button is None:
        return "failed", "there is no button to train"
    await tab.press(button)
    end = time.monotonic() + PATIENCE
    while not (mine := set(trainings(town)) - before):
        if time.monotonic() > end:
            return "failed", "no training began"
        await asyncio.sleep(0.1)
    for one in mine:
        with suppress(psutil.NoSuchProcess):
            one.send_signal(signal.SIGKILL)
    while "Try again" not in (seen := await tab.go("training", "")).advice:
        if (seen.failed and "Try again" not in seen.failed) or time.monotonic() > end:
            return "failed", f"a training that was killed: {seen.failed or seen.advice or 'no word'}"
        await asyncio.sleep(0.3)
    return "refused", ""


def trainings(town: Town) -> list[psutil.Process]:
    """The processes of trainings that the server has."""
    found = []
    for one in psutil.Process(town.server.process.pid).children():
        with suppress(psutil.Error):
            if "core.learning.child" in one.cmdline():
                found.append(one)
    return found


async def ended(town: Town, lecture: Lecture, start: Callable[[], Server]) -> float:
    """The server is told to end and started anew: seconds until it had ended. Missed: its room is not there then.

    start: starts it anew at the same address.
    """
    with town.fault("restart", "vote"):  # students are in the room again once their streams are
        process = town.server.process
        began = time.monotonic()
        town.up.clear()
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, PATIENCE)
        seconds = time.monotonic() - began
        town.server = await asyncio.to_thread(start)
        town.up.set()
    status, said = await sent(town.url, "POST", "/gaze/room/look", lecture.order())
    if status != 200:
        raise Missed(f"the room is not there after a restart: {said.decode(errors='replace')[:200]}")
    return seconds


def possible() -> dict[str, Fault]:
    """The faults that can be caused on this system, in the order in which they are."""
    some: dict[str, Any] = {
        "model deleted": deleted, "model trained anew": trained_anew, "file of rooms locked": locked,
        "training killed": worker_killed,
    }  # fmt: skip
    return some | ({"disk full": full} if sys.platform == "linux" else {})
