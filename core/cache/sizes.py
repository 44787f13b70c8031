"""How many bytes a value keeps in memory."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

SMALL = 64  # bytes of what is not looked into: a number, a flag, a name
HEADER = 200  # bytes of an object besides what it holds


def bytes_of(value: Any, seen: set[int] | None = None) -> int:
    """Bytes that a value keeps in memory, near enough for a bound: arrays, tensors, texts, and what holds them."""
    seen = set() if seen is None else seen
    if value is None or isinstance(value, int | float | type):
        return SMALL
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, str | bytes):
        return SMALL + len(value)
    size = getattr(value, "nbytes", None)  # arrays, tensors, weights that are made on demand
    if isinstance(size, int):
        return HEADER + size
    if isinstance(value, dict):
        return HEADER + sum(bytes_of(key, seen) + bytes_of(held, seen) for key, held in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return HEADER + sum(bytes_of(held, seen) for held in value)
    if is_dataclass(value):
        return HEADER + sum(bytes_of(getattr(value, f.name), seen) for f in fields(value))
    return HEADER
