"""What is looked at before a class: models, machine, the address that students need, and a room of thirty."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil

from core.data.kept_cards import folder
from core.device import describe
from core.store.shelf import SHELF, available_offline
from core.types import Refused
from launch import ports

ROOT = Path(__file__).resolve().parents[2]
FOLLOWERS, MOVES, PAUSE = 30, 10, 0.1
STAY = 0.3  # seconds within which a follower is told of a move
MEMORY, DISK = 3e9, 1e9  # bytes that should be free
PATIENCE = 90  # seconds for a server to be up
Line = tuple[bool, str]  # whether it is well, and what is said of it


def models() -> Iterator[Line]:
    """Whether the built-in models are here and whole, and which others are."""
    from core.store.opening import open_model

    built_in = [name for name, card in SHELF.items() if card.provenance == "built in"]
    broken = []
    for name in built_in:
        try:
            open_model(name)
        except Refused as advice:
            broken.append(f"{name}: {advice}")
    others = [name for name in available_offline() if name not in built_in]
    yield (
        not broken,
        f"{len(built_in) - len(broken)} of {len(built_in)} built-in models open"
        + "".join(f"\n      {one}" for one in broken),
    )
    yield (
        True,
        f"also here: {', '.join(others)}"
        if others
        else ("no other model is here; python run.py fetch NAME gets one while there is a network"),
    )


def machine() -> Iterator[Line]:
    """Processor, memory and disk."""
    yield True, f"{describe()} It has {os.cpu_count()} cores."
    free = psutil.virtual_memory().available
    yield (
        free >= MEMORY,
        f"{free / 1e9:.1f} GB of memory are free"
        + ("" if free >= MEMORY else f"; {MEMORY / 1e9:.0f} should be: close other programs"),
    )
    place = folder()
    while not place.exists():
        place = place.parent
    left = shutil.disk_usage(place).free
    yield left >= DISK, f"{left / 1e9:.1f} GB of disk are free" + ("" if left >= DISK else "; make room for models")


def addresses() -> Iterator[Line]:
    """Where the app will be found, and by whom."""
    well = ports.free("0.0.0.0", ports.FIRST_PORT)
    yield well, f"port {ports.FIRST_PORT} is " + ("free" if well else "taken: Gaze will take the next free one")
    found = ports.room_address("0.0.0.0", ports.FIRST_PORT)
    yield (
        bool(found),
        (
            f"students will find it at {found} once it is started with --host 0.0.0.0"
            if found
            else "this machine has no address in a network: students will not find it. Connect it first."
        ),
    )


def room() -> Iterator[Line]:
    """A server of its own, and a lecturer whom thirty follow."""
    port = ports.choose_port("127.0.0.1", None)
    command = [sys.executable, str(ROOT / "run.py"), "--no-browser", "--port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "GAZE_PUBLIC": "0"}, **quiet)  # type: ignore[call-overload]
    try:
        url, end = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
        while not _up(url):
            if time.monotonic() > end or server.poll() is not None:
                yield False, "the server did not start: python run.py says why"
                return
            time.sleep(0.5)
        seconds = asyncio.run(followed(url, FOLLOWERS, MOVES, PAUSE))
        slow = statistics.quantiles(seconds, n=20)[-1]
        yield (
            slow <= STAY,
            f"{FOLLOWERS} followers are told of a move within {slow:.2f} s"
            + ("" if slow <= STAY else f"; {STAY} would be well: what else is this machine at?"),
        )
    finally:
        server.terminate()
        server.wait(20)


def _up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


async def followed(url: str, followers: int, moves: int, pause: float) -> list[float]:
    """Seconds from each of a lecturer's moves until each follower was told, over connections of their own.

    RuntimeError: somebody heard of none.
    """
    room = await _sent(url, "open", {})
    moved: dict[str, float] = {}
    heard: list[tuple[int, float]] = []
    ready = [asyncio.Event() for _ in range(followers)]
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

    tasks = [asyncio.create_task(follow(number)) for number in range(followers)]
    await asyncio.gather(*(one.wait() for one in ready))
    told = {"link": room["link"], "secret": room["secret"], "page": "attention"}
    for move in range(moves):
        await asyncio.sleep(pause)
        query = f"?layer={move}"
        moved[query] = time.perf_counter()
        await _sent(url, "change", told | {"query": query})
        await asyncio.sleep(pause)
        del moved[query]  # a message that comes again, because somebody came, is no move
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await _sent(url, "close", told)
    if len({number for number, _ in heard}) < followers:
        raise RuntimeError("some followers heard of no move")
    return [seconds for _, seconds in heard]


async def _sent(url: str, what: str, body: dict[str, str]) -> dict[str, str]:
    def send() -> dict[str, str]:
        order = urllib.request.Request(f"{url}/gaze/room/{what}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(order, timeout=30) as reply:
            return dict(json.load(reply))

    return await asyncio.to_thread(send)


def main() -> int:
    """Says what is found, a line each; 1 where something is not well."""
    well = True
    for part in (models, machine, addresses, room):
        for good, said in part():
            well &= good
            sys.stdout.write(f"{'ok ' if good else 'NO '}  {said}\n")
            sys.stdout.flush()
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
