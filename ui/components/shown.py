"""Messages of pictures that a room may be shown before its pages have run: noted where they are mounted, kept by name.

The name of a message is a part of its keyed hash: nobody can work it out from what is drawn, and a picture is handed
out only after a lecturer has told its name to a room.
"""

from __future__ import annotations

import gzip
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from core.cache import Cache

NAME = 32  # digits of a name: 128 bits
QUICK = 1  # level of the compression: somebody waits for it
_KEY = secrets.token_bytes(32)
#: By (whether it was told to a room, name): messages as they were mounted, and as they are handed out.
KEPT = Cache(int(os.environ.get("GAZE_SHOWN_BYTES", 128_000_000)))
Picture = tuple[str, str, str]  # component, its key on the page, name of its message

_NOTED: ContextVar[list[Picture] | None] = ContextVar("noted", default=None)
_listening = 0


@contextmanager
def listening() -> Iterator[None]:
    """Round a stream of a room: while there is one here, messages of pictures are named and kept. On the event loop."""
    global _listening
    _listening += 1
    try:
        yield
    finally:
        _listening -= 1


@contextmanager
def noting() -> Iterator[list[Picture]]:
    """Round what draws a page: the pictures that are mounted meanwhile; none while nobody listens to a room here."""
    found: list[Picture] = []
    token = _NOTED.set(found if _listening else None)
    try:
        yield found
    finally:
        _NOTED.reset(token)


def note(component: str, key: str, message: object) -> None:
    """A component was mounted; what is no message of bytes is no picture."""
    if (noted := _NOTED.get()) is None or not isinstance(message, bytes):
        return
    name = hmac.digest(_KEY, message, "sha256").hex()[:NAME]
    KEPT.put((False, name), message)
    noted.append((component, key, name))


def tell(names: Iterable[str]) -> bool:
    """Have pictures handed out from now on; whether all of them are still here."""
    return all([_told(name) for name in names])


def _told(name: str) -> bool:
    if KEPT.find((True, name)) is not None:
        return True
    message = KEPT.find((False, name))
    if message is not None:
        KEPT.put((True, name), gzip.compress(message, QUICK, mtime=0))
    return message is not None


def told(name: str) -> bytes | None:
    """The message of a picture that a room was told of, compressed by gzip; None where it is not here."""
    return KEPT.find((True, name))
