"""The file of the rooms: SQLite, which several servers of one machine read and write, each by its own connection."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.types import Refused
from ui.server.room_moves import begun

WAIT = 5.0  # seconds that one server waits for another's write
SHORT, SOON = 50, 0.02  # milliseconds for which SQLite itself waits; seconds between two tries to write
BUSY = "The rooms cannot be written just now. Try again in a moment."
MADE = """
create table if not exists room (link text primary key, code text unique, secret text, opened real, state text);
create table if not exists vote (link text, question integer, voter text, choice integer,
    primary key (link, question, voter));
create table if not exists present (link text, browser text, server text, lines integer,
    primary key (link, browser, server));
create table if not exists said (number integer primary key autoincrement, link text, browser text, text text);
create table if not exists server (name text primary key, seen real);
"""
#: What rooms of an older Gaze lack.
ADDED = ("version", "votes")


@dataclass(frozen=True)
class Row:
    """A room as the file holds it."""

    link: str
    code: str
    secret: str
    opened: float  # by the clock on the wall, which outlasts a restart
    state: dict[str, Any]
    version: int
    votes: int
    present: Counter[str]  # browser -> open connections, of all servers
    said: list[dict[str, Any]]  # {number, browser, text}, in the order in which they came


@dataclass
class Room:
    """A room as a server holds it while it is open: what the file says of it, and who listens here."""

    link: str  # 128 bits: who has it may follow
    code: str  # short, for those who type; works while the door is open
    secret: str  # who has it leads
    ends: float  # by the clock of the machine's uptime
    state: dict[str, Any]
    version: int = 0  # of the state
    votes: int = 0  # so far, changed ones included
    listeners: set[Callable[[], None]] = field(default_factory=set)  # called when it has changed
    present: Counter[str] = field(default_factory=Counter)  # browser -> open connections
    written: dict[bool, tuple[Any, str]] = field(default_factory=dict)  # leads -> (of which state, what is sent)
    said: list[dict[str, Any]] = field(default_factory=list)

    def take(self, row: Row) -> bool:
        """Be what the file says; whether its state is another than before."""
        before = self.version
        for name in ("state", "version", "votes", "present", "said"):
            setattr(self, name, getattr(row, name))
        return before != self.version


class RoomFile:
    """One server's connection to the file; safe for many threads."""

    def __init__(self, file: Path | str, server: str) -> None:
        self.server, self.lock = server, threading.RLock()
        self._file = sqlite3.connect(str(file), check_same_thread=False, isolation_level=None, timeout=WAIT)
        self._file.execute("pragma journal_mode = wal")
        self._file.execute("pragma synchronous = normal")  # a cut of the current may cost the last votes, not the file
        with self.writing() as write:
            for statement in MADE.strip().split(";\n"):
                write(statement)
            held = {row[1] for row in write("pragma table_info(room)")}
            for name in ADDED:
                if name not in held:
                    write(f"alter table room add column {name} integer default 0")
        self._file.execute(f"pragma busy_timeout = {SHORT}")
        self._read = -1

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """What writes, while no other server does: all of the block or nothing. Refused: it cannot be written now.

        Nobody here is held up by who waits for another server: reading goes on.
        """
        end = time.monotonic() + WAIT
        while True:
            with self.lock:
                if self._begun():
                    try:
                        yield self._file.execute
                        self._file.execute("commit")
                    except BaseException as error:
                        with suppress(sqlite3.Error):  # a disk that is full has undone it already
                            self._file.execute("rollback")
                        if isinstance(error, sqlite3.OperationalError):
                            raise Refused(BUSY) from error
                        raise
                    return
            if time.monotonic() > end:
                raise Refused(BUSY)
            time.sleep(SOON)

    def _begun(self) -> bool:
        """Begin to write; False while another server does."""
        try:
            self._file.execute("begin immediate")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return False
            raise Refused(BUSY) from error
        return True

    def changed(self) -> bool:
        """Whether another server has written since this was asked last."""
        with self.lock:
            found = int(self._file.execute("pragma data_version").fetchone()[0])
            before, self._read = self._read, found
            return found != before

    def rows(self, link: str = "") -> list[Row]:
        """The room of a link, or all."""
        one, given = (" where link = ?", (link,)) if link else ("", ())  # `one` is ours: what is sought is bound
        with self.lock:
            present: dict[str, Counter[str]] = defaultdict(Counter)
            for room, browser, lines in self._file.execute(f"select link, browser, lines from present{one}", given):  # noqa: S608
                present[room][browser] += lines
            said: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for room, number, browser, text in self._file.execute(
                f"select link, number, browser, text from said{one} order by number",  # noqa: S608
                given,
            ):
                said[room].append({"number": number, "browser": browser, "text": text})
            rows = self._file.execute(
                f"select link, code, secret, opened, state, version, votes from room{one}",  # noqa: S608
                given,
            ).fetchall()
        return [
            Row(room, code, secret, opened, begun() | json.loads(state), version, votes, present[room], said[room])
            for room, code, secret, opened, state, version, votes in rows
        ]

    def counts(self, link: str, question: int) -> dict[int, int]:
        """How often each answer to a question was given."""
        with self.lock:
            rows = self._file.execute(
                "select choice, count(*) from vote where link = ? and question = ? group by choice", (link, question)
            )
            return dict(rows.fetchall())

    def not_from_the_future(self, now: float) -> None:
        """A room that was opened while the clock on the wall was ahead counts from now on: it would stay too long."""
        with self.writing() as write:
            write("update room set opened = ? where opened > ?", (now, now))

    def here(self, uptime: float, patience: float) -> None:
        """This server is here; of one that said nothing for so many seconds nobody is present.

        By the machine's uptime, which is the same for all its servers, whatever becomes of the clock on the wall; who
        was seen later than now was seen before the machine was started anew.
        """
        with self.writing() as write:
            write("insert or replace into server values (?, ?)", (self.server, uptime))
            write("delete from server where seen < ? or seen > ?", (uptime - patience, uptime))
            write("delete from present where server not in (select name from server)")

    def left(self, ended: list[tuple[str, str]]) -> None:
        """Connections to this server have ended, each (link of a room, browser). Refused: it cannot be written now."""
        if not ended:
            return
        with self.writing() as write:
            for link, browser in ended:
                mine = (link, browser, self.server)
                write("update present set lines = lines - 1 where link = ? and browser = ? and server = ?", mine)
            write("delete from present where lines <= 0")

    @staticmethod
    def forget(write: Any, link: str) -> None:
        """Nothing of a room is kept."""
        for table in ("room", "vote", "present", "said"):
            write(f"delete from {table} where link = ?", (link,))  # noqa: S608
