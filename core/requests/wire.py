"""Requests as JSON and as a page's address, and back; what comes from outside is checked field by field."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from typing import Any

from core.requests import heads, parts, picture, sequence, text
from core.requests.base import Request
from core.requests.parts import Edit
from core.requests.text import TextRequest
from core.types import Refused

#: Every kind of request, by name.
KINDS: dict[str, type[Request]] = {
    name: kind
    for module in (text, picture, sequence, heads)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Request) and kind is not Request
}
FIELDS = {**vars(parts), **vars(text), **vars(picture), **vars(sequence), **vars(heads)}


def to_mapping(request: Any) -> dict[str, Any]:
    """Plain values of a request or a part of one, defaults left out."""
    return {
        f.name: _plain(getattr(request, f.name))
        for f in dataclasses.fields(request)
        if f.default is dataclasses.MISSING or getattr(request, f.name) != f.default
    }


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return to_mapping(value)
    if isinstance(value, frozenset):
        return sorted(_plain(held) for held in value)
    return [_plain(held) for held in value] if isinstance(value, tuple) else value


def to_json(request: Request) -> str:
    """The request as JSON, defaults left out; from_json(kind, ...) gives back an equal one."""
    return json.dumps(to_mapping(request), ensure_ascii=False, sort_keys=True)


def from_json(kind: str, written: str) -> Request:
    """The request of a kind, one of KINDS, that to_json wrote; Refused names the field that does not fit."""
    if kind not in KINDS:
        raise Refused(f"{kind!r} is no kind of request: use {', '.join(sorted(KINDS))}.")
    try:
        given = json.loads(written)
    except ValueError as error:
        raise Refused("This request is no JSON.") from error
    if not isinstance(given, Mapping):
        raise Refused("This request is no JSON object.")
    found: Request = _built(KINDS[kind], given)
    return found


def to_address(request: Request) -> dict[str, str]:
    """The request as parameters of a page's address: `ask` is its kind, what is no text is JSON."""
    given = to_mapping(request)
    return {"ask": type(request).__name__} | {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in given.items()
    }


def from_address(given: Mapping[str, str]) -> Request:
    """The request that to_address wrote; Refused names what does not fit."""
    kind = KINDS.get(given.get("ask", ""))
    if kind is None:
        raise Refused(f"{given.get('ask', '')!r} is no kind of request: use {', '.join(sorted(KINDS))}.")
    hints = typing.get_type_hints(kind, FIELDS)
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name == "ask":
            continue
        try:
            values[name] = value if hints.get(name) is str or _literal(hints.get(name)) else json.loads(value)
        except ValueError as error:
            raise Refused(f"{name} cannot be read in this address.") from error
    found: Request = _built(kind, values)
    return found


def _literal(hint: Any) -> bool:
    return typing.get_origin(hint) is typing.Literal


def _built(kind: type[Any], given: Mapping[str, Any]) -> Any:
    known = typing.get_type_hints(kind, FIELDS)
    for name in given:
        if name not in known:
            raise Refused(f"{name!r} is no part of a request: use {', '.join(sorted(known))}.")
    try:
        return kind(**{name: _value(name, known[name], value) for name, value in given.items()})
    except TypeError as error:
        needed = [f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING]
        raise Refused(f"A request of this kind needs at least {' and '.join(needed)}.") from error


def _value(name: str, hint: Any, value: Any) -> Any:
    """A plain value as a field wants it; Refused where it is another kind of thing."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        return _value(name, _fitting([kind for kind in inner if kind is not type(None)], value), value)
    if origin is typing.Literal:
        if value not in inner:
            raise Refused(f"{name.capitalize()} {value!r} is unknown: choose {', '.join(map(str, inner))}.")
        return value
    if origin in (tuple, frozenset):
        if not isinstance(value, list | tuple):
            raise Refused(f"{name} must be a list, not {type(value).__name__}.")
        if origin is tuple and inner[-1] is not Ellipsis:
            if len(value) != len(inner):
                raise Refused(f"{name} must be a list of {len(inner)}, not of {len(value)}.")
            return tuple(_value(name, kind, held) for kind, held in zip(inner, value, strict=True))
        return origin(_value(name, inner[0], held) for held in value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise Refused(f"{name} must be an object, not {type(value).__name__}.")
        return _built(hint, value)
    return _scalar(name, hint, value)


def _fitting(kinds: list[Any], value: Any) -> Any:
    """Of several kinds the first that has all fields of a value, else the first, which then says what is wrong."""
    given = set(value) if isinstance(value, Mapping) else set()
    fields = ((kind, {f.name for f in dataclasses.fields(kind)}) for kind in kinds if dataclasses.is_dataclass(kind))
    return next((kind for kind, known in fields if given <= known), kinds[0])


def _scalar(name: str, hint: Any, value: Any) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, hint) or (hint is not bool and isinstance(value, bool)):
        wanted = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}.get(hint, hint.__name__)
        raise Refused(f"{name} must be {wanted}, not {type(value).__name__}.")
    return value


def from_mapping(given: Mapping[str, Any]) -> TextRequest:
    """A TextRequest from what a browser sent; Refused names the field that does not fit."""
    if not isinstance(given, Mapping):
        raise Refused(f"A request is an object with a model and a text, not {type(given).__name__}.")
    values = dict(given)
    edit = edit_from(values.pop("edit")) if values.get("edit") else None
    if not {"model", "text"} <= set(values):
        raise Refused("A request needs at least a model and a text.")
    plain: TextRequest = _built(TextRequest, values)
    return dataclasses.replace(plain, edit=edit)


def edit_from(given: Mapping[str, Any]) -> Edit:
    """An Edit from plain JSON values; Refused when a field has the wrong form."""
    if not isinstance(given, Mapping):
        raise Refused(f"This edit cannot be read: it is no object but {type(given).__name__}.")
    try:
        found: Edit = _built(Edit, given)
    except Refused as refusal:
        known = str(refusal).startswith(("Temperature", "Mask", "A window"))
        raise refusal if known else Refused(f"This edit cannot be read: {refusal}") from refusal
    return found
