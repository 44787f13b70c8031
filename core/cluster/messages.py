"""What travels between a server and a replica: one question, then news of it and its answer, each under a seal."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from core.cache.memory import Full
from core.cluster.secret import SEAL, is_sealed, seal
from core.cluster.values import packed, unpacked
from core.requests import Request, from_json, to_json
from core.types import Refused, Stopped

NONCE, SEALED = "x-gaze-nonce", "x-gaze-seal"  # headers of a question
HEAD = struct.Struct(">cQ")  # of a frame: its kind, and the bytes that follow the seal
#: news: (args of progress); value; refused: (name of REFUSALS, sentence); failed: places of an error; foreign: nothing.
Kind = Literal[b"n", b"v", b"r", b"f", b"w"]
NEWS, VALUE, REFUSED, FAILED, OTHER_WEIGHTS = b"n", b"v", b"r", b"f", b"w"
REFUSALS = {kind.__name__: kind for kind in (Refused, Stopped, Full)}


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A request, the revisions of its models where it was asked, and pictures that only the asking server holds."""

    request: Request
    revisions: tuple[object, ...]
    pictures: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One message of an answer."""

    kind: bytes
    content: Any


class Torn(Exception):
    """An answer that ended in the middle, or whose seal is not right."""


def written(question: Question) -> bytes:
    """A question as bytes."""
    kind, said = type(question.request).__name__, to_json(question.request)
    return packed((kind, said, question.revisions, question.pictures))


def read(content: bytes) -> Question:
    """The question that was written. Refused: what is wrong with it."""
    kind, said, revisions, pictures = unpacked(content)
    return Question(from_json(kind, said), revisions, pictures)


def frame(key: bytes, nonce: bytes, number: int, kind: bytes, content: Any) -> list[bytes]:
    """A message of an answer, the number-th of it, in parts to be sent."""
    body = packed(content)
    head = HEAD.pack(kind, len(body))
    return [head + seal(key, nonce, b"%d" % number, head, body), body]


def next_frame(key: bytes, nonce: bytes, number: int, take: Callable[[int], bytes]) -> Frame:
    """The number-th message of an answer; take(count) gives so many bytes of it, fewer where it ends. Torn."""
    start = take(HEAD.size + SEAL)
    if len(start) < HEAD.size + SEAL:
        raise Torn("the answer ended")
    kind, size = HEAD.unpack(start[: HEAD.size])
    body = take(size)
    if len(body) < size or not is_sealed(start[HEAD.size :], key, nonce, b"%d" % number, start[: HEAD.size], body):
        raise Torn("the answer is not whole")
    return Frame(kind, unpacked(body))
