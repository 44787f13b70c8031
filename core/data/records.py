"""JSON as tables bring it: an object a line, or one list of objects."""

from __future__ import annotations

import json

import numpy as np

from core.data.delimited import MOST_VECTORS
from core.types import Refused

Record = tuple[int, object]  # line, what stands there; line 0: the file is one list


def records_in(text: str, name: str) -> list[Record]:
    """What a file of JSON holds, one by one; Refused names the line that is no JSON."""
    whole = _json(text) if text.lstrip()[:1] == "[" else None
    if isinstance(whole, list):
        found: list[Record] = [(0, whole)] if is_vector(whole) else [(0, one) for one in whole]
    else:
        found = []
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip():
                continue
            value = _json(line)
            if value is None:
                raise Refused(f'Line {number} of {name} is no JSON. Write an object a line: {{"text": "..."}}.')
            found.append((number, _packed(value)))
    if len(found) > MOST_VECTORS:
        raise Refused(f"{name} has {len(found):,} rows; up to {MOST_VECTORS:,} are read. Cut it.")
    return found


def is_vector(value: object) -> bool:
    """Whether a value is a list of numbers, as far as its first tell."""
    if isinstance(value, np.ndarray):
        return True
    return isinstance(value, list) and len(value) > 1 and all(isinstance(one, int | float) for one in value[:4])


def _packed(record: object) -> object:
    """The same, its vectors as arrays: lists of numbers take eight times the memory."""
    if not isinstance(record, dict):
        return record
    return {key: _array(value) if is_vector(value) else value for key, value in record.items()}


def _array(value: list) -> object:
    try:
        return np.array(value, np.float32)
    except (TypeError, ValueError, OverflowError):
        return value  # refused with its line where it is used


def _json(text: str) -> object | None:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
