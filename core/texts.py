"""Sets of texts with what is known about each: those that Gaze brings, and a table of the user's own."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.types import Refused

LESSONS = Path(__file__).resolve().parents[1] / "assets" / "lessons"
MOST_ROWS = 50_000
MOST_BYTES = 50_000_000
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
    titles, rows = _rows(content, name)
    at = _text_column(titles, rows)
    texts = tuple(" ".join(unicodedata.normalize("NFC", row[at]).split()) for row, _ in rows)
    for text, (_, line) in zip(texts, rows, strict=True):
        if len(text) > LONGEST:
            raise Refused(f"Line {line} holds a text of {len(text):,} characters; up to {LONGEST:,} are read. Cut it.")
    columns, items = [], ()
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


def _rows(content: bytes, name: str) -> tuple[list[str], list[tuple[list[str], int]]]:
    """Titles, and rows with the number of the line on which each ends; lines without a text are left out."""
    if len(content) > MOST_BYTES:
        raise Refused(f"{name} has {len(content) / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:,.0f} MB are read. Cut it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Refused(f"Line {line} of {name} is not UTF-8. Save the table as UTF-8 and give it again.") from error
    first = text.split("\n", 1)[0]
    mark = max("\t,;", key=first.count) if any(c in first for c in "\t,;") else ","
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=mark)
    titles: list[str] = []
    rows: list[tuple[list[str], int]] = []
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if not titles:
                titles = [cell.strip() or f"column {i + 1}" for i, cell in enumerate(row)]
                continue
            if len(row) != len(titles):
                raise Refused(
                    f"Line {reader.line_num} of {name} has {len(row)} columns, the first line {len(titles)}. "
                    "Put quotes round texts that hold the separator."
                )
            if len(rows) == MOST_ROWS:
                raise Refused(f"{name} goes on at line {reader.line_num}: up to {MOST_ROWS:,} rows are read. Cut it.")
            rows.append((row, reader.line_num))
    except csv.Error as error:
        raise Refused(f"Line {reader.line_num} of {name} cannot be read: {error}.") from error
    if len(rows) < 2:
        raise Refused(f"{name} holds {len(rows)} texts below its line of titles; give two or more.")
    if len(set(titles)) < len(titles):
        raise Refused(f"{name} has two columns of the same title. Give each its own.")
    return titles, rows


def _text_column(titles: list[str], rows: list[tuple[list[str], int]]) -> int:
    lower = [title.lower() for title in titles]
    for name in TEXT_NAMES:
        if name in lower:
            return lower.index(name)
    lengths = [sum(len(row[i]) for row, _ in rows) for i in range(len(titles))]
    return lengths.index(max(lengths))
