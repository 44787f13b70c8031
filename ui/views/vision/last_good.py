"""What these screens share: the last good answer when one is refused, choices kept in the address, a link of pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.errors import Refused
from core.store.opening import open_model
from core.store.shelf import available_offline, is_folder
from core.types import Prediction
from ui import widgets

BOUND = {"bind": "query-params"}
LOOKED_AT = "Attention is not explanation: a place can be looked at and not used. “Faithful?” shows how to test it."


def carefully(key: str, ask: Callable[..., Any], *asked: Any, first: tuple) -> tuple[tuple, Any]:
    """(what was asked, its answer): where it is refused advice, and what was asked before; else the first of all.

    The model's name comes first in `asked`. ask: cheap when it is asked the same again.
    """
    room = st.empty()
    for one in (asked, st.session_state.get(f"_good {key}", first), first):
        try:
            with room, st.spinner("Asking the model …", show_time=True):
                fetched(one[0], room)
                answer = ask(*one)
            break
        except Refused as refusal:
            if one == asked:
                widgets.advice(refusal)
        finally:
            room.empty()
    else:
        st.stop()  # not even the built-in model is here: advice is all there is
    st.session_state[f"_good {key}"] = one
    return one, answer


def fetched(model: str, room: Any) -> None:
    """Get a model that must be downloaded first, with a bar in an empty place."""
    if model not in available_offline():
        open_model(model, widgets.fetch_progress(room, model))


def choice(place: Any, label: str, options: Sequence[Any], key: str, own: Any, **more: Any) -> Any:
    """A slider over options that stands in the address; an address with a slip in it begins with `own`."""
    asked = st.query_params.get(key)
    if asked is not None and asked not in map(str, options):
        st.query_params.pop(key)
        asked = None
    if key in st.session_state:
        st.session_state[key] = st.session_state[key] if st.session_state[key] in options else own
    elif asked is None:
        st.session_state[key] = own
    return place.select_slider(label, options, key=key, **BOUND, **more)


def forget(keys: Sequence[str], mark: str, now: Any) -> None:
    """Begin anew with these choices when what they belong to has changed."""
    if st.session_state.get(mark, now) != now:
        for key in keys:
            st.session_state.pop(key, None)
            st.query_params.pop(key, None)
    st.session_state[mark] = now


def cell_of(found: Any, shape: tuple[int, int], grid: tuple[int, int]) -> tuple[int, int]:
    """The patch (row, column) of a grid that a click on a picture of this shape (height, width) means."""
    return found["row"] * grid[0] // shape[0], found["column"] * grid[1] // shape[1]


def inside(patch: tuple[int, int], rows: int, columns: int) -> tuple[int, int]:
    """The patch, or where the grid ends before it."""
    return min(patch[0], rows - 1), min(patch[1], columns - 1)


def counted(count: int) -> tuple[str, ...]:
    """Names of rows or columns: 1, 2, ..."""
    return tuple(str(i + 1) for i in range(count))


def display_name(model: str) -> str:
    """A model's name for a sentence or a title: of a folder the last part alone."""
    return Path(model).name if is_folder(model) else model


def summary(predictions: tuple[Prediction, ...], most: int = 3) -> str:
    """The likeliest classes as html; empty for a model without."""
    if not predictions:
        return ""
    return ", ".join(
        f"{escape(one.text)} {widgets.percent(one.probability)}".replace(" %", "\u00a0%")
        for one in predictions[0].choices[:most]
    )


def amount(number: float) -> str:
    """1,234 or 1.2 M or 3.4 G."""
    for size, sign in ((1e9, "G"), (1e6, "M")):
        if number >= size:
            return f"{number / size:.1f} {sign}" if number < 10 * size else f"{number / size:,.0f} {sign}"
    return f"{number:,.0f}"


def memory(count: float) -> str:
    """12 kB, 1.2 MB, 3.4 GB."""
    for size, sign in ((1e9, "GB"), (1e6, "MB")):
        if count >= size:
            return f"{count / size:.1f} {sign}" if count < 10 * size else f"{count / size:,.0f} {sign}"
    return f"{count / 1e3:,.0f} kB"


def bare(array: np.ndarray, least: float = 1e-4) -> np.ndarray:
    """What is smaller than `least` as 0: a sum in another order is no difference."""
    return np.where(np.abs(array) < least, 0.0, array)
