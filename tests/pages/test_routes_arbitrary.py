"""Whatever is sent to a route, the reply is what was asked for or a sentence with a 4xx: nothing of it is our fault."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse

from core.requests import ImageRequest, TextRequest
from tests.arbitrary import JSON, MANY, NAMES, mapping
from ui.components.points.texts import Whole, keep
from ui.lessons.book import lessons
from ui.server import lesson_routes, room_routes, routes
from ui.server.room_routes import DOES, room_order
from ui.server.rooms import Rooms
from ui.server.routes import ROUTES

POSTS = {route.path: route.endpoint for route in ROUTES if "POST" in (route.methods or ())}
THREAD = ThreadPoolExecutor(1)  # in a thread of its own: the browser tests keep an event loop running in this one
SMALL = st.integers(-2, 9) | st.floats() | st.booleans() | st.none() | st.just(10**30) | st.text(max_size=5)
ITEMS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["text", "path", "image", "rect", ""])},
    optional={
        name: SMALL | JSON for name in ("x", "y", "text", "size", "fill", "stroke", "d", "width", "href", "data")
    },
)
#: Texts that are asked for by a point, a half of a letter among them.
LETTERS = keep(Whole(("a", "\ud800"), ("a", "\ud800"), np.arange(2)))
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "request": mapping(TextRequest) | mapping(ImageRequest) | JSON
        | st.fixed_dictionaries({"model": NAMES, "image": NAMES, "text": st.text(max_size=9)}),
        "shown": st.fixed_dictionaries({}, optional={
            "units": st.sampled_from(["pieces", "words", ""]) | JSON,
            "special": st.sampled_from(["show", "hide", "renormalise"]) | JSON,
        }) | JSON,
        "kind": st.sampled_from(["encoder", "decoder", "cross", "vision"]) | JSON,
        "layer": SMALL | JSON,
        "head": SMALL | st.sampled_from(["mean", "rollout"]) | JSON,
        "what": st.sampled_from(["layer", "head", "distances", "rollout"]) | JSON,
        "fusion": st.sampled_from(["mean", "max", "min"]) | JSON,
        "discard": SMALL, "residual": SMALL, "label": SMALL,
        "key": st.just(LETTERS) | JSON, "points": st.lists(SMALL, max_size=60) | JSON,
        "word": st.text(max_size=9) | JSON,
        "width": SMALL, "height": SMALL, "ground": JSON, "title": JSON, "caption": JSON, "items": JSON,
    },
)  # fmt: skip


PLAIN = st.floats(-50, 50) | st.integers(-3, 30)
ITEMS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["path", "text", "image"])},
    optional={
        "d": st.sampled_from(["M0 0L5 5Z", "M0 0C1 1 2 2 3 3", "M", "x"]) | JSON,
        "fill": st.sampled_from(["#123", "#112233", "rgb(1,2,3)", "none"]) | JSON,
        "stroke": st.sampled_from(["#123", "none"]) | JSON,
        "width": PLAIN | JSON, "height": PLAIN | JSON, "size": PLAIN | JSON, "opacity": PLAIN | JSON,
        "dash": st.lists(PLAIN, max_size=3) | JSON, "cap": JSON, "join": JSON, "evenodd": JSON,
        "text": st.text(max_size=8) | JSON, "family": JSON, "weight": JSON, "italic": JSON,
        "href": st.sampled_from(["data:image/png;base64,AAAA", "data:image/png;base64,", "http://x/", ""]) | JSON,
        "matrix": st.lists(PLAIN, min_size=6, max_size=6) | JSON,
        "clip": st.lists(PLAIN, min_size=4, max_size=4) | JSON,
    },
)  # fmt: skip
SCENES = st.fixed_dictionaries(
    {"items": st.lists(ITEMS, max_size=3), "width": st.integers(1, 60), "height": st.integers(1, 60)},
    optional={"ground": st.sampled_from(["#fff", "white", "x"]), "title": JSON, "caption": JSON},
)


async def sent(path: str, body: bytes, length: bytes | None) -> tuple[int, bytes]:
    parts = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive():
        return next(parts, {"type": "http.disconnect"})

    headers = [] if length is None else [(b"content-length", length)]
    reply = await POSTS[path](Request({"type": "http", "method": "POST", "headers": headers, "path": path}, receive))
    if isinstance(reply, StreamingResponse):
        return reply.status_code, b"".join([part.encode() async for part in reply.body_iterator])
    return reply.status_code, reply.body


def replied(path: str, body: bytes, length: bytes | None = None) -> tuple[int, bytes]:
    return THREAD.submit(asyncio.run, sent(path, body, length)).result(60)


def checked(path: str, status: int, body: bytes) -> None:
    assert status < 500, body[:300]
    if status >= 400:
        assert json.loads(body)["advice" if status != 409 else "lacking"]
    for line in body.splitlines() if path == "/gaze/relevance" else ():
        assert "on our side" not in json.loads(line).get("advice", ""), line


@pytest.mark.parametrize("path", POSTS)
@MANY
@given(body=st.binary(max_size=80) | JSON.map(json.dumps).map(str.encode), length=st.none() | st.binary(max_size=6))
def test_any_bytes(path, body, length):
    checked(path, *replied(path, body, length))


@pytest.mark.parametrize("path", POSTS)
@MANY
@given(message=MESSAGES)
def test_any_message(path, message):
    checked(path, *replied(path, json.dumps(message).encode()))


def test_half_a_letter_is_told_back():
    """It has no form in UTF-8."""
    edit = {"heads_off": [["\ud800", 0, 0]]}
    message = {"request": {"model": "mini-gpt", "text": "a", "edit": edit}}
    status, body = replied("/gaze/head", json.dumps(message).encode())
    assert status == 422 and "\ud800" in json.loads(body)["advice"]
    status, body = replied("/gaze/texts", json.dumps({"key": LETTERS, "points": [1]}).encode())
    assert status == 200 and json.loads(body)["texts"] == [["\ud800", "\ud800"]]


@MANY
@given(scene=SCENES)
def test_any_picture(scene):
    status, body = replied("/gaze/pdf", json.dumps(scene).encode())
    assert status < 500, body[:300]
    assert body.startswith(b"%PDF") if status == 200 else json.loads(body)


@pytest.fixture(autouse=True, scope="module")
def rooms_in_memory():
    """Rooms of these tests alone, and none on this machine's disk."""
    own, patch = Rooms(":memory:"), pytest.MonkeyPatch()
    patch.setattr(room_routes, "rooms", lambda: own)
    yield own
    patch.undo()


