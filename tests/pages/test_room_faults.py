"""Rooms where something is wrong: a disk that is full, a file that another program holds, a clock that is set."""

import asyncio
import json
import sqlite3
import threading

import pytest

from core.types import Refused
from tests.apptest import alone
from tests.pages.test_rooms import ONE, TWO, order, rooms, served  # noqa: F401  fixtures
from ui.server import room_file, room_routes
from ui.server.guesses import TRIES
from ui.server.rooms import HOURS, PATIENCE, Rooms

HOUR, DAY = 3600.0, 86_400.0
JUMPS = [HOUR, -HOUR, DAY, -DAY]


class Clocks:
    """The machine's uptime, which goes on, and the clock on its wall, which somebody may set."""

    def __init__(self):
        self.up, self.ahead = 1_000.0, 1_700_000_000.0

    def uptime(self):
        return self.up

    def now(self):
        return self.up + self.ahead

    def rooms(self, file):
        return Rooms(file, self.now, self.uptime)


@pytest.fixture
def clock():  # of the fixtures that are taken from test_rooms
    return Clocks().uptime


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "rooms.sqlite3"


# --- the clock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", JUMPS)
def test_a_lecture_goes_on_while_the_clock_on_the_wall_is_set(clocks, file, jump):
    rooms = clocks.rooms(file)  # noqa: F811
    room = rooms.open()
    rooms.enter(room.link, ONE)
    rooms.ask(room.link, room.secret, "Which?", ["a", "b"])
    clocks.ahead += jump
    assert rooms.change(room.link, room.secret, page="vision").state["page"] == "vision"
    rooms.vote(room.link, ONE, 1, 0)
    assert rooms.counts(room) == [1, 0] and rooms.find(room.code, "a") == room.link
    rooms.sweep()
    other = rooms.open()
    assert rooms.known(room.link) is room
    clocks.up += HOURS * HOUR + 1
    for one in (room, other):
        with pytest.raises(Refused, match="closed"):
            rooms.known(one.link)


@pytest.mark.parametrize("jump", JUMPS)
def test_who_guessed_waits_a_minute_and_no_longer(clocks, file, jump):
    rooms = clocks.rooms(file)  # noqa: F811
    room = rooms.open()
    for _ in range(TRIES):
        with pytest.raises(Refused, match="No open room"):
            rooms.find("AAAAAA", "a")
    clocks.ahead += jump
    with pytest.raises(Refused, match="Too many wrong codes"):
        rooms.find(room.code, "a")
    clocks.up += 61
    assert rooms.find(room.code, "a") == room.link


@pytest.mark.parametrize("jump", JUMPS)
def test_moves_are_at_once_by_the_time_that_passed(clocks, file, jump):
    rooms = clocks.rooms(file)  # noqa: F811
    room = rooms.open()
    rooms.change(room.link, room.secret, page="vision", by=ONE)
    clocks.ahead += jump
    clocks.up += 10
    assert rooms.change(room.link, room.secret, page="clip", by=TWO).state["clash"] == 0
    clocks.ahead -= jump
    clocks.up += 1
    assert rooms.change(room.link, room.secret, page="blank", by=ONE).state["clash"] == 1


@pytest.mark.parametrize("jump", JUMPS)
def test_of_another_server_all_stay_present(clocks, file, jump):
    here = clocks.rooms(file)
    room = here.open()
    here.enter(room.link, ONE)
    clocks.ahead += jump
    there = clocks.rooms(file)  # one that is started after the clock was set
    clocks.up += 1
    there.file.here(clocks.up, PATIENCE)
    assert list(here.room(room.link).present) == [ONE]
    clocks.up += PATIENCE + 1
    there.file.here(clocks.up, PATIENCE)
    assert not here.room(room.link).present


def test_after_the_machine_was_started_anew_nobody_of_before_is_present(clocks, file):
    before = clocks.rooms(file)
    room = before.open()
    before.enter(room.link, ONE)
    clocks.ahead += clocks.up
    clocks.up = 5.0  # the uptime begins anew, the clock on the wall goes on
    assert not clocks.rooms(file).room(room.link).present


@pytest.mark.parametrize(("jump", "hours"), [(HOUR, HOURS - 1), (-HOUR, HOURS), (-DAY, HOURS), (-365 * DAY, HOURS)])
def test_over_a_restart_a_room_lasts_no_longer_than_twelve_hours_more(clocks, file, jump, hours):
    link = clocks.rooms(file).open().link
    clocks.ahead += jump
    again = clocks.rooms(file)
    clocks.up += hours * HOUR - 1
    assert again.known(link)
    clocks.up += 2
    with pytest.raises(Refused, match="closed"):
        again.known(link)


