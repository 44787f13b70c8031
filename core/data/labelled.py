"""Labelled sentences in several languages: those shipped with Gaze, or a user's own table."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from core.data.delimited import read_rows
from core.data.languages import NAMES as languages_known
from core.requests import Labelled
from core.types import Refused

LESSONS = Path(__file__).resolve().parents[2] / "assets" / "lessons"
SHIPPED = ("topics", "sentiment")
NAMES = {code: languages_known[code] for code in ("en", "fr", "de", "es", "nl", "ja", "zh", "vi")}  # of both sets
MOST_LABELS = 50
WANTED = ("text", "label", "language")


@lru_cache(maxsize=4)
def shipped(name: str) -> tuple[Labelled, ...]:
    """The sentences of 'topics' or 'sentiment', language by language, translations in the same order."""
    if name not in SHIPPED:
        raise Refused(f"There is no set {name[:40]!r}: choose {' or '.join(SHIPPED)}.")
    said = json.loads((LESSONS / f"{name}.json").read_text(encoding="utf-8"))
    return tuple(
        Labelled(row[language], row["label"], language, str(row["group"]), f"{row['label']} {row['group']}")
        for language in said["languages"]
        for row in said["rows"]
    )


def languages(sentences: tuple[Labelled, ...]) -> tuple[str, ...]:
    """Languages in the order in which they come up."""
    return tuple(dict.fromkeys(one.language for one in sentences))


def read_table(raw: bytes) -> tuple[Labelled, ...]:
    """Sentences from a CSV or TSV with the columns text, label, language and perhaps group.

    Rows of one group say the same, so that they are held out together; at most one a language. Refused names the line.
    """
    titles, rows = read_rows(raw, "Your table")
    head = [title.lower() for title in titles]
    if not head:
        raise Refused(f"Your table is empty. It needs a first line with {', '.join(WANTED)}, then a sentence a line.")
    missing = [name for name in WANTED if name not in head]
    if missing:
        raise Refused(
            f"Your table has the columns {', '.join(head)[:80]}; {' and '.join(missing)} is missing. "
            f"Name the columns {', '.join(WANTED)} in its first line."
        )
    found: list[Labelled] = []
    for row, line in rows:
        cells = {name: cell.strip() for name, cell in zip(head, row, strict=True)}
        empty = [name for name in WANTED if not cells[name]]
        if empty:
            raise Refused(f"Line {line} has no {' and no '.join(empty)}. Fill it in, or take the line out.")
        group = cells.get("group", "")
        found.append(Labelled(cells["text"], cells["label"], cells["language"], group, group))
    if not found:
        raise Refused("Your table has a first line and no sentence below it. Add a sentence a line.")
    return tuple(found)


def check_labels(sentences: tuple[Labelled, ...]) -> tuple[str, ...]:
    """The labels in alphabetical order. Refused: one class only, or more than a probe of this size can tell apart."""
    labels = tuple(sorted({one.label for one in sentences}))
    if len(labels) < 2:
        raise Refused(
            f"All sentences are labelled {labels[0]!r}: there is nothing to tell apart. Give two labels or more."
        )
    if len(labels) > MOST_LABELS:
        raise Refused(f"Your table has {len(labels):,} labels; up to {MOST_LABELS} can be told apart here.")
    return labels
