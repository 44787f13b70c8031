"""The routes of rooms: one stream of events that followers read, and small messages of lecturer and students."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
import logging
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl

import segno
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from core.data.kept_cards import folder
from core.types import Refused
from ui.components import shown
from ui.server.replies import Json
from ui.server.room_file import BUSY, WAIT
from ui.server.room_moves import check
from ui.server.rooms import Room, Rooms
from ui.server.routes import FAULT, body_of, query_of

LONGEST_BODY = 60_000  # bytes
ALIVE = 15.0  # seconds after which a silent stream says that it lives
LOOK = 1.0  # seconds between two looks at who is present and what was answered
FILE = "rooms.sqlite3"
#: Those who write into the file of the rooms. It may be held by another server, or lie on a slow disk: whoever waits
#: for it holds up nothing but rooms.
HANDS = ThreadPoolExecutor(4, thread_name_prefix="rooms")
MAKING = threading.Lock()
log = logging.getLogger("gaze")
P = ParamSpec("P")
V = TypeVar("V")


async def in_hand(does: Callable[P, V], *args: P.args, **kwargs: P.kwargs) -> V:
    """What a call gives that may have to wait for the file of the rooms.

    Refused: it waited in line for as long as one waits for the file; else a crowd would wait for one after the other.
    """
    came = time.monotonic()

    def done() -> V:
        if time.monotonic() - came > WAIT:
            raise Refused(BUSY)
        return does(*args, **kwargs)

    return await asyncio.wrap_future(HANDS.submit(done))


def rooms() -> Rooms:
    """The rooms of this server: one and the same, whoever asks first."""
    with MAKING:
        return _made()


@lru_cache(maxsize=1)
def _made() -> Rooms:
    """Rooms; kept in memory alone where the server's folder cannot be written."""
    try:
        folder().mkdir(parents=True, exist_ok=True)
        return Rooms(folder() / FILE)
    except (OSError, sqlite3.Error):
        log.warning("rooms are kept in memory: a restart closes them")
        return Rooms(":memory:")


def told(room: Room, *, leads: bool) -> dict[str, Any]:
    """What a stream says: to who leads also the answers so far, what students sent, and the code."""
    question = room.state["question"]
    counts = rooms().counts(room) if question and (leads or question["revealed"]) else None
    said = {
        "page": room.state["page"],
        "query": room.state["query"],
        "pictures": room.state["pictures"],
        "frozen": room.state["frozen"],
        "shown": room.state["shown"],
        "spot": room.state["spot"],
        "question": question and question | {"counts": counts},
        "here": len(room.present),
    }
    if leads:
        said |= {"code": room.code, "door": room.state["door"], "said": [one["text"] for one in room.said]}
        said |= {"mover": room.state["mover"], "clash": room.state["clash"]}
    return said


def written(room: Room, *, leads: bool) -> str:
    """The same as JSON, made once for all streams that say it."""
    state = room.version, room.votes, len(room.present), len(room.said)
    if room.written.get(leads, ((), ""))[0] != state:
        room.written[leads] = state, json.dumps(told(room, leads=leads))
    return room.written[leads][1]


def word(body: dict[str, Any], name: str) -> str:
    """A text of a message; Refused where it is none."""
    value = body.get(name, "")
    if not isinstance(value, str):
        raise Refused(f"{name} is a text.")
    return value


def number(body: dict[str, Any], name: str, usual: int = -1) -> int:
    """A whole number of a message; Refused where it is none."""
    value = body.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"{name} is a whole number.")
    return value


def _open(_: dict[str, Any], __: str) -> dict[str, Any]:
    room = rooms().open()
    return {"link": room.link, "code": room.code, "secret": room.secret}


def _find(body: dict[str, Any], asker: str) -> dict[str, Any]:
    return {"link": rooms().find(word(body, "code"), asker)}


def _change(body: dict[str, Any], _: str) -> dict[str, Any]:
    names = ("page", "query", "door", "frozen", "shown", "spot", "pictures")
    given: dict[str, Any] = {name: body[name] for name in names if name in body}
    given["by"] = word(body, "browser")
    link, secret = word(body, "link"), word(body, "secret")
    rooms().led(link, secret)
    check(given)
    if not shown.tell(name for *_, name in given.get("pictures", [])):
        given["pictures"] = []  # another server drew them: followers need not ask for what is not here
    return {"version": rooms().change(link, secret, **given).version}


def _ask(body: dict[str, Any], _: str) -> dict[str, Any]:
    options = body.get("options", [])
    if not isinstance(options, list):
        raise Refused("Answers are a list.")
    return {"version": rooms().ask(word(body, "link"), word(body, "secret"), word(body, "text"), options).version}


