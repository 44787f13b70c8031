"""A room of 300: until followers are told of a move, until their pages have followed, and memory over an hour of moves.

Told: from the lecturer's message to the event in each follower's stream, which is all that another head, token or layer
takes of the server. Drawn: from the same moment until the server has delivered each follower's page anew, over a
websocket of its own as a browser has it: what a browser then paints is not in it, all that the server does is. Streams,
websockets and lecturer are one process on the machine that they ask.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import psutil

from benchmarks import models
from benchmarks.following import events
from benchmarks.report import Row
from benchmarks.soak.verdict import GROWTH, Memory
from benchmarks.tab import Tab, sent
from ui.server.ready import followed

FOLLOWERS = 300
MOVES = 40
PAUSE = 0.25  # seconds between two moves
STAY = 0.3  # seconds, the bar of a move within a page
DRAWN_MOVES = 5
DRAWN = 1.5  # seconds, the bar of a page that follows
WORDS = 12  # of a text
HOUR = 1_800  # moves: one in two seconds
EVERY = 5  # moves between two looks at the memory
TOGETHER = 20  # pages that are opened at the same time
PATIENCE = 120.0  # seconds


@dataclass
class Lectured:
    """A room with its followers."""

    url: str
    made: dict[str, str]
    drawn: list[float] = field(default_factory=list)  # seconds, of every page that followed
    failed: int = 0
    began: dict[str, float] = field(default_factory=dict)  # query -> when its move was sent
    waits: int = 0  # pages that have not followed the last move
    all_there: asyncio.Event = field(default_factory=asyncio.Event)

    async def move(self, query: str) -> None:
        """The lecturer moves. RuntimeError: that was refused."""
        self.began = {query: time.perf_counter()}
        body = {"link": self.made["link"], "secret": self.made["secret"], "page": "attention", "query": f"?{query}"}
        status, said = await sent(self.url, "POST", "/gaze/room/change", json.dumps(body).encode())
        if status != 200:
            raise RuntimeError(said.decode(errors="replace")[-200:])


@asynccontextmanager
async def room(url: str) -> AsyncIterator[Lectured]:
    """A new room, closed at the end."""
    _, said = await sent(url, "POST", "/gaze/room/open", b"{}")
    made = json.loads(said)
    yield Lectured(url, made)
    await sent(url, "POST", "/gaze/room/close", json.dumps(made).encode())


async def follow(lectured: Lectured, number: int, tab: Tab | None, ready: asyncio.Event) -> None:
    """One follower, for ever; tab: its page, which goes where the lecturer is."""
    async for message in events(lectured.url, lectured.made["link"], f"follower-{number:04}"):
        ready.set()
        query = message["query"].removeprefix("?")
        began = lectured.began.get(query)
        if tab is None or began is None or tab.query == query:
            continue
        seen = await tab.go(message["page"], query)
        lectured.drawn.append(time.perf_counter() - began)
        lectured.failed += bool(seen.failed or seen.advice)
        lectured.waits -= 1
        if not lectured.waits:
            lectured.all_there.set()


async def crowd(lectured: Lectured, tabs: list[Tab | None]) -> list[asyncio.Task[None]]:
    """All followers, each with its stream open."""
    ready = [asyncio.Event() for _ in tabs]
    some = [follow(lectured, number, tab, ready[number]) for number, tab in enumerate(tabs)]
    tasks = [asyncio.create_task(one) for one in some]
    await asyncio.wait_for(asyncio.gather(*(one.wait() for one in ready)), PATIENCE)
    return tasks


async def drawn(url: str, followers: int, moves: int) -> Lectured:
    """A room whose followers' pages all follow, each move once all have followed the one before."""
    tabs = [Tab(url) for _ in range(followers)]
    gate = asyncio.Semaphore(TOGETHER)

    async def opened(tab: Tab) -> None:
        async with gate:
            await tab.go("attention", "")

    await asyncio.gather(*map(opened, tabs))
    async with room(url) as lectured:
        tasks = await crowd(lectured, list(tabs))
        for move in range(moves):
            lectured.waits, lectured.all_there = followers, asyncio.Event()
            await lectured.move(urlencode({"text": models.text_of(WORDS, 50_000 + move)}))
            await asyncio.wait_for(lectured.all_there.wait(), PATIENCE)
        await called_off(tasks)
    await asyncio.gather(*(tab.close() for tab in tabs))
    return lectured


async def hour(url: str, process: int, followers: int, moves: int) -> tuple[Memory, float]:
    """The server's memory over so many moves as fast as they go, and seconds that they took; one page follows them."""
    memory, server, began = Memory(), psutil.Process(process), time.perf_counter()
    async with room(url) as lectured:
        tasks = await crowd(lectured, [Tab(url), *[None] * (followers - 1)])
        for move in range(moves):
            await lectured.move(urlencode({"text": models.text_of(WORDS, 51_000 + move % 50), "layer": move}))
            if move % EVERY == 0:
                memory.note(time.perf_counter() - began, process, server.memory_info().rss)
        await called_off(tasks)
    return memory, time.perf_counter() - began


async def called_off(tasks: list[asyncio.Task[None]]) -> None:
    """End all followers; what one of them broke by is raised."""
    for task in tasks:
        task.cancel()
    for end in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(end, Exception):
            raise end


def measure(url: str, process: int) -> list[Row]:
    """url, process: of a server that runs."""
    seconds = asyncio.run(followed(url, FOLLOWERS, MOVES, PAUSE))
    note = f"{FOLLOWERS} streams, {MOVES} moves; {told(seconds)}"
    rows = [Row(f"a move reaches {FOLLOWERS} followers, p95", "s", late(seconds), STAY, note=note)]
    for followers in (FOLLOWERS // 10, FOLLOWERS):
        found = asyncio.run(drawn(url, followers, DRAWN_MOVES))
        note = f"{DRAWN_MOVES} moves; {told(found.drawn)}; {found.failed} failed"
        what = f"{followers} pages have followed to another text, p95"
        rows.append(Row(what, "s", late(found.drawn), DRAWN, right=not found.failed, note=note))
    memory, took = asyncio.run(hour(url, process, FOLLOWERS, HOUR))
    note = f"{HOUR:,} moves in {took:.0f} s, {FOLLOWERS} streams"
    return [*rows, Row("an hour of moves: growth in the second half", "%", memory.growth(), GROWTH, note=note)]


def late(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def told(seconds: list[float]) -> str:
    return f"half within {statistics.median(seconds):.3f} s, all within {max(seconds):.3f} s"
