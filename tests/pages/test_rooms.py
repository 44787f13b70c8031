"""Rooms: who may do what, votes by pencil, what outlives a restart, and what followers are told."""

import asyncio
import json

import pytest
from starlette.requests import Request

from core.types import Refused
from tests.apptest import alone
from ui.server import room_routes
from ui.server.guesses import TRIES
from ui.server.rooms import CODE, HOURS, MOST_OPTIONS, Rooms

ONE, TWO = "browser-1", "browser-2"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def rooms(tmp_path, clock):
    return Rooms(tmp_path / "rooms.sqlite3", clock, clock)


def test_a_room_has_a_long_link_a_short_code_and_a_secret_of_its_own(rooms):
    one, other = rooms.open(), rooms.open()
    assert len({one.link, one.secret, other.link, other.secret}) == 4 and min(len(one.link), len(one.secret)) >= 22
    assert len(one.code) == CODE and one.code != other.code
    typed = f"{one.code[:3]} {one.code[3:]}".lower()
    assert rooms.find(typed, "a") == one.link


def test_only_the_lecturer_moves_a_room(rooms):
    room = rooms.open()
    with pytest.raises(Refused, match="Only the lecturer"):
        rooms.change(room.link, "x" * 22, page="attention")
    assert room.state["page"] == "" and room.version == 0
    rooms.change(room.link, room.secret, page="attention", query="?layer=2")
    assert (room.state["page"], room.state["query"], room.version) == ("attention", "?layer=2", 1)
    rooms.change(room.link, room.secret, page="attention", query="?layer=2")
    assert room.version == 1  # nothing changed, so nobody is told


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"page": "../etc"}, "page of Gaze"),
        ({"page": 3}, "page of Gaze"),
        ({"query": "?" + "a" * 20_001}, "20,000"),
        ({"shown": "a" * 301}, "300"),
        ({"spot": "<script>"}, "A spotlight falls on"),
        ({"spot": {"kind": "head"}}, "A spotlight falls on"),
        ({"spot": "head " + "9" * 81}, "A spotlight falls on"),
    ],
)
def test_a_room_goes_nowhere_else(rooms, given, says):
    room = rooms.open()
    with pytest.raises(Refused, match=says):
        rooms.change(room.link, room.secret, **given)


def test_a_spotlight_stays_while_the_room_stays_on_its_page(rooms):
    room = rooms.open()
    rooms.change(room.link, room.secret, page="attention", spot="head 2.5")
    rooms.change(room.link, room.secret, query="?layer=2")
    assert room.state["spot"] == "head 2.5"
    for spot in ("cell 3 4", "at attention-show 0.500 0.250", "picture", ""):
        assert rooms.change(room.link, room.secret, spot=spot).state["spot"] == spot
    rooms.change(room.link, room.secret, spot="row 3")
    rooms.change(room.link, room.secret, page="vision")
    assert room.state["spot"] == ""


def test_of_two_lecturers_who_move_at_once_the_last_wins_and_it_is_counted(rooms, clock):
    room = rooms.open()
    rooms.change(room.link, room.secret, page="attention", by=ONE)
    clock.now += 10
    rooms.change(room.link, room.secret, page="vision", by=TWO)
    assert (room.state["mover"], room.state["clash"]) == (TWO, 0)  # one after the other
    clock.now += 2.9
    rooms.change(room.link, room.secret, page="clip", by=ONE)
    assert (room.state["page"], room.state["mover"], room.state["clash"]) == ("clip", ONE, 1)
    rooms.change(room.link, room.secret, page="blank", by=ONE)
    assert room.state["clash"] == 1  # the same one again
    clock.now += 0.1
    rooms.change(room.link, room.secret, shown="Look.", by=TWO)
    assert (room.state["mover"], room.state["clash"]) == (ONE, 1)  # nothing was moved


def test_a_room_of_before_an_update_has_what_is_new(tmp_path, clock):
    rooms = Rooms(tmp_path / "rooms.sqlite3", clock, clock)
    room = rooms.open()
    with rooms.file.writing() as write:
        write("update room set state = ?", (json.dumps({"page": "clip", "query": ""}),))
    again = Rooms(tmp_path / "rooms.sqlite3", clock, clock).room(room.link)
    assert (again.state["page"], again.state["spot"], again.state["clash"]) == ("clip", "", 0)


