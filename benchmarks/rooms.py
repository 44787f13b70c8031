"""A room of 300: until followers are told of a move, until they see another text, and memory over an hour of moves.

Told: from the lecturer's message to the event in each follower's stream, which is all that another head, token or layer
takes of the server. Seen: from the question of the lecturer's page to the message of the picture at each follower, the
lecturer's own answer included; what a browser then paints is not in it, all that the server does is. Followed: from the
same moment until the server has delivered each follower's page anew, over a websocket of its own as a browser has it;
pages run one after the other, as browsers have them. Streams, websockets and lecturer are one process on the machine
that they ask.
"""

from __future__ import annotations

import asyncio
import json
import random
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
from benchmarks.tab import Seen, Tab, sent
from ui.server.ready import followed

FOLLOWERS = 300
MOVES = 40
PAUSE = 0.25  # seconds between two moves
STAY = 0.3  # seconds, the bar of a move within a page
SEEN_MOVES = 5
REST = 2.0  # seconds between two of them: pages of the one before still run
SEEN = 1.5  # seconds, the bar of a picture that follows
PAGES, HEAD_START = 20, 0.1  # that follow in a second, and when they begin: as ui/components/frame/ahead.js has them
WORDS = 12  # of a text
HOUR = 1_800  # moves: one in two seconds
EVERY = 5  # moves between two looks at the memory
TOGETHER = 20  # pages that are opened at the same time
PATIENCE = 120.0  # seconds
GZIP = b"\x1f\x8b"  # how a file of gzip begins


@dataclass
class Lectured:
    """A room with its followers."""

    url: str
    made: dict[str, str]
    lecturer: Tab
    seen: list[float] = field(default_factory=list)  # seconds, of every picture that followed
    followed: list[float] = field(default_factory=list)  # seconds, of every page that did
    failed: int = 0
    began: dict[str, float] = field(default_factory=dict)  # query -> when it was asked for
    see: set[int] = field(default_factory=set)  # who has seen the last move
    follow: set[int] = field(default_factory=set)  # whose page has followed it
    change: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def move(self, query: str) -> None:
        """The lecturer goes to another text. RuntimeError: that was refused, or there is no picture."""
        self.see, self.follow = set(), set()
        self.began = {query: time.perf_counter()}
        seen = await self.lecturer.go("attention", query)
        if seen.failed or seen.advice or not seen.pictures:
            raise RuntimeError(seen.failed or seen.advice or "no picture is told")
        place = {"page": "attention", "query": f"?{query}", "pictures": seen.pictures}
        body = {"link": self.made["link"], "secret": self.made["secret"], **place}
        status, said = await sent(self.url, "POST", "/gaze/room/change", json.dumps(body).encode())
        if status != 200:
            raise RuntimeError(said.decode(errors="replace")[-200:])

    async def note(self, number: int, times: list[float], done: set[int], query: str, *, failed: bool = False) -> None:
        """A follower has come to where a move led."""
        self.failed += failed
        if (began := self.began.get(query)) is None:
            return  # of a move before
        times.append(time.perf_counter() - began)
        async with self.change:
            done.add(number)
            self.change.notify_all()

    async def all_of(self, done: set[int], followers: int) -> None:
        """Wait until all are there. TimeoutError: some are not."""
        async with self.change:
            await asyncio.wait_for(self.change.wait_for(lambda: len(done) >= followers), PATIENCE)


@asynccontextmanager
async def room(url: str) -> AsyncIterator[Lectured]:
    """A new room, closed at the end."""
    _, said = await sent(url, "POST", "/gaze/room/open", b"{}")
    made = json.loads(said)
    lecturer = Tab(url)
    yield Lectured(url, made, lecturer)
    await lecturer.close()
    await sent(url, "POST", "/gaze/room/close", json.dumps(made).encode())


