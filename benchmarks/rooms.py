"""A room of 300: seconds from the lecturer's move until every follower has been told, over real connections."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
import urllib.request
from urllib.parse import urlencode, urlsplit

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
    room = await _sent(url, "open", {})
    moved: dict[str, float] = {}
    heard: list[tuple[int, float]] = []
    ready = [asyncio.Event() for _ in range(FOLLOWERS)]
    host = urlsplit(url)

    async def follow(number: int) -> None:
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        query = urlencode({"link": room["link"], "browser": f"follower-{number:04}"})
        writer.write(f"GET /gaze/room/events?{query} HTTP/1.1\r\nHost: {host.netloc}\r\n\r\n".encode())
        try:
            while line := (await reader.readline()).decode():
                if not line.startswith("data: "):
                    continue
                ready[number].set()
                start = moved.get(json.loads(line[6:])["query"])
                if start is not None:
                    heard.append((number, time.perf_counter() - start))
        finally:
            writer.close()

    tasks = [asyncio.create_task(follow(number)) for number in range(FOLLOWERS)]
    await asyncio.gather(*(one.wait() for one in ready))
    told = {"link": room["link"], "secret": room["secret"], "page": "attention"}
    for move in range(MOVES):
        await asyncio.sleep(PAUSE)
        query = f"?layer={move}"
        moved[query] = time.perf_counter()
        await _sent(url, "change", told | {"query": query})
        await asyncio.sleep(PAUSE)
        del moved[query]  # a message that comes again, because somebody came, is no move
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await _sent(url, "close", told)
    if len({number for number, _ in heard}) < FOLLOWERS:
        raise RuntimeError("some followers heard of no move")
    return [seconds for _, seconds in heard]


async def _sent(url: str, what: str, body: dict[str, str]) -> dict[str, str]:
    def send() -> dict[str, str]:
        order = urllib.request.Request(f"{url}/gaze/room/{what}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(order, timeout=30) as reply:
            return dict(json.load(reply))

    return await asyncio.to_thread(send)
