"""The reader's language, where the browser cannot say a text itself: a box shows what is chosen as its own value."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

CATALOGUES = Path(__file__).resolve().parents[1] / "assets" / "languages"
COOKIE = "gaze_language"  # set by the browser: the language that it says the page in
BETWEEN = " · "  # the parts of a label
PLACE = re.compile(r"\{\w*\}")
BOTH_ENDS = 2
LONGEST = 60  # letters of a label in which a place is looked for


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


@lru_cache(maxsize=8)
def _with_a_place(language: str) -> dict[tuple[str, str], str]:
    """(what stands before a place, what after it) -> the translation, of the texts with one place."""
    parts = {tuple(PLACE.split(english)): said for english, said in _catalogue(language).items()}
    return {(ends[0], ends[1]): said for ends, said in parts.items() if len(ends) == BOTH_ENDS}


@lru_cache(maxsize=4096)
def _part(language: str, text: str) -> str:
    """A label, or a part of one, in a language; as it is where no catalogue knows it.

    What is put into a text is a number or a name with a translation of its own: "layer 2", "fit on French".
    """
    known = _catalogue(language)
    if text in known:
        return known[text]
    for begin, end in itertools.combinations(range(min(len(text), LONGEST) + 1), 2):
        said, held = _with_a_place(language).get((text[:begin], text[end:])), text[begin:end]
        if said is not None and (held.isdecimal() or held in known):
            before, after = PLACE.split(said)
            return f"{before}{known.get(held, held)}{after}"
    return text


def labelled(options: Iterable[Any], label: Callable[[Any], str] = str) -> Callable[[Any], str]:
    """The labels of a box's options in the reader's language; what no catalogue knows, and what somebody typed, stays.

    Streamlit finds an option by its label: where two options have one label in a language, all stay English.
    """
    language = reader()
    if not _catalogue(language):
        return label

    def said(value: Any) -> str:
        text = label(value)
        return _catalogue(language).get(text) or BETWEEN.join(_part(language, part) for part in text.split(BETWEEN))

    options = [*options]
    return said if len({said(one) for one in options}) == len({label(one) for one in options}) else label
