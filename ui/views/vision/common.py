"""What the screens on vision transformers share: an answer with the last good one in reserve, and names of classes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import streamlit as st

from core.data.scenes import emoji
from core.engine import ENGINE
from core.errors import Refused
from core.requests import ImageRequest
from core.store.shelf import SHELF
from core.types import Encoding
from ui import widgets
from ui.pictures.chooser import DEFAULT, MODEL, Chosen

FIRST = ImageRequest(MODEL, DEFAULT)


def answered(chosen: Chosen, check: Callable[[Encoding], None] = lambda _: None) -> Encoding:
    """The model's answer; or advice in its place, and the answer to what was asked before.

    check: what else an answer must be; raises Refused.
    """
    room = st.empty()
    try:
        with room, st.spinner("Asking the model …", show_time=True):
            encoding = ENGINE.ask(chosen.request, widgets.fetch_progress(room, chosen.model, back))
            check(encoding)
    except Refused as refusal:
        widgets.advice(refusal)
        encoding = before(check)
    finally:
        room.empty()
    st.session_state["_seen"] = encoding.request
    for remark in encoding.remarks:
        st.caption(remark)
    return encoding


def before(check: Callable[[Encoding], None]) -> Encoding:
    """The last good answer; the first picture's where its own has gone meanwhile."""
    try:
        encoding = ENGINE.ask(st.session_state.get("_seen", FIRST))
        check(encoding)
        return encoding
    except Refused:
        return ENGINE.ask(FIRST)


def naming(encoding: Encoding) -> None:
    """Refused where a model names no classes."""
    if not encoding.predictions:
        raise Refused(f"{encoding.model} names no classes, so nothing can fall. Choose a model with a classifier.")


def class_of(encoding: Encoding) -> tuple[int, str]:
    """(number, name) of one of the likely classes, as chosen."""
    choices = {c.label: c for c in encoding.predictions[0].choices}
    if st.session_state.get("label", -1) not in choices:
        said = st.query_params.get("label", "")
        st.session_state.label = int(said) if said.isdecimal() and int(said) in choices else next(iter(choices))
    label = st.selectbox(
        "Class",
        list(choices),
        format_func=lambda one: f"{choices[one].text} · {widgets.percent(choices[one].probability)}",
        key="label",
        label_visibility="collapsed",
        help="The class whose probability is watched.",
    )
    st.query_params["label"] = str(label)
    return label, choices[label].text


def back() -> None:
    """Stop: the model that is always here, so that the download does not begin again."""
    st.session_state.model = MODEL


@lru_cache(maxsize=1)
def emoji_groups() -> dict[int, str]:
    return {place: one.group for place, one in enumerate(emoji())}


def groups_of(encoding: Encoding) -> dict[int, str]:
    """What kind of thing each class is, by its number; known of the built-in model alone."""
    card = SHELF.get(encoding.model)
    known = card is not None and card.provenance == "built in" and card.about.get("classes") == len(emoji())
    return emoji_groups() if known else {}


class Telling:
    """How far slow work is, with a Stop that is remembered as `_stopped`; drawn only when it takes long."""

    def __init__(self, room, what: str, key: tuple) -> None:
        self._room, self._what, self._key, self._bar, self._share = room, what, key, None, 0.0

    def progress(self, done: int, total: int, _rate: float) -> None:
        self._share = done / total
        self._draw(f"{self._what}: {done} of {total}")

    @property
    def drawn(self) -> bool:
        """Whether it took long enough to be told of."""
        return self._bar is not None

    def tick(self) -> bool:
        """Drawing is what lets Streamlit interrupt a script."""
        self._draw(self._what)
        return False

    def _draw(self, text: str) -> None:
        if self._bar is None:
            with self._room.container():
                self._bar = st.progress(self._share, text)
                st.button("Stop", key=f"stop {self._what}", on_click=self._stop)
        else:
            self._bar.progress(self._share, text)

    def _stop(self) -> None:
        st.session_state["_stopped"] = self._key