def test_a_shut_door_a_wrong_code_and_one_who_guesses(rooms, clock):
    room = rooms.open()
    rooms.change(room.link, room.secret, door=False)
    with pytest.raises(Refused, match="door of this room is shut"):
        rooms.find(room.code, "a")
    for _ in range(TRIES):
        with pytest.raises(Refused, match="No open room"):
            rooms.find("AAAAAA", "a")
    rooms.change(room.link, room.secret, door=True)
    with pytest.raises(Refused, match="Too many wrong codes"):
        rooms.find(room.code, "a")
    assert rooms.find(room.code, "b") == room.link
    clock.now += 61
    assert rooms.find(room.code, "a") == room.link


def test_a_restart_keeps_rooms_and_votes_and_twelve_hours_end_them(tmp_path, clock):
    file = tmp_path / "rooms.sqlite3"
    first = Rooms(file, clock, clock)
    room = first.open()
    first.enter(room.link, ONE)
    first.ask(room.link, room.secret, "Which word?", ["cat", "mat"])
    first.vote(room.link, ONE, 1, 0)
    first.change(room.link, room.secret, page="vision")
    again = Rooms(file, clock, clock)
    same = again.led(room.link, room.secret)
    assert same.state["page"] == "vision" and again.counts(same) == [1, 0]
    clock.now += HOURS * 3600 + 1
    with pytest.raises(Refused, match="closed"):
        again.room(room.link)
    again.sweep()
    with again.file.writing() as read:
        for table in ("room", "vote", "present", "said"):
            assert read(f"select count(*) from {table}").fetchone() == (0,), table


def test_votes_are_one_a_browser_and_the_last_one_counts(rooms):
    room = rooms.open()
    rooms.ask(room.link, room.secret, "Which word?", ["cat", "mat", "it"])
    with pytest.raises(Refused, match="not in this room"):
        rooms.vote(room.link, ONE, 1, 0)
    for browser in (ONE, TWO):
        rooms.enter(room.link, browser)
    for choice in (0, 2, 1, 2):
        rooms.vote(room.link, ONE, 1, choice)
    rooms.vote(room.link, TWO, 1, 0)
    assert rooms.counts(room) == [1, 0, 1]
    with pytest.raises(Refused, match="no such answer"):
        rooms.vote(room.link, ONE, 1, 3)
    rooms.reveal(room.link, room.secret, 2)
    with pytest.raises(Refused, match="over"):
        rooms.vote(room.link, ONE, 1, 0)
    assert room.state["question"]["right"] == 2
    rooms.ask(room.link, room.secret, "And now?", ["yes", "no"])
    assert rooms.counts(room) == [0, 0] and room.state["question"]["number"] == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [(["one"], "2 to 8"), ([str(i) for i in range(MOST_OPTIONS + 1)], "2 to 8"), (["a", " a "], "the same")],
)
def test_a_question_needs_answers_that_differ(rooms, options, says):
    room = rooms.open()
    with pytest.raises(Refused, match=says):
        rooms.ask(room.link, room.secret, "Which?", options)


def test_what_students_send_waits_for_the_lecturer(rooms):
    room = rooms.open()
    rooms.enter(room.link, ONE)
    for text in (" The  bank\nof the river ", "two", "three"):
        rooms.say(room.link, ONE, text)
    with pytest.raises(Refused, match="Three sentences"):
        rooms.say(room.link, ONE, "four")
    rooms.take(room.link, room.secret, 1, show=False)
    assert room.state["shown"] == "" and [one["text"] for one in room.said] == ["The bank of the river", "three"]
    rooms.take(room.link, room.secret, 0, show=True)
    assert room.state["shown"] == "The bank of the river" and len(room.said) == 1


def test_presence_counts_browsers_and_not_their_tabs(rooms):
    room = rooms.open()
    for browser in (ONE, ONE, TWO):
        rooms.enter(room.link, browser)
    assert len(room.present) == 2
    rooms.leave(room, ONE)
    assert len(room.present) == 2
    rooms.leave(room, ONE)
    assert list(room.present) == [TWO]


def test_closing_forgets_everything(rooms):
    room = rooms.open()
    rooms.close(room.link, room.secret)
    with pytest.raises(Refused, match="closed"):
        rooms.room(room.link)


