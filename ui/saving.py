"""What a page can be taken away as: exact numbers and files, and the caption under a saved picture."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from core.data.numbers import FORMS, Numbers
from core.requests import Edit, Request
from core.store.revisions import revision_of
from core.types import Refused
from ui import edits
from ui.components.offers.view import Made

log = logging.getLogger("gaze")
Picked = Mapping[str, str]  # what the address says that the picture alone chooses, such as its layer and head
Forms = Mapping[str, tuple[str, Callable[[Picked], bytes]]]  # what a menu calls one -> ending, and how it is made
#: Fields of questions that hold what was typed.
TYPED = ("text", "pair", "source", "target", "source_text", "target_text")
MOST_LINES, LONGEST_LINE = 6, 300


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """One thing to be taken away."""

    title: str
    forms: Forms


def of_numbers(title: str, make: Callable[[Picked], Numbers]) -> Offer:
    """Exact numbers in every form."""

    def written(write: Callable[[Numbers], bytes]) -> Callable[[Picked], bytes]:
        return lambda picked: write(make(picked))

    return Offer(title, {name: (ending, written(write)) for name, (ending, write) in FORMS.items()})


def made(page: str, offers: Sequence[Offer], wanted: Mapping[str, Any]) -> Made:
    """The file that was asked for: {turn, title, form, query}; in words why there is none."""
    turn = int(wanted.get("turn") or 0)
    offer = next((one for one in offers if one.title == wanted.get("title")), None)
    if offer is None or wanted.get("form") not in offer.forms:
        return Made(turn, refused="The picture has changed meanwhile: open the menu again.")
    ending, make = offer.forms[str(wanted["form"])]
    query = parse_qs(str(wanted.get("query", "")).removeprefix("?"), keep_blank_values=True)
    try:
        content = make({name: values[-1] for name, values in query.items()})
    except Refused as refusal:
        return Made(turn, refused=str(refusal))
    except Exception:
        log.exception("a file could not be made")
        return Made(turn, refused="Something went wrong on our side; it was logged.")
    name = re.sub(r"[^\w.]+", "-", f"gaze {page} {offer.title}").strip("-").lower()
    return Made(turn, f"{name}.{ending}", content)


# --- the caption ------------------------------------------------------------------------------------------------------


def caption_of(question: object) -> list[str]:
    """What was asked, line by line: the texts, the models with their revisions, the edit."""
    found = list(dict.fromkeys(_lines(question)))[:MOST_LINES]
    return [line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…" for line in found]


def _lines(value: object) -> Iterator[str]:
    """Texts first, then models."""
    yield from (str(text) for text in _fields(value, TYPED) if text)
    models = [model for request in _parts(value, Request) for model in request.models]
    models += [str(model) for model in _fields(value, ("model",)) if model]
    named = dict.fromkeys(models)
    if named:
        yield ", ".join(with_revision(model) for model in named)
    for edit in _parts(value, Edit):
        yield f"Edit: {edits.in_words(edit)}"


def with_revision(model: str) -> str:
    """A model's name and which state of it answered, as far as that has a name of its own."""
    name = model.rstrip("/").rsplit("/", 1)[-1] if model.startswith(("/", ".")) else model
    revision = [part for part in revision_of(model) if isinstance(part, str) and part]
    return f"{name} @ {revision[0][:12]}" if revision else name


def _fields(value: object, names: Sequence[str]) -> Iterator[object]:
    for part in _parts(value, object):
        if dataclasses.is_dataclass(part):
            for field in dataclasses.fields(part):
                held = getattr(part, field.name)
                if field.name in names and isinstance(held, str):
                    yield held


def _parts(value: object, kind: type) -> Iterator[Any]:
    """A value and what it is made of, as far as it is of a kind."""
    if isinstance(value, kind):
        yield value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _parts(getattr(value, field.name), kind)
    elif isinstance(value, tuple) and len(value) <= 4:  # texts by the hundred are no caption
        for one in value:
            yield from _parts(one, kind)