WORDS = st.text(max_size=12) | st.just("x" * 20)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        name: WORDS | JSON
        for name in ("link", "secret", "code", "browser", "page", "query", "door", "frozen", "shown", "kind", "text",
                     "choices", "question", "answer", "number", "id", "version")
    },
)  # fmt: skip


def order_in(body):
    """What a body orders; None where it is no JSON, or JSON of another form."""
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


@pytest.mark.parametrize("what", [*DOES, "nothing"])
@MANY
@given(body=st.binary(max_size=40) | (ORDERS | JSON).map(json.dumps).map(str.encode), known=st.booleans())
def test_any_order_to_a_room(rooms_in_memory, what, body, known):
    """known: the order names a room that there is, with its secret."""
    order = order_in(body)
    room = rooms_in_memory.open() if known and order is not None else None
    if room is not None:
        body = json.dumps(order | {"link": room.link, "secret": room.secret, "browser": "b" * 20}).encode()

    async def ask() -> tuple[int, bytes]:
        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive():
            return next(parts, {"type": "http.disconnect"})

        scope = {"type": "http", "method": "POST", "headers": [], "path": f"/gaze/room/{what}", "client": ("::1", 1)}
        reply = await room_order(Request(scope | {"path_params": {"what": what}}, receive))
        return reply.status_code, reply.body

    try:
        status, said = THREAD.submit(asyncio.run, ask()).result(60)
    finally:
        if room is not None and what != "close":
            rooms_in_memory.close(room.link, room.secret)
        elif what == "open":
            for one in list(rooms_in_memory._rooms.values()):
                rooms_in_memory.close(one.link, one.secret)
    assert status < 500 and isinstance(json.loads(said), dict)


