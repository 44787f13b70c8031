"""The reader's language, where the browser cannot say a text itself: a box shows what is chosen as its own value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

CATALOGUES = Path(__file__).resolve().parents[1] / "assets" / "languages"
COOKIE = "gaze_language"  # set by the browser: the language that it says the page in
BETWEEN = " · "  # the parts of a label


def catalogue_file(language: str) -> Path | None:
    """The file {English: translation} of a language, or None where Gaze is not translated into it."""
    return next((file for file in CATALOGUES.glob("*.json") if file.stem == language), None)


@lru_cache(maxsize=8)
def _catalogue(language: str) -> dict[str, str]:
    file = catalogue_file(language)
    return json.loads(file.read_text(encoding="utf-8")) if file else {}


def reader() -> str:
    """The two letters of the language that the page is read in: as chosen by hand, else the browser's."""
    return st.context.cookies.get(COOKIE) or (st.context.locale or "en").lower().split("-")[0]


def labelled(options: Iterable[Any], label: Callable[[Any], str] = str) -> Callable[[Any], str]:
    """The labels of a box's options in the reader's language; what no catalogue knows, and what somebody typed, stays.

    Streamlit finds an option by its label: where two options have one label in a language, all stay English.
    """
    known = _catalogue(reader())
    if not known:
        return label

    def said(value: Any) -> str:
        text = label(value)
        return known.get(text) or BETWEEN.join(known.get(part) or part for part in text.split(BETWEEN))

    labels = {label(one) for one in options}
    return said if len({known.get(text, text) for text in labels}) == len(labels) else label