# --- the stream -------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(rooms, monkeypatch):
    monkeypatch.setattr(room_routes, "rooms", lambda: rooms)
    return rooms


def events(served, moves, *, leads=False, count=3):
    """The first messages of a stream, each move made once the message before it has come."""

    async def read():
        room = served.open()
        if not leads:
            served.enter(room.link, ONE)
        stream = room_routes._events(room, leads=leads)
        found = [await anext(stream)]
        for move in moves:
            move(room)
            found.append(await asyncio.wait_for(anext(stream), 5))
        await stream.aclose()
        return room, found

    return alone(read())


def test_followers_are_told_of_every_move_at_once(served):
    move = lambda page: lambda room: served.change(room.link, room.secret, page=page)  # noqa: E731
    room, found = events(served, [move("attention"), move("vision")])
    assert [json.loads(one.removeprefix("data: "))["page"] for one in found] == ["", "attention", "vision"]
    assert not room.listeners


@pytest.mark.parametrize("gone_at_once", [True, False])
def test_who_goes_is_no_longer_present(served, gone_at_once):
    """Also who had gone before the stream's first word."""
    room, said = served.open(), []
    query = f"link={room.link}&browser={ONE}".encode()
    scope = {"type": "http", "method": "GET", "headers": [], "path": "/", "query_string": query}

    async def follow():
        heard = asyncio.Event()

        async def receive():
            if not gone_at_once:
                await heard.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            said.append(message)
            if message.get("body"):
                assert list(room.present) == [ONE]
                heard.set()

        reply = await room_routes.room_events(Request(scope, receive))
        await reply(scope, receive, send)

    alone(follow())
    assert not room.present and not room.listeners and (gone_at_once or said)


def test_answers_so_far_and_what_was_sent_are_the_lecturers_alone(served):
    def ask(room):
        if ONE not in room.present:
            served.enter(room.link, ONE)
        served.say(room.link, ONE, "why?")
        served.ask(room.link, room.secret, "Which?", ["a", "b"])
        served.vote(room.link, ONE, 1, 1)

    for leads in (False, True):
        _, found = events(served, [ask], leads=leads)
        said = json.loads(found[-1].removeprefix("data: "))
        assert said["question"]["counts"] == ([0, 1] if leads else None)
        assert said.get("said") == (["why?"] if leads else None) and ("code" in said) == leads
        assert "secret" not in found[-1]


def test_who_follows_a_room_that_closes_is_told(served):
    _, found = events(served, [lambda room: served.close(room.link, room.secret)])
    assert found[-1].startswith("event: closed") and "closed" in found[-1]


def order(what, body, raw=None):
    async def receive():
        return {"type": "http.request", "body": json.dumps(body).encode() if raw is None else raw, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [],
        "path": "/",
        "path_params": {"what": what},
        "client": None,
    }
    reply = alone(room_routes.room_order(Request(scope, receive)))
    return reply.status_code, json.loads(reply.body)


def test_orders_by_message(served):
    status, made = order("open", {})
    assert status == 200 and order("find", {"code": made["code"]}) == (200, {"link": made["link"]})
    both = {"link": made["link"], "secret": made["secret"]}
    assert order("change", both | {"page": "vision", "query": ""})[0] == 200
    assert order("change", {"link": made["link"], "secret": "x", "page": "vision"})[0] == 422
    assert order("nothing", {})[0] == 404
    assert order("close", both)[0] == 200 and order("change", both)[0] == 422


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"link": 3}', b'{"link": "x", "secret": "y", "right": true}', b"9" * 99_999]
)
@pytest.mark.parametrize("what", [name for name in room_routes.DOES if name != "open"])
def test_nonsense_gets_a_sentence(served, what, raw):
    status, said = order(what, {}, raw)
    assert status == 422 and said["advice"]


def test_the_picture_of_an_address_is_a_qr_code():
    def ask(query):
        scope = {"type": "http", "method": "GET", "headers": [], "path": "/", "query_string": query}
        return alone(room_routes.room_picture(Request(scope)))

    found = ask(b"address=http%3A%2F%2F10.0.0.5%3A8501%2F%3Froom%3Dabc")
    assert found.media_type == "image/svg+xml" and b"<svg" in found.body and b"<path" in found.body
    assert ask(b"address=javascript%3Aalert(1)").status_code == 422
