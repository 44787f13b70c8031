"""Every question that can be asked of a model: frozen and hashable; the cache's key, and what travels to a cluster."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import Refused

Mask = Literal["model", "none", "causal", "local"]


#: Longest input in characters that any page accepts; what a model can read is checked in tokens later.
MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Edit:
    """A change made while the model runs, so that a class sees what it does to maps and predictions."""

    heads_off: tuple[tuple[str, int, int], ...] = ()  # (kind, layer, head): output set to zero
    scaled: bool = True  # False leaves out 1/sqrt(d)
    temperature: float = 1.0  # scores are divided by it
    mask: Mask = "model"  # replaces the causal part; padding stays hidden
    window: int = 2  # tokens to each side, for mask "local"

    def __post_init__(self) -> None:
        if not (0.01 <= self.temperature <= 100):
            raise Refused(f"Temperature {self.temperature:g}: choose one between 0.01 and 100.")
        if self.mask not in ("model", "none", "causal", "local"):
            raise Refused(f"Mask {self.mask!r} is unknown: choose model, none, causal or local.")
        if self.window < 0:
            raise Refused(f"A window of {self.window} tokens: choose 0 or more.")


@dataclass(frozen=True, slots=True)
class TextRequest:
    """A question to a text model; hashable, the cache key, the URL, and what travels to a cluster."""

    model: str  # a shelf name, a hub id or a folder
    text: str
    pair: str = ""  # second text, for models that read two
    target: str = ""  # the decoder's text; empty: what the model itself writes
    language: str = ""  # language to translate into, for models that need one
    edit: Edit | None = None

    def __post_init__(self) -> None:
        for name in ("text", "pair", "target"):
            length = len(getattr(self, name))
            if length > MOST_CHARACTERS:
                raise Refused(
                    f"Your {name} has {length:,} characters; Gaze reads up to {MOST_CHARACTERS:,}. Shorten it."
                )


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A question to a vision model about one picture: of the gallery, or as it was named when it was taken in."""

    model: str
    image: str
    fit: Literal["model", "whole"] = "model"  # cut or squeezed as the model learned it; or whole, in its own shape
    edit: Edit | None = None


def to_json(request: TextRequest | ImageRequest) -> str:
    """The request as JSON, defaults left out; from_json gives back an equal one."""
    defaults = {f.name: f.default for f in dataclasses.fields(request)}
    named = {k: v for k, v in dataclasses.asdict(request).items() if v != defaults[k]}
    return json.dumps(named, ensure_ascii=False, sort_keys=True)


def from_mapping(given: Mapping[str, Any]) -> TextRequest:
    """A TextRequest from what a browser sent; Refused names the field that does not fit."""
    known = {f.name for f in dataclasses.fields(TextRequest)}
    for name, value in given.items():
        if name not in known:
            raise Refused(f"{name!r} is no part of a request: use {', '.join(sorted(known))}.")
        if name != "edit" and not isinstance(value, str):
            raise Refused(f"{name} must be text, not {type(value).__name__}.")
    values = dict(given)
    if values.get("edit"):
        values["edit"] = edit_from(values["edit"])
    try:
        return TextRequest(**values)
    except TypeError as error:
        raise Refused("A request needs at least a model and a text.") from error


def edit_from(given: Mapping[str, Any]) -> Edit:
    """An Edit from plain JSON values; Refused when a field has the wrong form."""
    try:
        off = tuple((str(kind), int(layer), int(head)) for kind, layer, head in given.get("heads_off", ()))
        return Edit(
            heads_off=off,
            scaled=bool(given.get("scaled", True)),
            temperature=float(given.get("temperature", 1.0)),
            mask=given.get("mask", "model"),
            window=int(given.get("window", 2)),
        )
    except (AttributeError, TypeError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(f"This edit cannot be read: {error}.") from error
