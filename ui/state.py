"""What several pages show of a text: its answer, the message with all heads, and the head to begin with."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from core.cache import Cancelled, Progress, never, silent
from core.data.examples import FIRST, FIRST_FILE
from core.data.saved import load
from core.engine import ask
from core.requests import TextRequest
from core.store.revisions import kept
from core.types import Display, TextEncoding
from ui.components.heads.message import PackedMaps, pack, packed_maps


@lru_cache(maxsize=1)
def first() -> TextEncoding:
    """The opening picture as shipped; computed from the same request by the same code."""
    return load(FIRST_FILE)


def answered(request: TextRequest, progress: Progress = silent, cancelled: Cancelled = never) -> TextEncoding:
    """The value for a request; the opening picture needs no model."""
    if request == FIRST and FIRST_FILE.exists():
        return first()
    return ask(request, progress, cancelled)


@kept
def maps(request: TextRequest, shown: Display) -> PackedMaps:
    """All maps of an answer with the measures of the heads, which are costly over long texts."""
    return packed_maps(answered(request), shown)


@kept
def packed(request: TextRequest, shown: Display, link: str | None = None, start: tuple = ()) -> bytes:
    """The browser's message for a request."""
    return pack(answered(request), shown, start=dict(start), link=link, maps=maps(request, shown))


@kept
def most_decisive_head(request: TextRequest, kind: str) -> tuple[tuple[str, Any], ...]:
    """Where a picture begins: the head of a kind that decides most, special tokens and the token itself not counted.

    A model without that kind (a folder may hold any) begins with its last one.
    """
    kinds = {one["kind"]: one for one in maps(request, Display()).kinds}
    kind = kind if kind in kinds else next(reversed(kinds))
    found = {name: np.array(values) for name, values in kinds[kind]["measures"].items()}
    merit = found["peak"] - found["first"] - found["separator"] - found.get("diagonal", 0)
    if kind == "cross":  # earlier layers often follow the word just read, the last one the word being written
        merit[:-1] = -np.inf
    layer, head = np.unravel_index(int(merit.argmax()), merit.shape)
    return (("kind", kind), ("layer", int(layer)), ("head", int(head)))
