"""A room in a soak: a lecturer who moves, asks and reveals, and followers of whom each must hear of every move."""

from __future__ import annotations

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlencode

from benchmarks.following import events
from benchmarks.soak.town import GONE, Town, sentence
from benchmarks.soak.visitors import closed, shown
from benchmarks.tab import Tab

PAUSE = 1.5  # seconds between two moves
ASKED, OPEN = 12, 3  # moves between two questions to the room; how long one is open
PAGES = ("attention", "next_token", "tokenizers", "blank")
SLEEPY, AGAIN = 0.01, 0.5  # share of messages after which a stream begins anew; seconds until one does after a fault
HEARD = 20.0  # seconds within which a follower must have heard of a move, a restart not counted
OPTIONS = ["cat", "mat", "bank"]


@dataclass
class Move:
    """One move of the lecturer."""

    began: float
    waits: set[int]  # followers that have not heard of it


@dataclass
class Lecture:
    """A room, and who knows what of it."""

    link: str = ""
    secret: str = ""
    listening: set[int] = field(default_factory=set)
    moves: dict[int, Move] = field(default_factory=dict)
    votes: dict[int, set[int]] = field(default_factory=dict)  # question -> who voted, and was told so

    def order(self, **more: Any) -> bytes:
        return json.dumps({"link": self.link, "secret": self.secret, **more}).encode()


async def opened(town: Town) -> Lecture:
    """A new room. RuntimeError: there is none."""
    outcome, reply = await town.post("order of the lecturer", "/gaze/room/open", b"{}")
    if outcome != "answered":
        raise RuntimeError(f"no room could be opened: {outcome}")
    made = json.loads(reply)
    return Lecture(made["link"], made["secret"])


async def lecturer(town: Town, lecture: Lecture) -> None:
    """Moves from page to page and from sentence to sentence; asks now and then, and reveals."""
    chance, number = random.Random(0), 0
    while not town.ending:
        number += 1
        query = urlencode({"text": sentence(chance), "move": number})
        lecture.moves[number] = Move(town.now, set(lecture.listening))
        body = lecture.order(page=chance.choice(PAGES), query=f"?{query}", browser="lecturer-0000")
        outcome, _ = await town.post("move of the lecturer", "/gaze/room/change", body)
        if outcome != "answered":
            lecture.moves.pop(number, None)
        lost_moves(town, lecture)
        await asyncio.sleep(PAUSE)
        if number % ASKED == 0:
            await question(town, lecture)
    await asyncio.sleep(PAUSE)
    lost_moves(town, lecture, 0.0)


async def question(town: Town, lecture: Lecture) -> None:
    """Ask the room, wait for votes, and hold what is revealed against what students were told."""
    outcome, _ = await town.post(
        "order of the lecturer", "/gaze/room/ask", lecture.order(text="Which?", options=OPTIONS)
    )
    if outcome != "answered":
        return
    await asyncio.sleep(OPEN)
    await town.post("order of the lecturer", "/gaze/room/reveal", lecture.order(right=1))


def lost_moves(town: Town, lecture: Lecture, patience: float = HEARD) -> None:
    """Count as lost who has not heard of a move for too long; what all have heard is forgotten."""
    for number, move in list(lecture.moves.items()):
        if move.waits and town.up.is_set() and town.now - move.began > patience:
            for one in move.waits:
                town.ledger.begin("move that is heard")
                town.ledger.end("move that is heard", "lost", town.now, note=f"follower {one} of move {number}")
            move.waits = set()
        if not move.waits:
            del lecture.moves[number]


async def follower(town: Town, lecture: Lecture, number: int, latest: asyncio.Queue[dict] | None = None) -> None:
    """Hears of moves, votes, and comes back where the stream breaks off, until it is called off.

    latest: where the newest message is put, for a page that follows too.
    """
    chance, name = random.Random(1_000 + number), f"follower-{number:04}"
    while True:
        await town.up.wait()
        began = town.now
        try:
            async for message in events(town.url, lecture.link, name):
                lecture.listening.add(number)
                hear(town, lecture, number, message, began)
                if latest is not None:
                    put(latest, message)
                elif chance.random() < SLEEPY:
                    break  # and comes again, as a tab that slept
                asked = message["question"]
                if asked and asked["revealed"]:
                    recount(town, lecture, asked)
                elif asked and number not in lecture.votes.setdefault(asked["number"], set()):
                    await vote(town, lecture, number, name, asked["number"], chance.randrange(len(OPTIONS)))
        except (*GONE, RuntimeError):
            await asyncio.sleep(AGAIN)


def put(latest: asyncio.Queue[dict], message: dict[str, Any]) -> None:
    """The newest message takes the place of one that nobody looked at yet."""
    if latest.full():
        latest.get_nowait()
    latest.put_nowait(message)


async def look(town: Town, latest: asyncio.Queue[dict]) -> None:
    """A tab that goes where the lecturer is."""
    tab = Tab(town.url)
    while not town.ending:
        with suppress(TimeoutError):
            async with asyncio.timeout(PAUSE):
                message = await latest.get()
            page, query = message["page"] or "start", message["query"].removeprefix("?")
            await town.ask("page that follows", partial(shown, tab, page, query))
    await closed(tab)


def hear(town: Town, lecture: Lecture, number: int, message: dict[str, Any], since: float) -> None:
    """A follower heard: of this move, and with it of all before. since: when its stream began."""
    last = int(parse_qs(message["query"].removeprefix("?")).get("move", ["0"])[0])
    for place, move in lecture.moves.items():
        if place <= last and number in move.waits:
            move.waits.discard(number)
            town.ledger.begin("move that is heard")
            took = town.now - move.began if since < move.began else None  # else the stream came later than the move
            town.ledger.end("move that is heard", "answered", town.now, took)


async def vote(town: Town, lecture: Lecture, number: int, name: str, asked: int, choice: int) -> None:
    body = json.dumps({"link": lecture.link, "browser": name, "question": asked, "choice": choice}).encode()
    outcome, _ = await town.post("vote", "/gaze/room/vote", body)
    if outcome == "answered":
        lecture.votes.setdefault(asked, set()).add(number)


def recount(town: Town, lecture: Lecture, asked: dict[str, Any]) -> None:
    """Every vote that was taken is among those that are revealed; looked at once a question."""
    voted = lecture.votes.pop(asked["number"], None)
    if voted is None:
        return
    town.ledger.begin("votes revealed")
    right = sum(asked["counts"]) >= len(voted)
    note = f"{sum(asked['counts'])} revealed, {len(voted)} taken"
    town.ledger.end("votes revealed", "answered" if right else "failed", town.now, note=note)
