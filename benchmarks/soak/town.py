"""The server that is soaked and what all visitors know of it: whether it is up, and what is wrong with it now."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import websockets

from benchmarks.soak.ledger import Ledger
from benchmarks.tab import OURS, sent
from tests.chromium import Server

LAG = 8.0  # seconds after a fault in which its refusals may still come: as long as SQLite waits, and a little
GONE = (OSError, EOFError, TimeoutError, websockets.ConnectionClosed, websockets.InvalidHandshake)
WORDS = tuple(
    word
    for line in (
        "the a old young small bright quiet red green cold cat dog bird river bank house tree child teacher book song",
        "sea sleeps runs sings falls waits reads grows turns looks opens under over near behind beside into while and",
    )
    for word in line.split()
)


@dataclass
class Town:
    """One run: its book, its server, and the faults that are being caused."""

    server: Server
    folder: Path  # GAZE_FOLDER of the server
    own: Path  # a model of somebody's own, which is deleted and trained anew
    ledger: Ledger
    seconds: float
    began: float = field(default_factory=time.monotonic)
    up: asyncio.Event = field(default_factory=asyncio.Event)  # cleared while the server is started anew
    ending: bool = False  # nobody asks anything new
    caused: dict[str, int] = field(default_factory=dict)  # fault -> how often it was caused, and had its effect
    _wrong: dict[str, tuple[frozenset[str], float]] = field(default_factory=dict)  # fault -> (kinds it refuses, until)

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.began

    @property
    def url(self) -> str:
        return self.server.url

    @contextmanager
    def fault(self, name: str, *kinds: str) -> Iterator[None]:
        """While a fault lasts, and a little longer, questions of these kinds may be refused."""
        self._wrong[name] = frozenset(kinds), float("inf")
        try:
            yield
            self.caused[name] = self.caused.get(name, 0) + 1
        finally:
            self._wrong[name] = frozenset(kinds), self.now + LAG

    def may_refuse(self, kind: str, since: float) -> bool:
        """Whether a fault was about that refuses this kind, at some time since then."""
        return any(kind in kinds and until >= since for kinds, until in self._wrong.values())

    async def ask(self, kind: str, question: Callable[[], Awaitable[tuple[str, str]]]) -> str:
        """Ask, count what becomes of it, and give that. question: gives (outcome, word).

        What a restart cuts off is asked again once the server is back; its time runs from then.
        """
        self.ledger.begin(kind)
        while True:
            await self.up.wait()
            began = self.now
            try:
                outcome, word = await question()
            except GONE as error:
                if not self.up.is_set() or await self._going():
                    self.ledger.again[kind] += 1
                    continue
                outcome, word = "lost", f"{type(error).__name__} {error}"[:200]
            if outcome == "refused" and not self.may_refuse(kind, began):
                outcome = "unfounded"
            took = self.now - began if outcome in ("answered", "refused") else None
            self.ledger.end(kind, outcome, self.now, took, word)
            return outcome

    async def _going(self) -> bool:
        """Whether the connection broke because the server was just told to end: that is known a moment later."""
        await asyncio.sleep(0.3)
        return not self.up.is_set()

    async def post(self, kind: str, path: str, body: bytes) -> tuple[str, bytes]:
        """A message to a route, counted: (outcome, the reply)."""
        kept = b""

        async def question() -> tuple[str, str]:
            nonlocal kept
            status, kept = await sent(self.url, "POST", path, body, {"Content-Type": "application/json"})
            return judged(status, kept)

        return await self.ask(kind, question), kept


def judged(status: int, body: bytes) -> tuple[str, str]:
    """(outcome, word) of a reply: a refusal is a 4xx with a sentence, or with what is lacking."""
    said = body[:200].decode(errors="replace")
    if status >= 500 or (status >= 400 and not body) or OURS in body[-2_000:].decode(errors="replace"):
        return "failed", f"{status} {said}"
    return ("refused", said) if status >= 400 else ("answered", "")


def sentence(chance: random.Random) -> str:
    """A text that hardly anybody asked before."""
    return " ".join(chance.choices(WORDS, k=chance.randint(5, 14))) + f" {chance.randint(0, 99_999)}."