async def follow(lectured: Lectured, number: int, tab: Tab | None, ready: asyncio.Event) -> None:
    """One follower, for ever; tab: its page, which goes where the lecturer is, behind the picture."""
    page: asyncio.Task[None] | None = None
    alone, asked = asyncio.Lock(), ""
    try:
        async for message in events(lectured.url, lectured.made["link"], f"follower-{number:04}"):
            ready.set()
            query = message["query"].removeprefix("?")
            if tab is None or query not in lectured.began or query == asked:
                continue
            asked = query
            replies = await asyncio.gather(*(picture(lectured.url, name) for *_, name in message["pictures"]))
            await lectured.note(number, lectured.seen, lectured.see, query, failed=not replies or not all(replies))
            if page is not None:
                page.cancel()  # the newest move alone has the page run
            page = asyncio.create_task(behind(lectured, number, tab, query, message["here"], alone))
    finally:
        if page is not None:
            page.cancel()


async def picture(url: str, name: str) -> bool:
    """Whether the message of a picture came; each browser unpacks it on a machine of its own."""
    status, message = await sent(url, "GET", f"/gaze/room/shown/{name}", headers={"Accept-Encoding": "gzip"})
    return status == 200 and message.startswith(GZIP)


async def behind(lectured: Lectured, number: int, tab: Tab, query: str, here: int, alone: asyncio.Lock) -> None:
    """Have a page run some time after its picture; one that runs is not called off, and the next waits for it."""
    await asyncio.sleep((HEAD_START + random.random()) * here / PAGES)

    async def go() -> Seen:
        async with alone:
            return await tab.go("attention", query)

    seen = await asyncio.shield(go())
    failed = bool(seen.failed or seen.advice)
    await lectured.note(number, lectured.followed, lectured.follow, query, failed=failed)


async def crowd(lectured: Lectured, tabs: list[Tab | None]) -> list[asyncio.Task[None]]:
    """All followers, each with its stream open."""
    ready = [asyncio.Event() for _ in tabs]
    some = [follow(lectured, number, tab, ready[number]) for number, tab in enumerate(tabs)]
    tasks = [asyncio.create_task(one) for one in some]
    await asyncio.wait_for(asyncio.gather(*(one.wait() for one in ready)), PATIENCE)
    return tasks


async def seen(url: str, followers: int, moves: int) -> Lectured:
    """A room whose followers go to other texts: pictures come first, pages of the last move are waited for."""
    tabs = [Tab(url) for _ in range(followers)]
    gate = asyncio.Semaphore(TOGETHER)

    async def opened(tab: Tab) -> None:
        async with gate:
            await tab.go("attention", "")

    await asyncio.gather(*map(opened, tabs))
    async with room(url) as lectured:
        tasks = await crowd(lectured, list(tabs))
        for move in range(moves):
            await lectured.move(urlencode({"text": models.text_of(WORDS, 50_000 + move)}))
            await lectured.all_of(lectured.see, followers)
            if move < moves - 1:
                await asyncio.sleep(REST)
        await lectured.all_of(lectured.follow, followers)
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
        found = asyncio.run(seen(url, followers, SEEN_MOVES))
        note = f"{SEEN_MOVES} moves; {told(found.seen)}; {found.failed} failed"
        what = f"{followers} see another text, p95"
        rows.append(Row(what, "s", late(found.seen), SEEN, right=not found.failed, note=note))
        what = f"{followers} pages have followed behind it, p95"
        rows.append(Row(what, "s", late(found.followed), note=told(found.followed)))
    memory, took = asyncio.run(hour(url, process, FOLLOWERS, HOUR))
    note = f"{HOUR:,} moves in {took:.0f} s, {FOLLOWERS} streams"
    return [*rows, Row("an hour of moves: growth in the second half", "%", memory.growth(), GROWTH, note=note)]


def late(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def told(seconds: list[float]) -> str:
    return f"half within {statistics.median(seconds):.3f} s, all within {max(seconds):.3f} s"
