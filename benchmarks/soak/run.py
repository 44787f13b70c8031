"""One soak from start to verdict: python run.py bench --soak [MINUTES].

A real server with small budgets, so that each cache is full in the first half and what grows afterwards is a leak;
walkers, owners of a model, who bring files, askers and a stranger; a room with a lecturer and followers; one fault
after another, over and over; at nine tenths of the time the server is told to end and started anew, its rooms kept.
Held to bars at the end: nothing lost, memory flat, answers in time. The curve is written to runs/soak.svg, the server's
log beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import psutil

from benchmarks.cases import wait_until_warm
from benchmarks.report import Row, described, machine, table
from benchmarks.soak import faults
from benchmarks.soak.ledger import Ledger
from benchmarks.soak.room import Lecture, follower, lecturer, look, opened
from benchmarks.soak.town import Town
from benchmarks.soak.verdict import Memory, draw, rows
from benchmarks.soak.visitors import asker, bringer, owner, stranger, walker
from launch import HERE
from tests.chromium import Server, free_port, serve

MINUTES = 20.0
RESTART = 0.9  # of the time
WALKERS, FOLLOWERS, LOOKING = 4, 30, 2  # LOOKING: followers whose page follows too
CYCLES = 3  # how often each fault is caused, at least; then every EVERY seconds one
EVERY = 30.0
PATIENCE = 150.0  # seconds that the last questions have to be answered
BUDGETS = {
    "GAZE_CACHE_BYTES": "60000000", "GAZE_MODEL_BYTES": "150000000", "GAZE_PICTURE_BYTES": "8000000",
    "GAZE_FILE_BYTES": "4000000", "GAZE_TABLE_BYTES": "8000000",
}  # fmt: skip
CURVE, LOG = HERE / "runs" / "soak.svg", HERE / "runs" / "soak.log"
LONGEST_LOG = 10_000_000  # characters


def soak(minutes: float) -> int:
    """Run it, say what was found; 1 where a bar is missed."""
    print(described(machine()), flush=True)
    with tempfile.TemporaryDirectory(prefix="gaze-soak-") as scratch:
        found, ledger = asyncio.run(Soak(Path(scratch), 60 * minutes).run())
    print(ledger.table(), "\n")
    print(table(found))
    print("\n".join(ledger.notes))
    print(f"The curve: {CURVE}")
    return int(any(row.met is False for row in found))


class Soak:
    """A run with all that is noted of it."""

    def __init__(self, scratch: Path, seconds: float) -> None:
        self.scratch, self.seconds = scratch, seconds
        self.memory, self.moments = Memory(), list[tuple[float, str]]()
        self.missed: list[str] = []
        self.end: float | None = None
        self._port, self._servers = free_port(), contextlib.ExitStack()
        self._starts = itertools.count()

    def start(self) -> Server:
        """The server, always at the same address and with the same folder."""
        environment = {"GAZE_ALLOW_ANY": "1", "GAZE_FOLDER": str(self.scratch / "gaze"), **BUDGETS}
        log = self.scratch / f"log {next(self._starts)}"
        return self._servers.enter_context(serve(log, environment=environment, port=self._port))

    async def run(self) -> tuple[list[Row], Ledger]:
        own = faults.own_model(self.scratch / "own")
        server = await asyncio.to_thread(self.start)
        try:
            await asyncio.to_thread(wait_until_warm, server.url)
            town = Town(server, self.scratch / "gaze", own, Ledger(self.seconds), self.seconds)
            town.up.set()
            lecture = await opened(town)
            await self._all(town, lecture)
            log = "".join(file.read_text(errors="replace") for file in sorted(self.scratch.glob("log *")))
            LOG.parent.mkdir(parents=True, exist_ok=True)
            LOG.write_text(log[-LONGEST_LOG:], encoding="utf-8")
        finally:
            await asyncio.to_thread(self._servers.close)
        wanted = [*faults.possible(), "client gone", "made-up message", "restart"]
        found = rows(town.ledger, self.memory, town.caused, wanted, self.end, log)
        found += [Row(f"fault: {one}", "n", right=False) for one in self.missed]
        draw(CURVE, town.ledger, self.memory, self.moments, found)
        return found, town.ledger

    async def _all(self, town: Town, lecture: Lecture) -> None:
        """Everybody, until the end and their last answers."""
        some = [walker(town, number) for number in range(WALKERS)]
        some += [owner(town, 100), bringer(town, 200), asker(town, 300), stranger(town, 400), lecturer(town, lecture)]
        for_ever = [self._watch(town)]
        for number in range(FOLLOWERS):
            latest = asyncio.Queue[dict](1) if number < LOOKING else None
            for_ever.append(follower(town, lecture, number, latest))
            if latest is not None:
                some.append(look(town, latest))
        visitors = [asyncio.create_task(one) for one in some]
        others = [asyncio.create_task(one) for one in for_ever]
        faulty = asyncio.create_task(self._faults(town, lecture))
        await asyncio.sleep(max(0.0, self.seconds - town.now))
        await asyncio.wait([faulty], timeout=PATIENCE)
        town.ending = True
        await asyncio.wait(visitors, timeout=PATIENCE)
        tasks = (*visitors, *others, faulty)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        self.missed += [f"a visitor broke: {one!r}" for one in ends if isinstance(one, Exception)]

    async def _watch(self, town: Town) -> None:
        """Note the server's memory, and say now and then how far it is."""
        told = 0.0
        while True:
            await asyncio.sleep(1)
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(town.server.process.pid)
                if town.up.is_set():  # else it is one that has ended
                    self.memory.note(town.now, process.pid, process.memory_info().rss)
            if town.now - told > 30:
                told = town.now
                size = self.memory.samples[-1][2] / 1e6 if self.memory.samples else 0
                losses = sum(town.ledger.count(one) for one in ("lost", "failed", "unfounded"))
                said = f"{town.now:5.0f} of {self.seconds:.0f} s: {town.ledger.asked.total():,} asked, {losses} losses"
                print(f"{said}, {size:,.0f} MB", file=sys.stderr, flush=True)

    async def _faults(self, town: Town, lecture: Lecture) -> None:
        """One fault after another until nine tenths of the time, then the restart."""
        some = faults.possible()
        pause = min(EVERY, RESTART * self.seconds / (CYCLES * len(some)))
        for turn, (name, cause) in enumerate(itertools.cycle(some.items()), 1):
            await asyncio.sleep(max(0.0, turn * pause - town.now))
            if town.now >= RESTART * self.seconds - pause / 2:
                break
            await self._one(town, name, cause(town, lecture))
        await asyncio.sleep(max(0.0, RESTART * self.seconds - town.now))
        self.moments.append((town.now, "restart"))
        try:
            self.end = await faults.ended(town, lecture, self.start)
        except Exception as error:
            self.missed.append(f"restart: {type(error).__name__} {error}")

    async def _one(self, town: Town, name: str, causing: Coroutine[Any, Any, None]) -> None:
        self.moments.append((town.now, name))
        try:
            async with asyncio.timeout(3 * faults.PATIENCE):
                await causing
        except Exception as error:
            self.missed.append(f"{name}: {type(error).__name__} {error}")