def _reveal(body: dict[str, Any], _: str) -> dict[str, Any]:
    return {"version": rooms().reveal(word(body, "link"), word(body, "secret"), number(body, "right")).version}


def _take(body: dict[str, Any], _: str) -> dict[str, Any]:
    link, secret, place = word(body, "link"), word(body, "secret"), number(body, "place")
    return {"version": rooms().take(link, secret, place, show=bool(body.get("show"))).version}


def _close(body: dict[str, Any], _: str) -> dict[str, Any]:
    rooms().close(word(body, "link"), word(body, "secret"))
    return {}


def _vote(body: dict[str, Any], _: str) -> dict[str, Any]:
    rooms().vote(word(body, "link"), word(body, "browser"), number(body, "question"), number(body, "choice"))
    return {}


def _say(body: dict[str, Any], _: str) -> dict[str, Any]:
    rooms().say(word(body, "link"), word(body, "browser"), word(body, "text"))
    return {}


def _look(body: dict[str, Any], _: str) -> dict[str, Any]:
    return {"version": rooms().room(word(body, "link")).version}


DOES = {
    "open": _open, "find": _find, "change": _change, "ask": _ask, "reveal": _reveal, "take": _take, "close": _close,
    "vote": _vote, "look": _look, "say": _say,
}  # fmt: skip


async def room_order(request: Request) -> Response:
    """What lecturer and students send: the last part of the path says what."""
    does = DOES.get(request.path_params["what"])
    if does is None:
        return Json({"advice": "Rooms know no such order."}, status_code=404)
    try:
        asker = request.client.host if request.client else ""
        return Json(await in_hand(does, await body_of(request, LONGEST_BODY), asker))
    except Refused as advice:
        return Json({"advice": str(advice)}, status_code=422)
    except Exception:
        log.exception("a route failed")
        return Json({"advice": FAULT}, status_code=500)


async def room_events(request: Request) -> Response:
    """The stream of a room: its state at once, then whenever it changes; a comment now and then while nothing does."""
    given = dict(parse_qsl(query_of(request)))
    link, browser, secret = given.get("link", ""), given.get("browser", ""), given.get("secret", "")
    try:
        room = await (in_hand(rooms().led, link, secret) if secret else in_hand(rooms().enter, link, browser))
    except Refused as advice:
        return Json({"advice": str(advice)}, status_code=422)
    return Stream(room, browser, leads=bool(secret))


class Stream(StreamingResponse):
    """The stream as a reply; its browser has left when it ends, also where that was gone before the first word."""

    def __init__(self, room: Room, browser: str, *, leads: bool) -> None:
        self._left = None if leads else partial(rooms().leave, room, browser)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_events(room, leads=leads), media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._left is not None:
                await asyncio.shield(asyncio.wrap_future(HANDS.submit(self._left)))


async def _events(room: Room, *, leads: bool) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    changed = asyncio.Event()
    loop, thread = asyncio.get_running_loop(), threading.get_ident()

    def tell() -> None:
        if threading.get_ident() == thread:
            changed.set()
        else:  # another server's news come by a thread
            loop.call_soon_threadsafe(changed.set)

    room.listeners.add(tell)
    rooms().watch()
    last, spoke = "", clock()
    try:
        with shown.listening():
            while True:
                changed.clear()
                try:
                    rooms().known(room.link)
                except Refused as advice:
                    yield f"event: closed\ndata: {json.dumps({'advice': str(advice)})}\n\n"
                    return
                message = written(room, leads=leads)
                if message != last:
                    last, spoke = message, clock()
                    yield f"data: {message}\n\n"
                elif clock() - spoke >= ALIVE:
                    spoke = clock()
                    yield ": here\n\n"
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), LOOK)
    finally:
        room.listeners.discard(tell)


async def room_shown(request: Request) -> Response:
    """The message of a picture that a lecturer shows, as the components read it."""
    found = shown.told(request.path_params["code"])
    if found is None:
        return Json({"advice": "This picture is not here: the page draws it."}, status_code=404)
    headers = {"Cache-Control": "private, max-age=86400, immutable", "vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        found = await asyncio.to_thread(gzip.decompress, found)
    return Response(found, media_type="application/octet-stream", headers=headers)


async def room_picture(request: Request) -> Response:
    """A QR code of an address of this app, as SVG."""
    address = dict(parse_qsl(query_of(request))).get("address", "")
    if not address.startswith(("http://", "https://")) or len(address) > 500:
        return Json({"advice": "A picture is made of an address of up to 500 characters."}, status_code=422)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=8, border=2, dark="#000", light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


ROOM_ROUTES = [
    Route("/gaze/room/events", room_events),
    Route("/gaze/room/picture", room_picture),
    Route("/gaze/room/shown/{code}", room_shown),
    Route("/gaze/room/{what}", room_order, methods=["POST"]),
]
