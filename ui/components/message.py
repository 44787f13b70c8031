"""The frame in which every browser component gets its data: a header, and arrays by name (shared/message.js reads it).

The layout is [uint32 little-endian: bytes of the JSON][JSON: {header, arrays: [{name, type, shape}]}], then the numbers
of each array in that order, little-endian, each beginning at a multiple of 4.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping, Sequence

import numpy as np

from core.tokens import lettered
from core.types import Token

TYPES = ("uint8", "uint16", "uint32", "int32", "float32")
ALIGNED = 4  # bytes


def pack(header: Mapping[str, object], arrays: Mapping[str, np.ndarray] | None = None) -> bytes:
    """One message. header: what JSON can hold, no NaN in it; arrays: of any shape, of one of TYPES.

    Raises TypeError and ValueError for what cannot be sent: those are mistakes of ours.
    """
    arrays = arrays or {}
    told = []
    for name, values in arrays.items():
        if values.dtype.name not in TYPES:
            raise TypeError(f"{name}: {values.dtype} cannot be sent, only {', '.join(TYPES)}")
        told.append({"name": name, "type": values.dtype.name, "shape": values.shape})
    parts = [_opening({"header": header, "arrays": told})]
    for values in arrays.values():
        numbers = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
        parts += [numbers.tobytes(), bytes(-numbers.nbytes % ALIGNED)]
    return b"".join(parts)


def labelled_tokens(tokens: Sequence[Token]) -> list[list[object]]:
    """[text, id, 1 where it is special] of each, bytes behind the letter that they are part of."""
    texts = lettered([one.text for one in tokens])
    return [[text, one.id, int(one.special)] for text, one in zip(texts, tokens, strict=True)]


def unpack(message: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    """(header, arrays by name) of a message."""
    (length,) = struct.unpack_from("<I", message)
    frame, start, found = json.loads(message[4 : 4 + length]), 4 + length, {}
    for array in frame["arrays"]:
        start += -start % ALIGNED
        kind, count = np.dtype(array["type"]).newbyteorder("<"), math.prod(array["shape"])
        found[array["name"]] = np.frombuffer(message, kind, count, start).reshape(array["shape"])
        start += count * kind.itemsize
    return frame["header"], found


def with_height(message: bytes, height: int) -> bytes:
    """The same message for a picture of so many pixels: its header says so, its arrays stay as they are."""
    (length,) = struct.unpack_from("<I", message)
    frame = json.loads(message[4 : 4 + length])
    frame["header"]["height"] = height
    first = 4 + length + -(4 + length) % ALIGNED
    return _opening(frame) + message[first:]


def _opening(frame: Mapping[str, object]) -> bytes:
    text = json.dumps(frame, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % ALIGNED)
    return struct.pack("<I", len(text)) + text
