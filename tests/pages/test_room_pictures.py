"""Pictures that a room is shown before its pages have run: named where they are mounted, told by the lecturer alone."""

import gzip
import json

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from core.cache import Cache
from core.types import Refused
from tests.apptest import alone
from ui.components import shown
from ui.components.message import pack
from ui.server import room_routes
from ui.server.room_moves import MOST_PICTURES
from ui.server.rooms import Rooms

NAME = "0123456789abcdef" * 2


@pytest.fixture
def rooms(monkeypatch):
    own = Rooms(":memory:")
    monkeypatch.setattr(room_routes, "rooms", lambda: own)
    return own


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    own = Cache(10_000)
    monkeypatch.setattr(shown, "KEPT", own)
    return own


def noted(*messages):
    """The pictures of a page that shows these while a room is followed here."""
    with shown.listening(), shown.noting() as found:
        for place, message in enumerate(messages):
            shown.note("heads", f"attention:{place}", message)
    return found


def asked(name, headers=()):
    scope = {"type": "http", "method": "GET", "headers": headers, "path": "/gaze/room/shown/x"}
    return alone(room_routes.room_shown(Request(scope | {"path_params": {"code": name}})))


def ordered(what, body):
    raw = json.dumps(body).encode()

    async def receive():
        return {"type": "http.request", "body": raw, "more_body": False}

    scope = {"type": "http", "method": "POST", "headers": [], "path": "/x", "client": ("::1", 1)}
    reply = alone(room_routes.room_order(Request(scope | {"path_params": {"what": what}}, receive)))
    return reply.status_code, json.loads(reply.body)


def place(room, pictures, **more):
    own = {"link": room.link, "secret": room.secret, "page": "attention", "query": "?text=a", "pictures": pictures}
    return own | more


def test_while_nobody_listens_to_a_room_nothing_is_named_or_kept(kept):
    with shown.noting() as found:
        shown.note("heads", "attention:show", b"maps")
    assert found == [] and kept.count == 0


def test_each_message_has_a_name_of_128_bits_and_the_same_message_the_same():
    one, other, again = noted(b"one", b"other", b"one")
    assert one == ("heads", "attention:0", one[2]) and len(one[2]) == 32
    assert one[2] == again[2] != other[2]


def test_what_is_no_message_is_no_picture():
    assert noted({"page": "attention"}, None, "text") == []


def test_a_page_of_before_the_first_listener_notes_nothing():
    with shown.noting() as found, shown.listening():
        shown.note("heads", "attention:show", b"maps")
    assert found == []


def test_a_picture_is_handed_out_once_a_lecturer_has_told_its_name(rooms):
    room = rooms.open()
    ((*_, name),) = pictures = noted(b"maps" * 100)
    reply = asked(name)
    assert reply.status_code == 404 and json.loads(reply.body)["advice"]
    for secret in ("x" * 22, ""):
        status, said = ordered("change", place(room, pictures, secret=secret))
        assert status == 422 and "Only the lecturer" in said["advice"]
    assert asked(name).status_code == 404
    assert ordered("change", place(room, pictures))[0] == 200
    assert room.state["pictures"] == [list(one) for one in pictures]
    reply = asked(name)
    assert reply.status_code == 200 and reply.body == b"maps" * 100 and "content-encoding" not in reply.headers
    small = asked(name, [(b"accept-encoding", b"gzip, br")])
    assert small.headers["content-encoding"] == "gzip" and len(small.body) < 100
    assert gzip.decompress(small.body) == b"maps" * 100
    assert "immutable" in small.headers["cache-control"] and "private" in small.headers["cache-control"]


def test_followers_are_told_the_pictures_of_the_present_address_alone(rooms):
    room = rooms.open()
    pictures = noted(b"maps")
    ordered("change", place(room, pictures))
    assert room_routes.told(room, leads=False)["pictures"] == [list(one) for one in pictures]
    rooms.change(room.link, room.secret, spot="picture")
    assert room.state["pictures"] == [list(one) for one in pictures]
    rooms.change(room.link, room.secret, query="?text=b")
    assert room_routes.told(room, leads=False)["pictures"] == []


def test_other_pictures_at_the_same_address_move_nobody(rooms):
    room = rooms.open()
    rooms.change(room.link, room.secret, page="attention", query="?text=a")
    version = room.version
    ordered("change", place(room, noted(b"maps")))
    assert (room.version, room.state["pictures"]) == (version, [])


def test_pictures_that_another_server_drew_are_not_told(rooms):
    room = rooms.open()
    pictures = [*noted(b"maps"), ("heads", "attention:b", NAME)]
    assert ordered("change", place(room, pictures))[0] == 200
    assert (room.state["query"], room.state["pictures"]) == ("?text=a", [])


@pytest.mark.parametrize(
    "pictures",
    [
        "heads",
        [["heads", "attention:show"]],
        [["heads", "attention:show", NAME, ""]],
        [["heads", "attention:show", NAME[1:]]],
        [["heads", "attention:show", NAME.upper()]],
        [["heads", "attention:show", 3]],
        [["<b>", "attention:show", NAME]],
        [["heads", "a" * 101, NAME]],
        [["heads", "attention:show", NAME]] * (MOST_PICTURES + 1),
        {"heads": NAME},
        [None],
    ],
)
def test_what_names_no_pictures_is_refused(rooms, pictures):
    room = rooms.open()
    with pytest.raises(Refused, match="up to 40 pictures"):
        rooms.change(room.link, room.secret, page="attention", pictures=pictures)
    assert ordered("change", place(room, pictures))[0] == 422 and room.state["page"] == ""


def test_pictures_are_kept_up_to_a_number_of_bytes(kept):
    names = [name for at in range(20) for *_, name in noted(bytes([at]) * 1_000)]
    assert kept.bytes <= 10_000 and not shown.tell(names[:1]) and shown.tell(names[-1:])


def test_what_is_mounted_is_what_is_told(monkeypatch):
    """The page's address carries name and key of each component that shows a message, in the order of the page."""

    def script():
        from ui.components import shown
        from ui.components.message import pack
        from ui.components.panels.view import _mount as panels
        from ui.components.tree.view import tree_view
        from ui.session import Session

        page = Session("made_up")
        with shown.listening(), page.drawn():
            panels(key="made_up:two", data=pack({"b": 1}))
            tree_view(pack({"a": 1}), key="made_up:one")

    told = []
    monkeypatch.setattr("ui.session.address_view", lambda *_, pictures, **__: told.extend(pictures))
    app = AppTest.from_function(script)
    app.run()
    assert not app.exception
    assert [one[:2] for one in told] == [("panels", "made_up:two"), ("tree", "made_up:one")]
    assert shown.KEPT.find((False, told[1][2])) == pack({"a": 1})
