"""The state of a model's weights: it is part of the key of all that is kept of a model."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from core.cache import ANSWERS
from core.cache.memory import with_room
from core.requests import requests_in
from core.store.shelf import SHELF, card_for
from core.types import Refused

Arguments = ParamSpec("Arguments")
Value = TypeVar("Value")
#: Parameters that hold the name of a model.
NAMING = ("model", "name", "teacher", "student")


def state_of(folder: Path) -> tuple[tuple[str, int], ...]:
    """Which files a folder holds and when they last changed, so that a model trained again is loaded again."""
    files = sorted([path for ending in ("safetensors", "json", "gguf") for path in folder.glob(f"*.{ending}")])
    return tuple((path.name, path.stat().st_mtime_ns if path.exists() else 0) for path in files)


def revision_of(model: str) -> tuple[object, ...]:
    """What tells a model from the same one trained anew; empty for a name that leads nowhere.

    A model of the shelf has its card's checksum or the hub's commit; a folder of somebody's own the state of its files.
    """
    try:
        card = SHELF.get(model) or card_for(model)
    except Refused:
        return ()
    if card.folder and not card.sha256:
        return state_of(Path(card.id))
    return (card.sha256 or card.revision,)


def revisions_of(*values: object) -> tuple[object, ...]:
    """The revisions of all models that requests among these values ask."""
    names = dict.fromkeys(name for request in requests_in(values) for name in request.models)
    return tuple(revision_of(name) for name in names)


def kept(function: Callable[Arguments, Value]) -> Callable[Arguments, Value]:
    """Keeps what a function gives by its arguments and the state of the models that they name.

    A model is named by a Request anywhere among the arguments, or by a text under one of NAMING. All arguments are
    hashable, and the value is not changed by anybody. Quick things only: the caller's thread does the work.
    """
    signature = inspect.signature(function)
    naming = tuple(name for name in NAMING if name in signature.parameters)
    title = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def found(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Value:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = tuple(bound.arguments.items())
        named = tuple(revision_of(bound.arguments[name]) for name in naming if isinstance(bound.arguments[name], str))
        key = (title, given, named, revisions_of(*bound.arguments.values()))
        value: Value = ANSWERS.here(key, lambda: with_room(lambda _: function(*args, **kwargs)))
        return value

    return found