QUESTIONS = st.fixed_dictionaries(
    {},
    optional={
        "lesson": WORDS | st.sampled_from(sorted(lessons())) | JSON,
        "step": st.integers(-2, 12) | SMALL | JSON,
        "page": st.sampled_from(["attention", "start", "vision"]) | WORDS | JSON,
        "query": st.sampled_from(["?layer=2", "text=a", "model=mini-gpt&text=cat"]) | WORDS | JSON,
    },
)


@pytest.mark.parametrize("what", [*lesson_routes.DOES, "nothing"])
@MANY
@given(body=st.binary(max_size=40) | (QUESTIONS | JSON).map(json.dumps).map(str.encode))
def test_any_question_to_a_lesson(what, body):
    async def ask() -> tuple[int, bytes]:
        parts = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive():
            return next(parts, {"type": "http.disconnect"})

        scope = {"type": "http", "method": "POST", "headers": [], "path": f"/gaze/lesson/{what}"}
        reply = await lesson_routes.lesson_order(Request(scope | {"path_params": {"what": what}}, receive))
        return reply.status_code, reply.body

    status, said = THREAD.submit(asyncio.run, ask()).result(60)
    assert status < 500 and isinstance(json.loads(said), dict), said[:300]


GETS = {
    route.path: route.endpoint
    for route in (*ROUTES, *room_routes.ROOM_ROUTES)
    if "POST" not in (route.methods or ()) and route.path not in ("/metrics", "/healthz")
}
ASKED = st.dictionaries(
    st.sampled_from(["names", "address", "link", "browser", "secret", "code"]) | st.text(max_size=4),
    st.sampled_from(["heads", "http://x/", "https://x/" + "y" * 600, "\x00", "x" * 20]) | st.text(max_size=30),
    max_size=4,
)


@pytest.mark.parametrize("path", GETS)
@MANY
@given(
    query=ASKED.map(lambda one: urlencode(one, errors="replace").encode()) | st.binary(max_size=30),
    code=st.text(max_size=9),
)
def test_any_address_of_a_route(rooms_in_memory, path, query, code):
    """Streams of rooms too: there is no room of that name."""

    async def ask() -> int:
        scope = {"type": "http", "method": "GET", "headers": [], "path": path.replace("{code}", code)}
        more = {"query_string": query, "path_params": {"code": code}, "client": ("::1", 1)}
        return (await GETS[path](Request(scope | more))).status_code

    assert THREAD.submit(asyncio.run, ask()).result(60) < 500


def test_a_long_body_is_not_read_to_its_end():
    """Also where its length is not told, or not truly."""
    taken = []

    async def endless():
        taken.append(1)
        assert len(taken) < 100, "read on and on"
        return {"type": "http.request", "body": b" " * 100_000, "more_body": True}

    async def ask() -> int:
        scope = {"type": "http", "method": "POST", "headers": [(b"content-length", b"5")], "path": "/gaze/head"}
        return (await routes.head(Request(scope, endless))).status_code

    assert THREAD.submit(asyncio.run, ask()).result(60) == 422 and len(taken) <= 3


def test_all_routes_are_tried():
    assert set(POSTS) == {"/gaze/head", "/gaze/pdf", "/gaze/patches", "/gaze/relevance", "/gaze/texts"}
    assert Starlette(routes=ROUTES)
