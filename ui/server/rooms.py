"""Rooms: a lecturer's page that others follow, what is asked of them and what they answer; kept in one file."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.types import Refused
from ui.server.guesses import Guesses
from ui.server.room_file import Room, RoomFile
from ui.server.room_moves import LONGEST_TEXT, begun, changed, check

HOURS = 12  # that a room is kept at most
MOST_ROOMS, MOST_PRESENT = 200, 2_000  # rooms, and browsers in one of them
MOST_OPTIONS = 8
MOST_SAID = 100  # sentences of students that wait for the lecturer
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another
CODE = 6  # letters of the short code
GONE = "This room is closed. Ask your lecturer for the new link."
LOOK, BEAT, PATIENCE = 0.1, 5.0, 20.0  # seconds between looks at the file and words of a server; of its silence


class Rooms:
    """All rooms of a machine, as one of its servers sees them. Refused says what is wrong.

    now: seconds by the clock on the wall, which may be set; asked once a room, for its age after a restart.
    uptime: the machine's, which only go on (while it sleeps they may stand still): all else goes by them.
    """

    def __init__(
        self, file: Path | str, now: Callable[[], float] = time.time, uptime: Callable[[], float] = time.monotonic
    ) -> None:
        self._now, self._uptime = now, uptime
        self._lock, self._settling = threading.Lock(), threading.Lock()
        self.file = RoomFile(file, secrets.token_hex(8))
        self._rooms: dict[str, Room] = {}
        self._guesses = Guesses()
        self._owed: list[tuple[str, str]] = []  # (room, browser): connections that ended, not yet written
        self._watching = False
        self.file.not_from_the_future(self._now())
        self.file.here(self._uptime(), PATIENCE)
        self.look()
        self.sweep()

    # --- the file -----------------------------------------------------------------------------------------------------

    def look(self, own: str = "") -> None:
        """Take what other servers wrote, or what this one wrote of a room, and tell who listens here."""
        with self.file.lock:
            every = self.file.changed()
            if not every and not own:
                return
            rows = {row.link: row for row in self.file.rows("" if every else own)}
            asked = set(self._rooms) if every else {own} & set(self._rooms)
            gone = [self._rooms.pop(link) for link in asked - set(rows)]
            moved = []
            for link, row in rows.items():
                if (room := self._rooms.get(link)) is None:
                    # Somebody present at another server keeps it open, whatever the clock on the wall says.
                    age = 0.0 if row.present else max(0.0, self._now() - row.opened)
                    ends = self._uptime() + HOURS * 3600 - age
                    room = self._rooms[link] = Room(link, row.code, row.secret, ends, row.state)
                if room.take(row):
                    moved.append(room)
        for listener in [one for room in (*gone, *moved) for one in tuple(room.listeners)]:
            listener()

    def watch(self) -> None:
        """Look now and then while somebody listens here, and tell the other servers that this one is here."""
        with self._lock:
            if self._watching:
                return
            self._watching = True
        threading.Thread(target=self._watch, name="rooms", daemon=True).start()

    def _watch(self) -> None:
        spoke = 0.0
        while True:
            with self._lock:
                if not any(room.listeners for room in list(self._rooms.values())):
                    self._watching = False
                    return
            with suppress(Refused, sqlite3.Error):  # of a disk that is full for a while
                if time.monotonic() - spoke >= BEAT:
                    spoke = time.monotonic()
                    self.file.here(self._uptime(), PATIENCE)
                    self._settle()
                self.look()
            time.sleep(LOOK)

    # --- rooms --------------------------------------------------------------------------------------------------------

    def open(self) -> Room:
        """A new room. Refused: there are too many."""
        self.sweep()
        with self.file.writing() as write:
            self.look()
            if len(self._rooms) >= MOST_ROOMS:
                raise Refused(f"There are {MOST_ROOMS} rooms here, which is all there can be. Close one of yours.")
            codes = {room.code for room in self._rooms.values()}
            code = next(c for c in iter(self._code, None) if c not in codes)
            row = (secrets.token_urlsafe(16), code, secrets.token_urlsafe(16), self._now(), json.dumps(begun()))
            write("insert into room values (?, ?, ?, ?, ?, 0, 0)", row)
        self.look(row[0])
        return self._rooms[row[0]]

    @staticmethod
    def _code() -> str:
        return "".join(secrets.choice(LETTERS) for _ in range(CODE))

    def room(self, link: str) -> Room:
        """The room of a link. Refused: it is closed, or never was."""
        self.look()
        return self.known(link)

    def known(self, link: str) -> Room:
        """The same as this server knows it; what others wrote comes within a moment while somebody listens here."""
        if (found := self._rooms.get(link)) is None or not self._alive(found):
            raise Refused(GONE)
        return found

    def _fresh(self, link: str) -> None:
        """Have a room as it is while this is written: another server or thread may just have changed it."""
        self.look(link)
        self.known(link)

    def led(self, link: str, secret: str) -> Room:
        """The same for who leads it. Refused: another secret."""
        if not secrets.compare_digest((room := self.room(link)).secret.encode(), secret.encode()):
            raise Refused("Only the lecturer of this room can do that.")
        return room

    def find(self, code: str, asker: str) -> str:
        """The link of a short code. Refused: there is none, its door is shut, or the asker guesses."""
        self.look()
        self._guesses.check(asker, self._uptime())
        wanted = code.strip().upper().replace(" ", "").replace("-", "")
        for room in list(self._rooms.values()):
            if secrets.compare_digest(room.code.encode(), wanted.encode()) and self._alive(room):
                if not room.state["door"]:
                    raise Refused("The door of this room is shut. Ask your lecturer to open it.")
                return room.link
        self._guesses.wrong(asker, self._uptime())
        raise Refused("No open room has this code. Read it on the screen again.")

    def _alive(self, room: Room) -> bool:
        return self._uptime() <= room.ends

    def close(self, link: str, secret: str) -> None:
        """Nothing of the room is kept."""
        self._forget(self.led(link, secret).link)

    def sweep(self) -> None:
        """Forget rooms that are too old."""
        for link in [room.link for room in list(self._rooms.values()) if not self._alive(room)]:
            self._forget(link)

    def _forget(self, link: str) -> None:
        with self.file.writing() as write:
            self.file.forget(write, link)
        self.look(link)

    # --- what the lecturer does ---------------------------------------------------------------------------------------

    def change(self, link: str, secret: str, **given: Any) -> Room:
        """Move the room, shut its door, freeze it, show a sentence or point at something. Refused: what cannot be."""
        room = self.led(link, secret)
        check(given)
        return self._set(room, lambda: changed(room.state, given, self._uptime()))

    def _set(self, room: Room, new: Callable[[], dict[str, Any]]) -> Room:
        """Change a room by what new() gives, which is asked while nobody else writes."""
        with self.file.writing() as write:
            self._fresh(room.link)
            different = new()
            if all(room.state.get(name) == value for name, value in different.items()):
                return room
            written = json.dumps(room.state | different)
            write("update room set state = ?, version = version + 1 where link = ?", (written, room.link))
        self.look(room.link)
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
        question = {"text": text.strip(), "options": options, "revealed": False, "right": -1}
        last = lambda: int((room.state["question"] or {}).get("number", 0))  # noqa: E731
        return self._set(room, lambda: {"question": {"number": 1 + last()} | question})

    def reveal(self, link: str, secret: str, right: int = -1) -> Room:
        """Show all what was answered, and which answer is right, -1 for none. Refused: nothing was asked."""
        room = self.led(link, secret)
        question = room.state["question"]
        if question is None:
            raise Refused("Nothing was asked yet.")
        right = right if 0 <= right < len(question["options"]) else -1
        return self._set(room, lambda: {"question": question | {"revealed": True, "right": right}})

    def counts(self, room: Room) -> list[int]:
        """How often each answer to the present question was given."""
        question = room.state["question"]
        if question is None:
            return []
        found = self.file.counts(room.link, question["number"])
        return [int(found.get(place, 0)) for place in range(len(question["options"]))]

    # --- what students do ---------------------------------------------------------------------------------------------

    def enter(self, link: str, browser: str) -> Room:
        """A browser begins to follow. Refused: the room is full."""
        room = self.room(link)
        if not re.fullmatch(r"[\w-]{8,64}", browser):
            raise Refused("This browser has no name. Reload the page.")
        with self.file.writing() as write:
            self._fresh(link)
            if len(room.present) >= MOST_PRESENT and browser not in room.present:
                raise Refused(f"{MOST_PRESENT:,} follow already, which is all that one room holds.")
            write("insert or replace into server values (?, ?)", (self.file.server, self._uptime()))
            write(
                "insert into present values (?, ?, ?, 1) on conflict do update set lines = lines + 1",
                (link, browser, self.file.server),
            )
        self.look(room.link)
        return room

    def leave(self, room: Room, browser: str) -> None:
        """One of its connections has ended; where that cannot be written now, it is a little later."""
        self._owed.append((room.link, browser))
        with suppress(Refused):
            self._settle()

    def _settle(self) -> None:
        """Write which connections have ended. Refused: that cannot be written now."""
        with self._settling:
            self.file.left(ended := list(self._owed))
            del self._owed[: len(ended)]
        for link in dict.fromkeys(link for link, _ in ended):
            self.look(link)

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
        with self.file.writing() as write:
            write("insert or replace into vote values (?, ?, ?, ?)", (link, question, browser, choice))
            write("update room set votes = votes + 1 where link = ?", (link,))
        self.look(room.link)
        return room

    def say(self, link: str, browser: str, text: str) -> Room:
        """Send the lecturer a sentence. Refused: it is empty or long, or three of this browser's wait already."""
        room = self.room(link)
        if browser not in room.present:
            raise Refused("You are not in this room any more. Reload the page.")
        text = " ".join(text.split())
        if not text or len(text) > LONGEST_TEXT:
            raise Refused(f"Send 1 to {LONGEST_TEXT} characters.")
        with self.file.writing() as write:
            self._fresh(link)
            if sum(one["browser"] == browser for one in room.said) >= 3:
                raise Refused("Three sentences of yours wait for the lecturer already.")
            write("insert into said (link, browser, text) values (?, ?, ?)", (link, browser, text))
            for old in room.said[: max(0, len(room.said) + 1 - MOST_SAID)]:
                write("delete from said where number = ?", (old["number"],))
        self.look(room.link)
        return room

    def take(self, link: str, secret: str, place: int, *, show: bool) -> Room:
        """The lecturer puts a sentence on the screen, or aside."""
        room = self.led(link, secret)
        with self.file.writing() as write:
            self._fresh(link)
            if not 0 <= place < len(room.said):
                raise Refused("This sentence was taken already.")
            text = str(room.said[place]["text"])
            write("delete from said where number = ?", (room.said[place]["number"],))
        self.look(room.link)
        return self._set(room, lambda: {"shown": text}) if show else room
