"""The routes of lessons: what a lesson says, the answer to a question, and whether a task is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.data.lesson import Link, Step
from core.types import Refused
from ui.lessons import book
from ui.server.replies import Json
from ui.server.room_routes import number, word
from ui.server.routes import replied

LONGEST_QUERY = 20_000  # characters of an address


def step_named(body: dict[str, Any]) -> Step:
    return book.step_of(word(body, "lesson"), number(body, "step"))


def _read(body: dict[str, Any]) -> dict[str, Any]:
    version = book.own_version()
    return {"lesson": book.told(book.lesson_named(word(body, "lesson"))), "version": version}


def _version(_: dict[str, Any]) -> dict[str, Any]:
    return {"version": book.own_version()}


def _choices(body: dict[str, Any]) -> dict[str, Any]:
    step = step_named(body)
    return {"choices": list(book.choices_of(step.question, step.open)) if step.question else []}


def _truth(body: dict[str, Any]) -> dict[str, Any]:
    step = step_named(body)
    if step.question is None:
        raise Refused("This step asks nothing.")
    return book.truth(step.question, step.open)


def _done(body: dict[str, Any]) -> dict[str, Any]:
    query = word(body, "query")
    if len(query) > LONGEST_QUERY:
        raise Refused(f"An address has up to {LONGEST_QUERY:,} characters.")
    return {"done": book.done(step_named(body), Link(word(body, "page"), query))}


DOES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "read": _read, "version": _version, "choices": _choices, "truth": _truth, "done": _done,
}  # fmt: skip


async def lesson_order(request: Request) -> Response:
    """What the panel asks: the last part of the path says what."""
    does = DOES.get(request.path_params["what"])
    if does is None:
        return Json({"advice": "Lessons know no such question."}, status_code=404)
    return await replied(request, lambda body: Json(does(body)))


LESSON_ROUTES = [Route("/gaze/lesson/{what}", lesson_order, methods=["POST"])]
