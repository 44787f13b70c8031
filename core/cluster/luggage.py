"""What a question takes along to another machine, and which questions stay where they are asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from core.data.gallery import Picture
from core.data.picture_files import Brought
from core.data.pictures import STORE, VIEW
from core.requests import KINDS, EmbeddingRequest, Request, requests_in, to_json
from core.requests.base import LONG
from core.store.kept_models import kept_model

OWN = ("own-", "many-", "scene-")  # begin the names of pictures that visitors brought or composed


def stays(request: Request) -> bool:
    """Whether only this process can answer: no model is asked, or a table or a model that it alone holds."""
    if not request.models or type(request).__name__ not in KINDS:  # tables that somebody brought ask no model
        return True
    return any(kept_model(name) for name in request.models)


def pictures_of(request: Request) -> dict[str, Brought | Picture]:
    """The pictures that a request names and visitors brought, as far as they are here: name -> what is kept of it."""
    names = {bare(text) for text in _texts(request)}
    found = {name: STORE.find(name) for name in names if name.startswith(OWN)}
    return {name: one for name, one in found.items() if one is not None}


def subject_of(request: Request) -> str:
    """What a replica that answered about it before knows already: vectors of many texts; '' where there are none.

    All else goes to whoever has least to do: a class asks one model at once, and every replica is to answer then.
    """
    for one in _every(request):
        if isinstance(one, EmbeddingRequest):
            return hashlib.sha256(to_json(one).encode()).hexdigest()[:24]
    return ""


def take_in(pictures: dict[str, Any]) -> None:
    """Keep pictures that came with a question, under their names. TypeError: something else came."""
    for name, one in pictures.items():
        if not isinstance(one, Brought | Picture) or not name.startswith(OWN):
            raise TypeError(f"{name} is no picture that somebody brought")
        STORE.put(name, one)


def bare(name: str) -> str:
    """The name of a picture without what is done to it."""
    while name.startswith(VIEW) and name.count(":") >= 3:
        name = name.split(":", 3)[3]
    return name


def _every(request: Request) -> Iterator[Request]:
    yield request
    for part in fields(request):
        for inner in requests_in(getattr(request, part.name)):
            yield from _every(inner)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple) and len(value) <= LONG:  # no question names more pictures than that
        for held in value:
            yield from _texts(held)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in fields(value):
            yield from _texts(getattr(value, part.name))
