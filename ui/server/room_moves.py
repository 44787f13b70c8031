"""What a lecturer's order makes of the state of a room: a page, a sentence, a spotlight; and who moved it last."""

from __future__ import annotations

import re
from typing import Any

from core.types import Refused
from ui.components.shown import NAME

LONGEST_QUERY = 20_000  # characters of an address
LONGEST_TEXT = 300  # of a question, or of what a student sends
PAGE = re.compile(r"[a-z_]{0,40}")
MOST_PICTURES = 40  # of a page
PICTURE = (re.compile(r"[a-z_]{1,40}"), re.compile(r"[^\x00-\x1f]{1,100}"), re.compile(rf"[0-9a-f]{{{NAME}}}"))
SPOT = re.compile(r"(picture|control|head|row|column|cell|at)( [\w.-]{1,80}){0,3}")  # as lessons write what lights up
TOGETHER = 3.0  # seconds within which two lecturers move at once


def begun() -> dict[str, Any]:
    """The state of a room that was just opened."""
    state: dict[str, Any] = {"page": "", "query": "", "door": True, "frozen": False}
    # Pictures that stand at this address in the lecturer's browser: [component, its key, name of its message] each.
    state |= {"question": None, "shown": "", "spot": "", "pictures": []}
    # The browser that moved it last, and when by the machine's uptime; how often two lecturers moved at once.
    return state | {"mover": "", "moved": 0.0, "clash": 0}


def check(given: dict[str, Any]) -> None:
    """Refused: an order says what cannot be."""
    page, query, shown, spot = (given.get(name, "") for name in ("page", "query", "shown", "spot"))
    if not isinstance(page, str) or not PAGE.fullmatch(page):
        raise Refused("A room stands at a page of Gaze.")
    if not isinstance(query, str) or len(query) > LONGEST_QUERY:
        raise Refused(f"An address has up to {LONGEST_QUERY:,} characters.")
    if not isinstance(shown, str) or len(shown) > LONGEST_TEXT:
        raise Refused(f"A sentence on the screen has up to {LONGEST_TEXT} characters.")
    if not isinstance(spot, str) or (spot and not SPOT.fullmatch(spot)):
        raise Refused("A spotlight falls on a picture, a control, a head, a row, a column, a cell or a place.")
    pictures = given.get("pictures", [])
    if not isinstance(pictures, list) or len(pictures) > MOST_PICTURES or not all(map(_named, pictures)):
        raise Refused(f"A page shows up to {MOST_PICTURES} pictures, each with component, key and name.")


def _named(picture: object) -> bool:
    if not isinstance(picture, list) or len(picture) != len(PICTURE):
        return False
    return all(isinstance(one, str) and form.fullmatch(one) for one, form in zip(picture, PICTURE, strict=True))


def changed(state: dict[str, Any], given: dict[str, Any], uptime: float) -> dict[str, Any]:
    """What an order changes of a state; what it does not name stays as it is, but a spotlight goes with its page.

    Pictures come and go with the address at which they stand. The last move counts, and where two lecturers move at
    once it is counted, so that both are told.
    """
    new: dict[str, Any] = {name: given[name] for name in ("page", "query", "shown", "spot") if name in given}
    new |= {name: bool(given[name]) for name in ("door", "frozen") if name in given}
    if new.get("page", state["page"]) != state["page"]:
        new.setdefault("spot", "")
    if any(new.get(name, state[name]) != state[name] for name in ("page", "query")):
        new["pictures"] = given.get("pictures", [])
        before, mover = state["mover"], given.get("by", "")
        clash = bool(before and mover and before != mover and 0 <= uptime - state["moved"] < TOGETHER)
        new |= {"mover": mover, "moved": uptime, "clash": state["clash"] + clash}
    return new
