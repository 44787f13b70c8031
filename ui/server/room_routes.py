"""The routes of rooms: one stream of events that followers read, and small messages of lecturer and students."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import sqlite3
import threading
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core.data.kept_cards import folder
from core.types import Refused
from ui.server.rooms import Room, Rooms
from ui.server.routes import body_of

LONGEST_BODY = 60_000  # bytes
ALIVE = 15.0  # seconds after which a silent stream says that it lives
LOOK = 1.0  # seconds between two looks at who is present and what was answered
FILE = "rooms.sqlite3"
log = logging.getLogger("gaze")


@lru_cache(maxsize=1)
def rooms() -> Rooms:
    """The rooms of this server; kept in memory alone where its folder cannot be written."""
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
        room.written[leads] = state, json.dumps(told(room, leads=leads), ensure_ascii=False)
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
    given: dict[str, Any] = {
        name: body[name] for name in ("page", "query", "door", "frozen", "shown", "spot") if name in body
    }
    given["by"] = word(body, "browser")
    return {"version": rooms().change(word(body, "link"), word(body, "secret"), **given).version}


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
        return JSONResponse({"advice": "Rooms know no such order."}, status_code=404)
    try:
        asker = request.client.host if request.client else ""
        return JSONResponse(does(await body_of(request, LONGEST_BODY), asker))
    except Refused as advice:
        return JSONResponse({"advice": str(advice)}, status_code=422)


async def room_events(request: Request) -> Response:
    """The stream of a room: its state at once, then whenever it changes; a comment now and then while nothing does."""
    given = dict(parse_qsl(request.url.query))
    link, browser, secret = given.get("link", ""), given.get("browser", ""), given.get("secret", "")
    try:
        room = rooms().led(link, secret) if secret else rooms().enter(link, browser)
    except Refused as advice:
        return JSONResponse({"advice": str(advice)}, status_code=422)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _events(room, browser, leads=bool(secret)), media_type="text/event-stream", headers=headers
    )


async def _events(room: Room, browser: str, *, leads: bool) -> AsyncIterator[str]:
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
        if not leads:
            rooms().leave(room, browser)


async def room_picture(request: Request) -> Response:
    """A QR code of an address of this app, as SVG."""
    address = dict(parse_qsl(request.url.query)).get("address", "")
    if not address.startswith(("http://", "https://")) or len(address) > 500:
        return JSONResponse({"advice": "A picture is made of an address of up to 500 characters."}, status_code=422)
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=8, border=2, dark="#000", light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


ROOM_ROUTES = [
    Route("/gaze/room/events", room_events),
    Route("/gaze/room/picture", room_picture),
    Route("/gaze/room/{what}", room_order, methods=["POST"]),
]
