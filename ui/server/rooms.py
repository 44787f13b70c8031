"""Rooms: a lecturer's page that others follow, what is asked of them and what they answer; in one SQLite file."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.types import Refused

HOURS = 12  # that a room is kept at most
MOST_ROOMS = 200
MOST_PRESENT = 2_000  # in one room
LONGEST_QUERY = 20_000  # characters of an address
LONGEST_TEXT = 300  # of a question, or of what a student sends
MOST_OPTIONS = 8
MOST_SAID = 100  # sentences of students that wait for the lecturer
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another
CODE = 6  # letters of the short code
TRIES, SPAN = 20, 60.0  # wrong codes from one address, in so many seconds
PAGE = re.compile(r"[a-z_]{0,40}")
SPOT = re.compile(r"(picture|control|head|row|column|cell|at)( [\w.-]{1,80}){0,3}")  # as lessons write what lights up
TOGETHER = 3.0  # seconds within which two lecturers move at once
GONE = "This room is closed. Ask your lecturer for the new link."
MADE = """
create table if not exists room (link text primary key, code text unique, secret text, opened real, state text);
create table if not exists vote (link text, question integer, voter text, choice integer,
    primary key (link, question, voter));
"""


@dataclass
class Room:
    """A room as the server holds it while it is open; its state is in the file, too."""

    link: str  # 128 bits: who has it may follow
    code: str  # short, for those who type; works while the door is open
    secret: str  # who has it leads
    opened: float
    state: dict[str, Any]
    version: int = 0  # of the state
    votes: int = 0  # since the server runs
    listeners: set[Callable[[], None]] = field(default_factory=set)  # called when the state has changed
    present: Counter[str] = field(default_factory=Counter)  # browser -> open connections
    written: dict[bool, tuple[Any, str]] = field(default_factory=dict)  # leads -> (of which state, what is sent)
    said: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_SAID))
    moved: float = 0.0  # when it was moved last


def begun() -> dict[str, Any]:
    """The state of a room that was just opened."""
    state = {"page": "", "query": "", "door": True, "frozen": False, "question": None, "shown": "", "spot": ""}
    return state | {"mover": "", "clash": 0}  # the browser that moved it last; how often two lecturers moved at once


class Rooms:
    """All rooms of a server. Refused says what is wrong with a request; `now` gives seconds."""

    def __init__(self, file: Path | str, now: Callable[[], float] = time.time) -> None:
        self._now, self._lock = now, threading.Lock()
        self._file = sqlite3.connect(str(file), check_same_thread=False, isolation_level=None)
        self._file.executescript(MADE)
        self._rooms: dict[str, Room] = {}
        self._tries: dict[str, deque[float]] = {}
        for link, code, secret, opened, state in self._file.execute("select * from room"):
            self._rooms[link] = Room(link, code, secret, opened, begun() | json.loads(state))
        self.sweep()

    # --- rooms --------------------------------------------------------------------------------------------------------

    def open(self) -> Room:
        """A new room. Refused: there are too many."""
        self.sweep()
        with self._lock:
            if len(self._rooms) >= MOST_ROOMS:
                raise Refused(f"There are {MOST_ROOMS} rooms here, which is all there can be. Close one of yours.")
            codes = {room.code for room in self._rooms.values()}
            code = next(c for c in iter(self._code, None) if c not in codes)
            room = Room(secrets.token_urlsafe(16), code, secrets.token_urlsafe(16), self._now(), begun())
            self._rooms[room.link] = room
            row = (room.link, room.code, room.secret, room.opened, json.dumps(room.state))
            self._file.execute("insert into room values (?, ?, ?, ?, ?)", row)
            return room

    @staticmethod
    def _code() -> str:
        return "".join(secrets.choice(LETTERS) for _ in range(CODE))

    def room(self, link: str) -> Room:
        """The room of a link. Refused: it is closed, or never was."""
        found = self._rooms.get(link)
        if found is None or self._now() - found.opened > HOURS * 3600:
            raise Refused(GONE)
        return found

    def led(self, link: str, secret: str) -> Room:
        """The same for who leads it. Refused: another secret."""
        room = self.room(link)
        if not secrets.compare_digest(room.secret.encode(), secret.encode()):
            raise Refused("Only the lecturer of this room can do that.")
        return room

    def find(self, code: str, asker: str) -> str:
        """The link of a short code. Refused: there is none, its door is shut, or the asker guesses."""
        with self._lock:
            if len(self._tries) > 10_000:
                self._tries.clear()
            tries = self._tries.setdefault(asker, deque(maxlen=TRIES))
            if len(tries) == TRIES and self._now() - tries[0] < SPAN:
                raise Refused("Too many wrong codes from here. Wait a minute, and read the code on the screen again.")
            wanted = code.strip().upper().replace(" ", "").replace("-", "")
            for room in self._rooms.values():
                if secrets.compare_digest(room.code.encode(), wanted.encode()) and self._alive(room):
                    if not room.state["door"]:
                        raise Refused("The door of this room is shut. Ask your lecturer to open it.")
                    return room.link
            tries.append(self._now())
            raise Refused("No open room has this code. Read it on the screen again.")

    def _alive(self, room: Room) -> bool:
        return self._now() - room.opened <= HOURS * 3600

    def close(self, link: str, secret: str) -> None:
        """Nothing of the room is kept."""
        self._forget(self.led(link, secret).link)

    def sweep(self) -> None:
        """Forget rooms that are too old."""
        for room in [room for room in self._rooms.values() if not self._alive(room)]:
            self._forget(room.link)

    def _forget(self, link: str) -> None:
        with self._lock:
            found = self._rooms.pop(link, None)
            self._file.execute("delete from room where link = ?", (link,))
            self._file.execute("delete from vote where link = ?", (link,))
        for listener in tuple(found.listeners) if found else ():
            listener()

    # --- what the lecturer does ---------------------------------------------------------------------------------------

    def change(self, link: str, secret: str, **given: Any) -> Room:
        """Move the room, shut its door, freeze it, show a sentence or point at something. Refused: what cannot be."""
        room = self.led(link, secret)
        page, query = given.get("page", room.state["page"]), given.get("query", room.state["query"])
        if not isinstance(page, str) or not PAGE.fullmatch(page):
            raise Refused("A room stands at a page of Gaze.")
        if not isinstance(query, str) or len(query) > LONGEST_QUERY:
            raise Refused(f"An address has up to {LONGEST_QUERY:,} characters.")
        shown = given.get("shown", room.state["shown"])
        if not isinstance(shown, str) or len(shown) > LONGEST_TEXT:
            raise Refused(f"A sentence on the screen has up to {LONGEST_TEXT} characters.")
        spot = given.get("spot", room.state["spot"] if page == room.state["page"] else "")
        if not isinstance(spot, str) or (spot and not SPOT.fullmatch(spot)):
            raise Refused("A spotlight falls on a picture, a control, a head, a row, a column, a cell or a place.")
        new: dict[str, Any] = {"page": page, "query": query, "shown": shown, "spot": spot}
        new |= {name: bool(given[name]) for name in ("door", "frozen") if name in given}
        if (page, query) != (room.state["page"], room.state["query"]):
            new |= self._moved(room, given.get("by", ""))
        return self._set(room, **new)

    def _moved(self, room: Room, mover: str) -> dict[str, Any]:
        """What is noted of a move: the last one counts, and where two lecturers moved at once both are told."""
        before, since = room.state["mover"], self._now() - room.moved
        room.moved = self._now()
        clash = bool(before and mover and before != mover and since < TOGETHER)
        return {"mover": mover, "clash": room.state["clash"] + clash}

    def _set(self, room: Room, **new: Any) -> Room:
        with self._lock:
            if all(room.state.get(name) == value for name, value in new.items()):
                return room
            room.state = room.state | new
            room.version += 1
            self._file.execute("update room set state = ? where link = ?", (json.dumps(room.state), room.link))
        for listener in tuple(room.listeners):
            listener()
        return room

    def ask(self, link: str, secret: str, text: str, options: list[str]) -> Room:
        """Ask all a question. Refused: fewer than two answers, too many, or too long ones."""
        room = self.led(link, secret)
        options = [str(one).strip() for one in options if str(one).strip()]
        if not text.strip() or not 2 <= len(options) <= MOST_OPTIONS:
            raise Refused(f"A question has a sentence and 2 to {MOST_OPTIONS} answers, one a line.")
        if len(set(options)) < len(options):
            raise Refused("Two answers are the same. Change one of them.")
        if max(len(one) for one in (text, *options)) > LONGEST_TEXT:
            raise Refused(f"A question and its answers have up to {LONGEST_TEXT} characters each.")
        number = 1 + int((room.state["question"] or {}).get("number", 0))
        question = {"number": number, "text": text.strip(), "options": options, "revealed": False, "right": -1}
        return self._set(room, question=question)

    def reveal(self, link: str, secret: str, right: int = -1) -> Room:
        """Show all what was answered, and which answer is right, -1 for none. Refused: nothing was asked."""
        room = self.led(link, secret)
        question = room.state["question"]
        if question is None:
            raise Refused("Nothing was asked yet.")
        right = right if 0 <= right < len(question["options"]) else -1
        return self._set(room, question=question | {"revealed": True, "right": right})

    def counts(self, room: Room) -> list[int]:
        """How often each answer to the present question was given."""
        question = room.state["question"]
        if question is None:
            return []
        rows = self._file.execute(
            "select choice, count(*) from vote where link = ? and question = ? group by choice",
            (room.link, question["number"]),
        )
        found = dict(rows.fetchall())
        return [int(found.get(place, 0)) for place in range(len(question["options"]))]

    # --- what students do ---------------------------------------------------------------------------------------------

    def enter(self, link: str, browser: str) -> Room:
        """A browser begins to follow. Refused: the room is full."""
        room = self.room(link)
        if not re.fullmatch(r"[\w-]{8,64}", browser):
            raise Refused("This browser has no name. Reload the page.")
        with self._lock:
            if len(room.present) >= MOST_PRESENT and browser not in room.present:
                raise Refused(f"{MOST_PRESENT:,} follow already, which is all that one room holds.")
            room.present[browser] += 1
        return room

    def leave(self, room: Room, browser: str) -> None:
        """One of its connections has ended."""
        with self._lock:
            room.present[browser] -= 1
            if room.present[browser] <= 0:
                del room.present[browser]

    def vote(self, link: str, browser: str, question: int, choice: int) -> Room:
        """One answer a browser that is present; another one takes its place. Refused: it is too late, or none."""
        room = self.room(link)
        asked = room.state["question"]
        if browser not in room.present:
            raise Refused("You are not in this room any more. Reload the page.")
        if asked is None or asked["number"] != question or asked["revealed"]:
            raise Refused("This question is over.")
        if not 0 <= choice < len(asked["options"]):
            raise Refused("There is no such answer.")
        with self._lock:
            self._file.execute("insert or replace into vote values (?, ?, ?, ?)", (link, question, browser, choice))
            room.votes += 1
        return room

    def say(self, link: str, browser: str, text: str) -> Room:
        """Send the lecturer a sentence. Refused: it is empty or long, or three of this browser's wait already."""
        room = self.room(link)
        if browser not in room.present:
            raise Refused("You are not in this room any more. Reload the page.")
        text = " ".join(text.split())
        if not text or len(text) > LONGEST_TEXT:
            raise Refused(f"Send 1 to {LONGEST_TEXT} characters.")
        with self._lock:
            if sum(one["browser"] == browser for one in room.said) >= 3:
                raise Refused("Three sentences of yours wait for the lecturer already.")
            room.said.append({"browser": browser, "text": text})
        return room

    def take(self, link: str, secret: str, place: int, *, show: bool) -> Room:
        """The lecturer puts a sentence on the screen, or aside."""
        room = self.led(link, secret)
        with self._lock:
            if not 0 <= place < len(room.said):
                raise Refused("This sentence was taken already.")
            text = str(room.said[place]["text"])
            del room.said[place]
        return self._set(room, shown=text) if show else room
