"""What a page remembers and asks: answers by request, the last good picture, and choices kept in the URL."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

import numpy as np
import streamlit as st

from core.data.examples import FIRST, FIRST_FILE
from core.data.saved import load
from core.engine import ENGINE
from core.requests import TextRequest
from core.types import Display, Encoding
from ui.components.heads.message import PackedMaps, pack, packed_maps

FIRST_DRAWN = threading.Event()
PACKED = 24  # messages kept, each at most 2.5 MB
DRAWN = 8  # maps kept, of the same size: for what is asked of them next


def begin(defaults: Mapping[str, object], options: Mapping[str, Collection] | None = None) -> None:
    """Set what widgets begin with, unless the address says so, and keep what was chosen while they are not drawn.

    options: what a key may be; an address with a slip in it begins like one without.
    """
    for key, value in defaults.items():
        allowed = (options or {}).get(key)
        if allowed is not None and st.query_params.get(key, str(value)) not in map(str, allowed):
            del st.query_params[key]
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
        elif key not in st.query_params:
            st.session_state[key] = value


@lru_cache(maxsize=1)
def first() -> Encoding:
    """The opening picture as shipped; computed from the same request by the same code."""
    return load(FIRST_FILE)


def answered(request: TextRequest, progress: Callable[..., None] | None = None) -> Encoding:
    """The value for a request; the opening picture needs no model."""
    if request == FIRST and FIRST_FILE.exists():
        return first()
    return ENGINE.ask(request, progress)


@lru_cache(maxsize=DRAWN)
def maps(request: TextRequest, shown: Display) -> PackedMaps:
    """All maps of an answer with the measures of the heads, which are costly over long texts."""
    return packed_maps(answered(request), shown)


@lru_cache(maxsize=PACKED)
def packed(request: TextRequest, shown: Display, link: str | None = None, start: tuple = ()) -> bytes:
    """The browser's message for a request, cached by name."""
    return pack(answered(request), shown, start=dict(start), link=link, maps=maps(request, shown))


@lru_cache(maxsize=64)
def most_decisive_head(request: TextRequest, kind: str) -> tuple[tuple[str, object], ...]:
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
