"""A room of 300: seconds from the lecturer's move until every follower has been told, over real connections."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from urllib.parse import urlencode

import httpx

from benchmarks.report import Row

FOLLOWERS = 300
MOVES = 40
PAUSE = 0.25  # seconds between two moves
STAY = 0.3  # seconds, the bar of a move within a page


def measure(url: str) -> list[Row]:
    """url: of a server that runs. Followers are streams, not browsers: what a browser draws is told elsewhere."""
    seconds = asyncio.run(_followed(url))
    p50, p95 = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    note = f"{FOLLOWERS} streams, {MOVES} moves; half of them within {p50:.3f} s"
    return [Row(f"a move reaches {FOLLOWERS} followers, p95", "s", p95, STAY, note=note)]


async def _followed(url: str) -> list[float]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
        room = (await client.post("/gaze/room/open", json={})).json()
        moved: dict[str, float] = {}
        heard: list[float] = []
        ready = [asyncio.Event() for _ in range(FOLLOWERS)]

        async def follow(number: int) -> None:
            query = urlencode({"link": room["link"], "browser": f"follower-{number:04}"})
            async with client.stream("GET", f"/gaze/room/events?{query}") as stream:
                async for line in stream.aiter_lines():
                    if not line.startswith("data: "):
                        continue
                    ready[number].set()
                    start = moved.get(json.loads(line[6:])["query"])
                    if start is not None:
                        heard.append(time.perf_counter() - start)

        tasks = [asyncio.create_task(follow(number)) for number in range(FOLLOWERS)]
        await asyncio.gather(*(one.wait() for one in ready))
        told = {"link": room["link"], "secret": room["secret"], "page": "attention"}
        for move in range(MOVES):
            await asyncio.sleep(PAUSE)
            query = f"?layer={move}"
            moved[query] = time.perf_counter()
            await client.post("/gaze/room/change", json=told | {"query": query})
        await asyncio.sleep(2)
        for task in tasks:
            task.cancel()
        await client.post("/gaze/room/close", json=told)
        if len(set(heard)) < FOLLOWERS:
            raise RuntimeError("followers heard of no move")
        return heard
