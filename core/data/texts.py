"""Sets of texts with what is known about each: those that Gaze brings, and a table of the user's own."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.data.tables import read_rows
from core.types import Refused

LESSONS = Path(__file__).resolve().parents[2] / "assets" / "lessons"
LONGEST = 2_000  # characters of one text; a row beyond is refused, since it is no sentence
MOST_GROUPS = 60  # different values of a column that colours can tell apart, shapes helping
TEXT_NAMES = ("text", "sentence", "texts", "sentences", "content")
LANGUAGE_NAMES = ("language", "lang")
ITEM_NAMES = ("item", "translation of", "pair")


@dataclass(frozen=True, slots=True)
class TextSet:
    """Texts, and columns that say something about each; hashable, a part of requests."""

    name: str
    texts: tuple[str, ...]
    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (title, a value for each text): what colours may show
    items: tuple[str, ...] = ()  # what a text and its translations share; empty where nothing is known
    only: str = ""  # the one word that is looked at, where it is one

    def column(self, title: str) -> tuple[str, ...]:
        """The values of a column; Refused names those there are."""
        found = dict(self.columns)
        if title not in found:
            raise Refused(f"There is no column {title!r} here: choose {', '.join(found) or 'another set'}.")
        return found[title]

    @property
    def languages(self) -> tuple[str, ...]:
        """The language of every text, empty where no column tells it."""
        found = {title.lower(): values for title, values in self.columns}
        return next((found[name] for name in LANGUAGE_NAMES if name in found), ())


@lru_cache(maxsize=1)
def parallel() -> TextSet:
    """Forty sentences in ten languages, with language, topic and script."""
    lesson = json.loads((LESSONS / "parallel.json").read_text(encoding="utf-8"))
    rows = [
        (row[code], title, row["topic"], str(i))
        for code, title in lesson["languages"].items()
        for i, row in enumerate(lesson["sentences"])
    ]
    texts, languages, topics, items = (tuple(some) for some in zip(*rows, strict=True))
    scripts = tuple(script_of(text) for text in texts)
    columns = (("language", languages), ("topic", topics), ("script", scripts))
    return TextSet("Parallel sentences", texts, columns, items)


@lru_cache(maxsize=1)
def bank() -> TextSet:
    """One word in six sentences, with its sense."""
    lesson = json.loads((LESSONS / "bank.json").read_text(encoding="utf-8"))
    rows = lesson["sentences"]
    sense = ("sense", tuple(row["sense"] for row in rows))
    return TextSet("One word: bank", tuple(row["text"] for row in rows), (sense,), only=lesson["word"])


def script_of(text: str) -> str:
    """The script that most letters of a text are written in; Japanese where there is any kana."""
    names = Counter(unicodedata.name(c, "?").split()[0] for c in text if c.isalpha())
    if names.keys() & {"HIRAGANA", "KATAKANA"}:
        return "Kana and Han"
    if not names:
        return "no letters"
    top = names.most_common(1)[0][0]
    return {"CJK": "Han"}.get(top, top.capitalize())


def read_table(content: bytes, name: str) -> TextSet:
    """A TextSet from a CSV or TSV file with a line of titles; the text is in the column 'text', else in the longest.

    A column 'item' tells translations of each other, 'language' the language. Refused says which line is wrong.
    """
    titles, rows = read_rows(content, name)
    if len(rows) < 2:
        raise Refused(f"{name} holds {len(rows)} texts below its line of titles; give two or more.")
    at = _text_column(titles, rows)
    texts = tuple(" ".join(unicodedata.normalize("NFC", row[at]).split()) for row, _ in rows)
    for text, (_, line) in zip(texts, rows, strict=True):
        if len(text) > LONGEST:
            raise Refused(f"Line {line} holds a text of {len(text):,} characters; up to {LONGEST:,} are read. Cut it.")
    columns: list[tuple[str, tuple[str, ...]]] = []
    items: tuple[str, ...] = ()
    for i, title in enumerate(titles):
        if i == at:
            continue
        values = tuple(row[i].strip() or "(empty)" for row, _ in rows)
        if title.lower() in ITEM_NAMES:
            items = values
        elif len(set(values)) <= MOST_GROUPS:
            columns.append((title, values))
    if not any(title.lower() == "script" for title, _ in columns):
        columns.append(("script", tuple(script_of(text) for text in texts)))
    return TextSet(name, texts, tuple(columns), items)


def _text_column(titles: list[str], rows: list[tuple[list[str], int]]) -> int:
    lower = [title.lower() for title in titles]
    for name in TEXT_NAMES:
        if name in lower:
            return lower.index(name)
    lengths = [sum(len(row[i]) for row, _ in rows) for i in range(len(titles))]
    return lengths.index(max(lengths))
