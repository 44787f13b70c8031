"""What all requests have in common: they are frozen, hashable, and know which models they ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

PARTS = "core.requests.parts"  # what stands there holds no request
LONG = 64  # entries of a tuple from which on only the first is looked at


@dataclass(frozen=True, slots=True)
class Request:
    """A question that `ask` answers; the cache's key, and what travels to a cluster."""

    @property
    def models(self) -> tuple[str, ...]:
        """Names of the models that are asked, each once: its own, then those of the requests that it holds."""
        own = getattr(self, "model", "")
        held = (name for f in fields(self) for part in requests_in(getattr(self, f.name)) for name in part.models)
        return tuple(dict.fromkeys(name for name in (own, *held) if name))


def requests_in(value: object) -> Iterator[Request]:
    """The requests that a value is or holds, in tuples and frozen values; not those inside another request."""
    if isinstance(value, Request):
        yield value
    elif isinstance(value, tuple):
        if len(value) > LONG and not isinstance(value[0], Request | tuple):
            return  # texts, sentences, links: thousands, and none of them a request
        for held in value:
            yield from requests_in(held)
    elif is_dataclass(value) and not isinstance(value, type) and type(value).__module__ != PARTS:
        for f in fields(value):
            yield from requests_in(getattr(value, f.name))
