"""What the screens on vision transformers share: the page's session, answers, names of classes, and words."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from core.data.scenes import emoji
from core.engine import ask
from core.requests import ImageRequest
from core.store.opening import open_model
from core.store.shelf import SHELF, available_offline, card_for, is_folder
from core.types import ImageEncoding, Prediction, Refused
from ui import jobs, widgets
from ui.pictures.chooser import DEFAULT, MODEL
from ui.session import Session

PAGE = Session("vision")
FIRST = ImageRequest(MODEL, DEFAULT)
LOOKED_AT = "Attention is not explanation: a place can be looked at and not used. “Faithful?” shows how to test it."
Answer = TypeVar("Answer")


def waited(answer: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """The same, with a bar while the model that a question names is fetched, and a word while it is asked."""

    def asked(question: Any) -> Answer:
        room = st.empty()
        with (
            jobs.fetching(PAGE, room, question.model, back) as job,
            room,
            st.spinner("Asking the model …", show_time=True),
        ):
            if question.model not in available_offline():
                open_model(question.model, job.progress, job.cancelled)
            return answer(question)

    return asked


def answered(chosen: ImageRequest, check: Callable[[ImageEncoding], None] = lambda _: None) -> ImageEncoding:
    """The model's answer; or advice in its place, and the answer to what was asked before.

    check: what else an answer must be; raises Refused.
    """

    def checked(request: ImageRequest) -> ImageEncoding:
        encoding = ask(request)
        check(encoding)
        return encoding

    _, encoding = PAGE.ask_or_last_good(lambda: chosen, waited(checked), lambda: FIRST)
    for remark in encoding.remarks:
        st.caption(remark)
    return encoding


def back() -> None:
    """Stop: the model that is always here, so that the download does not begin again."""
    PAGE["model"] = MODEL


# --- classes ----------------------------------------------------------------------------------------------------------


def naming(encoding: ImageEncoding) -> None:
    """Refused where a model names no classes."""
    if not encoding.predictions:
        raise Refused(
            f"{card_for(encoding.model).title} names no classes, so nothing can fall. Choose a model with a classifier."
        )


def class_of(encoding: ImageEncoding) -> tuple[int, str]:
    """(number, name) of one of the likely classes, as chosen."""
    choices = {c.label: c for c in encoding.predictions[0].choices}
    label = widgets.choice(
        PAGE,
        st,
        "Class",
        "label",
        list(choices),
        format_func=lambda one: f"{choices[one].text} · {widgets.percent(choices[one].probability)}",
        help="The class whose probability is watched.",
        linked=False,
    )
    PAGE.note("label", [str(label)])  # its number, as the picture of all heads writes it
    return label, choices[label].text


@lru_cache(maxsize=1)
def emoji_groups() -> dict[int, str]:
    return {place: one.group for place, one in enumerate(emoji())}


def groups_of(encoding: ImageEncoding) -> dict[int, str]:
    """What kind of thing each class is, by its number; known of the built-in model alone."""
    card = SHELF.get(encoding.model)
    known = card is not None and card.provenance == "built in" and card.about.get("classes") == len(emoji())
    return emoji_groups() if known else {}


# --- patches that are clicked, and words ------------------------------------------------------------------------------


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
