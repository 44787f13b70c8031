"""Rooms that two servers of one machine share by their file: who leads at one is followed at the other."""

import http.client
import json
import sqlite3
import threading
from urllib.parse import urlencode

import pytest

from core.types import Refused
from tests.chromium import serve
from tests.pages.test_rooms import ONE, TWO, Clock
from ui.server.rooms import HOURS, MOST_SAID, PATIENCE, Rooms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def here(tmp_path, clock):
    return Rooms(tmp_path / "rooms.sqlite3", clock, clock)


@pytest.fixture
def there(here, tmp_path, clock):
    return Rooms(tmp_path / "rooms.sqlite3", clock, clock)


def test_a_room_of_one_server_is_found_led_and_closed_at_the_other(here, there):
    room = here.open()
    assert there.find(room.code, "a") == room.link
    there.change(room.link, room.secret, page="vision")
    assert here.room(room.link).state["page"] == "vision"
    here.change(room.link, room.secret, query="?layer=2")
    assert there.room(room.link).state == here.room(room.link).state, "neither undid what the other did"
    assert there.room(room.link).version == here.room(room.link).version == 2
    there.close(room.link, room.secret)
    with pytest.raises(Refused, match="closed"):
        here.room(room.link)


def test_what_is_set_at_both_at_once_is_kept_of_both(here, there):
    for turn in range(20):
        room, begin = here.open(), threading.Barrier(3)

        def change(one, given, room=room, begin=begin):
            begin.wait()
            one.change(room.link, room.secret, **given)

        given = ((here, {"page": "vision"}), (there, {"query": "?a=1"}), (here, {"frozen": True}))
        moves = [threading.Thread(target=change, args=one) for one in given]
        for move in moves:
            move.start()
        for move in moves:
            move.join()
        state = here.room(room.link).state
        assert (state["page"], state["query"], state["frozen"]) == ("vision", "?a=1", True), turn


def test_a_write_begins_with_what_another_thread_of_this_server_wrote(here):
    room = here.open()
    with here.file.writing() as write:  # written, and not yet looked at
        write("update room set state = ? where link = ?", (json.dumps(room.state | {"page": "vision"}), room.link))
    here.change(room.link, room.secret, frozen=True)
    assert room.state["page"] == "vision" and room.state["frozen"]


def test_votes_and_browsers_of_both_are_counted_once(here, there):
    room = here.open()
    here.enter(room.link, ONE)
    there.enter(room.link, ONE)
    there.enter(room.link, TWO)
    there.ask(room.link, room.secret, "Which?", ["a", "b"])
    here.vote(room.link, ONE, 1, 0)
    there.vote(room.link, TWO, 1, 1)
    there.vote(room.link, ONE, 1, 1)
    for one in (here, there):
        assert one.counts(one.room(room.link)) == [0, 2] and len(one.room(room.link).present) == 2
        assert one.room(room.link).votes == 3
    here.leave(room, ONE)
    assert there.room(room.link).present == {ONE: 1, TWO: 1}
    there.leave(there.room(room.link), ONE)
    assert here.room(room.link).present == {TWO: 1}


def test_what_was_sent_at_one_is_taken_at_the_other_once(here, there):
    room = here.open()
    here.enter(room.link, ONE)
    here.say(room.link, ONE, "why?")
    assert there.take(room.link, room.secret, 0, show=True).state["shown"] == "why?"
    with pytest.raises(Refused, match="taken already"):
        here.take(room.link, room.secret, 0, show=True)


def test_so_many_sentences_wait_and_the_oldest_go(here):
    room = here.open()
    for at in range(MOST_SAID + 2):
        browser = f"browser-{at}"
        here.enter(room.link, browser)
        here.say(room.link, browser, f"sentence {at}")
    assert len(room.said) == MOST_SAID and room.said[0]["text"] == "sentence 2"


def test_of_a_server_that_was_lost_nobody_is_present(here, there, clock):
    room = here.open()
    there.enter(room.link, TWO)
    here.enter(room.link, ONE)
    clock.now += PATIENCE + 1
    here.file.here(clock.now, PATIENCE)
    here.look(room.link)
    assert room.present == {ONE: 1}


def test_a_move_at_one_wakes_who_listens_at_the_other(here, there):
    room = here.open()
    heard = threading.Event()
    there.room(room.link).listeners.add(heard.set)
    there.watch()
    here.change(room.link, room.secret, page="vision")
    assert heard.wait(10) and there.room(room.link).state["page"] == "vision"
    there.room(room.link).listeners.clear()  # and the thread ends


def test_rooms_of_an_older_gaze_stay_open(tmp_path, clock):
    file = sqlite3.connect(tmp_path / "rooms.sqlite3")
    file.execute("create table room (link text primary key, code text unique, secret text, opened real, state text)")
    state = {"page": "vision", "query": "", "door": True, "frozen": False, "question": None, "shown": ""}
    file.execute("insert into room values ('link', 'ABCDEF', 'secret', ?, ?)", (clock.now, json.dumps(state)))
    file.commit()
    rooms = Rooms(tmp_path / "rooms.sqlite3", clock, clock)
    rooms.change("link", "secret", page="clip")
    assert rooms.room("link").state["page"] == "clip"
    clock.now += HOURS * 3600 + 1
    rooms.sweep()
    with pytest.raises(Refused):
        rooms.room("link")


def test_a_file_that_another_program_holds_gets_a_sentence(here, tmp_path):
    room = here.open()
    here.file._file.execute("pragma busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "rooms.sqlite3", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(Refused, match="Try again in a moment"):
        here.change(room.link, room.secret, page="vision")
    other.execute("rollback")
    here.change(room.link, room.secret, page="vision")


def sent(server, what, body):
    line = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    line.request("POST", f"/gaze/room/{what}", json.dumps(body))
    return json.loads(line.getresponse().read())


@pytest.mark.slow
def test_two_real_servers_share_a_room(tmp_path):
    surroundings = {"GAZE_FOLDER": str(tmp_path / "shared"), "GAZE_WARM": "0"}
    with serve(tmp_path / "a", environment=surroundings) as one, serve(tmp_path / "b", environment=surroundings) as two:
        room = sent(one, "open", {})
        line = http.client.HTTPConnection(two.url.removeprefix("http://"), timeout=30)
        line.request("GET", "/gaze/room/events?" + urlencode({"link": room["link"], "browser": ONE}))
        stream = line.getresponse()

        def heard(page):
            while True:
                said = stream.readline().decode()
                assert said, "the stream ended"
                if said.startswith("data: ") and json.loads(said[6:])["page"] == page:
                    return json.loads(said[6:])

        assert heard("")["here"] == 1
        sent(one, "change", {"link": room["link"], "secret": room["secret"], "page": "vision", "query": ""})
        assert heard("vision")["here"] == 1
        line.close()