def test_two_restarts_do_not_make_it_last_longer(clocks, file):
    link = clocks.rooms(file).open().link
    clocks.ahead -= DAY
    clocks.rooms(file)
    clocks.up += HOURS * HOUR - 1
    assert clocks.rooms(file).known(link)
    clocks.up += 2
    with pytest.raises(Refused, match="closed"):
        clocks.rooms(file).known(link)


# --- the disk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def full():
    """A function after which no file of this process may grow: what a full disk does; gone with the test."""
    resource = pytest.importorskip("resource", reason="not on Windows: it sets no limits to a process")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda most=0: resource.setrlimit(resource.RLIMIT_FSIZE, (most if most >= 0 else before[0], before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_refuses_an_order_and_the_room_goes_on(rooms, full):  # noqa: F811
    room = rooms.open()
    rooms.enter(room.link, ONE)
    rooms.ask(room.link, room.secret, "Which?", ["a", "b"])
    full()
    orders = (
        lambda: rooms.change(room.link, room.secret, page="vision"),
        lambda: rooms.vote(room.link, ONE, 1, 0),
        lambda: rooms.say(room.link, ONE, "Why?"),
        lambda: rooms.enter(room.link, TWO),
        rooms.open,
    )
    for one in orders:
        with pytest.raises(Refused, match="cannot be written"):
            one()
    assert rooms.room(room.link).state["page"] == "" and rooms.counts(room) == [0, 0]
    full(-1)
    assert rooms.change(room.link, room.secret, page="vision").state["page"] == "vision"
    assert rooms.counts(rooms.vote(room.link, ONE, 1, 0)) == [1, 0]


def test_a_full_disk_is_told_as_advice(served, full):  # noqa: F811
    room = served.open()
    full()
    status, said = order("change", {"link": room.link, "secret": room.secret, "page": "vision"})
    assert status == 422 and "cannot be written" in said["advice"]


def test_who_leaves_while_the_disk_is_full_is_gone_when_there_is_room_again(rooms, full):  # noqa: F811
    room = rooms.open()
    rooms.enter(room.link, ONE)
    full()
    rooms.leave(room, ONE)
    full(-1)
    assert list(room.present) == [ONE]
    rooms._settle()
    assert not rooms.room(room.link).present


# --- another program has the file -------------------------------------------------------------------------------------


@pytest.fixture
def held(rooms, tmp_path):  # noqa: F811
    other = sqlite3.connect(tmp_path / "rooms.sqlite3", isolation_level=None)
    other.execute("begin immediate")
    yield other
    other.close()


def test_who_waits_for_the_file_holds_up_nobody_who_reads(rooms, tmp_path, monkeypatch):  # noqa: F811
    room = rooms.open()
    other = sqlite3.connect(tmp_path / "rooms.sqlite3", isolation_level=None)
    other.execute("begin immediate")
    seen = []

    def look(_):
        """In the place of the sleep: another thread reads, then the file is given back."""
        reader = threading.Thread(target=lambda: seen.append(rooms.room(room.link).link))
        reader.start()
        reader.join(30)
        other.execute("rollback")

    monkeypatch.setattr(room_file.time, "sleep", look)
    assert rooms.change(room.link, room.secret, page="vision").state["page"] == "vision"
    assert seen == [room.link]
    other.close()


def test_a_file_that_stays_held_refuses_with_a_sentence(rooms, held, monkeypatch):  # noqa: F811
    monkeypatch.setattr(room_file, "WAIT", -1.0)
    with pytest.raises(Refused, match="cannot be written just now"):
        rooms.open()
    held.execute("rollback")
    assert rooms.open().link


def test_who_waited_in_line_for_long_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(room_routes, "WAIT", -1.0)
    with pytest.raises(Refused, match="cannot be written just now"):
        alone(room_routes.in_hand(pytest.fail))


def test_orders_leave_the_loop_free(served):  # noqa: F811
    """An order that waits for the file waits in a thread: others of the loop go on, and are what ends its wait."""
    free = threading.Event()

    def waits():
        assert free.wait(30)
        return "done"

    async def both():
        coming = asyncio.ensure_future(room_routes.in_hand(waits))
        await asyncio.sleep(0)
        free.set()
        return await coming

    assert alone(both()) == "done"


def test_an_order_that_breaks_is_a_sentence_too(served, monkeypatch):  # noqa: F811
    monkeypatch.setattr(served, "room", lambda _: 1 / 0)
    status, said = order("look", {"link": "x"})
    assert status == 500 and "our side" in said["advice"] and json.dumps(said)
