"""A lecture at once: websocket clients that speak as Streamlit's browser does, without a browser's own work.

A client opens the Attention page of a model with a text in its address; its time runs from the message that asks for
the page to the server's word that the script has finished, so that it holds all that the server does, packing included.
All clients run in one process on the machine that they ask: their own work is in the times.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

import websockets

from benchmarks import models
from benchmarks.report import Row
from benchmarks.tab import connected, drawn, question

WORDS = 30  # of a text: 32 tokens
CLIENTS, CONNECTED, ACTIVE = 30, 300, 60


@dataclass(frozen=True)
class Visit:
    """One client's page."""

    seconds: float
    failed: bool  # an exception, or no end


async def visit(socket: websockets.ClientConnection, page: str, query: str) -> Visit:
    """Ask for a page, and wait until the server has drawn it."""
    start = time.perf_counter()
    try:
        seen = await drawn(socket, question(page, query))
    except (TimeoutError, websockets.ConnectionClosed):
        return Visit(time.perf_counter() - start, failed=True)
    return Visit(seen.seconds, failed=bool(seen.failed))


async def _at_once(url: str, page: str, queries: Sequence[str], idle: int) -> list[Visit]:
    sockets = [await connected(url) for _ in range(idle + len(queries))]
    try:
        await asyncio.gather(*(visit(one, "start", "") for one in sockets[:idle]))
        asked = zip(sockets[idle:], queries, strict=True)
        return await asyncio.gather(*(visit(socket, page, query) for socket, query in asked))
    finally:
        await asyncio.gather(*(one.close() for one in sockets))


def at_once(url: str, page: str, queries: Sequence[str], idle: int = 0) -> list[Visit]:
    """One visit a query, all begun together, while so many others are connected and do nothing."""
    with ThreadPoolExecutor(1) as thread:  # of its own: where a browser is driven, this one has an event loop
        return thread.submit(lambda: asyncio.run(_at_once(url, page, queries, idle))).result()


def one_by_one(url: str, page: str, queries: Sequence[str]) -> list[Visit]:
    return [one for query in queries for one in at_once(url, page, [query])]


def told(visits: Sequence[Visit]) -> str:
    """p50, p95 and p99, and how many failed."""
    seconds = [one.seconds for one in visits]
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    shares = ", ".join(f"p{share} {cuts[share - 1]:.2f} s" for share in (50, 95, 99))
    return f"{shares}; {sum(one.failed for one in visits)} of {len(visits)} failed"


def late(visits: Sequence[Visit]) -> float:
    """The 95th percentile, in seconds."""
    return statistics.quantiles([one.seconds for one in visits], n=100, method="inclusive")[94]


def queries(model: str, count: int, seed: int, *, same: bool = False) -> list[str]:
    """Addresses of the Attention page: as many texts, or one."""
    texts = [models.text_of(WORDS, seed + (0 if same else i)) for i in range(count)]
    return [urlencode({"model": model, "text": text}) for text in texts]


def measure(url: str, model: str) -> list[Row]:
    """What a lecture waits for."""
    page = "attention"
    one_by_one(url, page, queries(model, 2, 90_000))
    same = at_once(url, page, queries(model, CLIENTS, 91_000, same=True))
    began = time.perf_counter()
    alone = one_by_one(url, page, queries(model, CLIENTS, 92_000))
    alone_seconds, began = time.perf_counter() - began, time.perf_counter()
    different = at_once(url, page, queries(model, CLIENTS, 93_000))
    together_seconds = time.perf_counter() - began
    many = at_once(url, page, queries(model, ACTIVE, 94_000), CONNECTED - ACTIVE)
    right = lambda visits: not any(one.failed for one in visits)  # noqa: E731
    gain = alone_seconds / together_seconds
    return [
        Row(f"{CLIENTS} on one example: p95", "s", late(same), 0.6, right=right(same), note=told(same)),
        Row(f"{CLIENTS} different texts: p95", "s", late(different), 2.5, right=right(different), note=told(different)),
        Row(f"{CLIENTS} different texts one by one", "s", late(alone), note=told(alone)),
        Row("throughput, times one by one's", "x", gain, right=gain >= 2, note="bar: at least 2"),
        Row(f"{CONNECTED} connected, {ACTIVE} active: p95", "s", late(many), right=right(many), note=told(many)),
    ]
