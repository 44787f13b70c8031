"""Sets of texts with what is known about each: those that Gaze brings, and a table of the user's own."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.data.tables import Table, check_rows, has_vectors, place, read
from core.types import Refused

LESSONS = Path(__file__).resolve().parents[2] / "assets" / "lessons"
LONGEST = 2_000  # characters of one text; a row beyond is refused, since it is no sentence
MOST_GROUPS = 60  # different values of a column that colours can tell apart, shapes helping
TEXT_NAMES = ("text", "sentence", "texts", "sentences", "content", "word", "words", "token")
LABEL_NAMES = (
    "label", "labels", "class", "category", "topic", "sentiment", "genre", "group", "tag", "stars", "rating", "sense",
    "language", "lang",
)  # fmt: skip
VECTOR_NAMES = ("embedding", "embeddings", "vector", "vectors")
WIDE = 8  # numbers of a vector; fewer beside a text may be anything
FEW = 10  # rows; of more, a column without two equal values shows nothing by colours
LANGUAGE_NAMES = ("language", "lang")
ITEM_NAMES = ("item", "translation of", "pair")


LOOKED_AT = 500  # rows from which it is told what a column holds
#: Cells that are written for machines: addresses, numbers, dates, and long names without a space.
MACHINE = re.compile(
    r"\w+://\S*|www\.\S+|\S+@\S+\.\w+|[\d\s.,:;/+\-−%TZ]*|(?=\S*[\d_/\\])[\w/\\.\-]{12,}|[\w.\-]+\.(png|jpe?g|gif|webp|wav|mp3|txt|pdf)",
    re.IGNORECASE | re.ASCII,
)


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


# --- a table of somebody's own ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Roles:
    """What the columns of a table are for; '' and () where there is none."""

    text: str = ""  # what a point is called, and a model reads
    label: str = ""  # what colours show first
    vectors: tuple[str, ...] = ()  # what is mapped in place of a model's vectors


def read_table(content: bytes, name: str) -> TextSet:
    """A TextSet from a file, its columns taken as they look. Refused: no texts, or the line that is wrong."""
    table = read(content, name)
    return text_set(table, guessed(table))


def guessed(table: Table) -> Roles:
    """What the columns are for, as they look: by their titles, else by what they hold."""
    text = _text_column(table)
    return Roles(text, _label_column(table, text), _vector_columns(table, text))


def text_set(table: Table, roles: Roles) -> TextSet:
    """The texts of a table for a model, with all columns that colours can show, the label first.

    A column 'item' tells translations of each other, 'language' the language. Refused: no texts, or one too long.
    """
    if table.count < 2:
        raise Refused(f"{table.name} holds {table.count} texts; give two or more.")
    if not roles.text:
        raise Refused(f"{table.name} holds no texts that a model could read. Choose a column of vectors.")
    check_rows(table)
    texts = tuple(_tidied(cell) for cell in dict(table.cells)[roles.text])
    for row, text in enumerate(texts):
        if len(text) > LONGEST:
            raise Refused(
                f"{place(table, row)} holds a text of {len(text):,} characters; up to {LONGEST:,} are read. Cut it."
            )
    columns, items = _about(table, roles)
    if not any(title.lower() == "script" for title, _ in columns):
        columns.append(("script", tuple(script_of(text) for text in texts)))
    return TextSet(table.name, texts, tuple(columns), items)


def point_set(table: Table, roles: Roles) -> TextSet:
    """What is told of each vector of a table: its text, else its row; no model reads it, so it may be of any length."""
    if table.count < 2:
        raise Refused(f"{table.name} holds {table.count} vectors; give two or more.")
    if roles.text:
        texts = tuple(_tidied(cell[: 2 * LONGEST])[:LONGEST] for cell in dict(table.cells)[roles.text])
    else:
        texts = tuple(f"row {row + 1}" for row in range(table.count))
    columns, items = _about(table, roles)
    return TextSet(table.name, texts, tuple(columns), items)


def _tidied(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _about(table: Table, roles: Roles) -> tuple[list[tuple[str, tuple[str, ...]]], tuple[str, ...]]:
    """The columns that colours can show, the label first, and what translations share."""
    columns: list[tuple[str, tuple[str, ...]]] = []
    items: tuple[str, ...] = ()
    for title, cells in table.cells:
        values = tuple(cell or "(empty)" for cell in cells)
        if title == roles.label:
            columns.insert(0, (title, _fewer(values)))
        elif title == roles.text:
            continue
        elif title.lower() in ITEM_NAMES:
            items = values
        elif len(set(values)) <= MOST_GROUPS and not (table.count > FEW and len(set(values)) == table.count):
            columns.append((title, values))
    return columns, items


def _fewer(values: tuple[str, ...]) -> tuple[str, ...]:
    """The most frequent values, as many as colours can tell apart; all others under one name."""
    found = Counter(values)
    if len(found) <= MOST_GROUPS:
        return values
    kept = {value for value, _ in found.most_common(MOST_GROUPS - 1)}
    return tuple(value if value in kept else "(others)" for value in values)


# --- what columns are for, as they look -------------------------------------------------------------------------------


def _text_column(table: Table) -> str:
    """The column called so; else the one with most letters, each text once, without addresses and numbers."""
    lower = {title.lower(): title for title, _ in reversed(table.cells)}
    for name in TEXT_NAMES:
        if name in lower and _letters(dict(table.cells)[lower[name]]):
            return lower[name]
    letters = {title: _letters(cells) for title, cells in table.cells}
    best = max(letters, key=lambda title: letters[title], default="")
    if best and letters[best]:
        return best
    plain = [title for title, _ in table.cells if title not in dict(table.numbers)]
    return plain[0] if plain else ""  # signs alone, or addresses


def _letters(cells: tuple[str, ...]) -> int:
    """How many letters those of some cells have that are read as words, each once."""
    some = set(cells[:: max(1, len(cells) // LOOKED_AT)])
    return sum(sum(map(str.isalpha, cell[:LONGEST])) for cell in some if not MACHINE.fullmatch(cell))


def _label_column(table: Table, text: str) -> str:
    groups = {title: len(set(cells)) for title, cells in table.cells if title != text}
    lower = {title.lower(): title for title in reversed(groups)}
    for name in LABEL_NAMES:
        if name in lower and 1 < groups[lower[name]] < max(3, table.count):
            return lower[name]
    few = {
        title: n
        for title, n in groups.items()
        if 1 < n <= min(MOST_GROUPS, max(table.count // 2, min(2, table.count - 1)))
    }
    return min(few, key=lambda title: few[title], default="")


def _vector_columns(table: Table, text: str) -> tuple[str, ...]:
    """A column called so or as wide as vectors are; all columns of numbers where there is no text to read."""
    widths = {title: values.shape[1] for title, values in table.numbers}
    named = [title for title in widths if title.lower() in VECTOR_NAMES and widths[title] > 1]
    if named:
        return (named[0],)
    widest = max(widths, key=lambda title: widths[title], default="")
    if widest and (widths[widest] >= WIDE or (has_vectors(table) and widest not in dict(table.cells))):
        return (widest,)
    if not text and sum(widths.values()) > 1:
        return tuple(widths)
    return ()
