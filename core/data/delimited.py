"""Text files of rows: which sign parts the cells, which lines are comments, and whether the first line holds titles."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.public import uploaded
from core.types import Refused

MOST_BYTES = 500_000_000  # of a file
MOST_ROWS = 50_000  # of texts
MOST_VECTORS = 100_000  # rows, where they bring vectors
MOST_COLUMNS = 2_000
MOST_CELLS = 20_000_000
SAMPLE = 100_000  # characters from which the sign between cells is told
SIGNS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}
NOTHING = "\x1f"  # parts no cells: every line is one
COMMENT = re.compile(r"#(\s|$)")
NUMBER = re.compile(r"[-+−]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?|[-+]?(nan|inf)", re.IGNORECASE)
#: Titles that tables usually have; one of them in the first line tells that it holds titles.
USUAL = frozenset((
    "abstract", "answer", "author", "body", "caption", "category", "city", "class", "comment", "content", "country",
    "date", "description", "document", "embedding", "embeddings", "file", "filename", "genre", "group", "headline",
    "hypothesis", "id", "image", "index", "intent", "item", "kind", "label", "labels", "lang", "language",
    "message", "name", "paragraph", "path", "phrase", "premise", "price", "question", "rating", "review", "score",
    "sense", "sentence", "sentences", "sentiment", "source", "split", "stars", "summary", "tag", "target", "text",
    "texts", "timestamp", "title", "token", "topic", "translation", "tweet", "type", "url", "utterance", "vector",
    "word", "year",
))  # fmt: skip
csv.field_size_limit(10_000_000)  # a cell may hold a vector or a chapter


class _TooLarge(Refused):
    """Another sign between cells would not make it smaller."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The cells of a file, every row as long as the first."""

    cells: list[list[str]]
    lines: list[int]  # of the file, on which each row ends
    sign: str  # between cells; NOTHING: a row is one cell
    said: tuple[str, ...]  # what was left out or taken for something


def decoded(content: bytes, name: str) -> str:
    """The text of a file; Refused where it is too large, or neither UTF-8 nor UTF-16 with its mark."""
    check_size(content, name)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") and len(content) % 2 == 0:
        try:
            return content.decode("utf-16").replace("\0", "")
        except UnicodeDecodeError:
            pass  # not what its mark says; as UTF-8 it is refused with its line
    try:
        return content.decode("utf-8-sig").replace("\0", "")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        of = f" of {name}" if name else ""
        raise Refused(f"Line {line}{of} is not UTF-8. Save the file as UTF-8 and give it again.") from error


def check_size(content: bytes, name: str) -> None:
    """Refused where a file is larger than is read."""
    most = uploaded(MOST_BYTES)
    if len(content) > most:
        raise Refused(f"{name} has {len(content) / 1e6:,.0f} MB; up to {most / 1e6:,.0f} MB are read. Cut it.")


def parsed(text: str, name: str, most: int = MOST_VECTORS) -> Rows:
    """The rows of a text; lines without any letter are left out.

    Tabs, semicolons, commas or bars part the cells: the first of them that gives all rows the same length. Quotes hold
    cells together where every one of them is closed. Refused names the line that does not fit.
    """
    text, before, sign, said = _beginning(text)
    lines_alone = name.lower().endswith(".txt")
    signs = [sign] if sign else _signs(text, lines_alone=lines_alone)
    trouble: Refused | None = None
    for one in signs:
        for quoted in _quoting(text, one, lines_alone=lines_alone):
            try:
                rows, lines, comments = _taken(text, one, name, before, most, quoted=quoted)
            except _TooLarge:
                raise
            except Refused as refusal:
                trouble = trouble or refusal
                continue
            if comments:
                said = (*said, f"{_count(comments, 'line')} of comment left out")
            if not quoted and '"' in text:
                said = (*said, "quotes are letters")
            return Rows(rows, lines, one, said)
    assert trouble is not None
    raise trouble


def _beginning(text: str) -> tuple[str, int, str, tuple[str, ...]]:
    """The text without what stands above its rows, how many lines that were, the sign it names, and what to say."""
    before, comments, sign = 0, 0, ""
    said: tuple[str, ...] = ()
    while text:
        line, _, rest = text.partition("\n")
        if not before and re.fullmatch(r"sep=.\s*", line) and line[4] not in '"\r':
            sign, said = line[4], ("the line sep= left out",)
        elif COMMENT.match(line) and rest.strip():
            comments += 1
        else:
            break
        before, text = before + 1, rest
    if comments:
        said = (*said, f"{_count(comments, 'line')} of comment left out")
    return text, before, sign, said


def _signs(text: str, *, lines_alone: bool) -> list[str]:
    """The signs that may part the cells, the likeliest first."""
    sample, whole = text[:SAMPLE], len(text) <= SAMPLE
    if not whole:
        sample = sample[: sample.rfind("\n") + 1]
    first = next((line for line in sample.split("\n") if line.strip()), "")
    fitting = []
    for sign in SIGNS:
        if sign not in first or (lines_alone and _prose(sample, sign)):
            continue
        for quoted in (True, False):
            widths = _widths(sample, sign, quoted=quoted)
            if widths and min(widths) == max(widths) > 1:
                fitting.append(sign)
                break
    if fitting:
        return fitting
    present = [] if lines_alone else [sign for sign in SIGNS if sign in first]
    return sorted(present, key=first.count, reverse=True)[:1] or [NOTHING]


def _prose(sample: str, sign: str) -> bool:
    """Whether commas or semicolons stand as sentences have them: a space behind each."""
    return sign in ",;" and not re.search(sign + r"(?!\s|[\"”’'»]\s|$)", sample)


def _widths(sample: str, sign: str, *, quoted: bool) -> list[int]:
    found: list[int] = []
    try:
        for row in _reader(sample, sign, quoted=quoted):
            if any(cell.strip() for cell in row) and not (found and COMMENT.match(row[0])):
                found.append(len(_trimmed(row, found[0] if found else len(row))))
    except csv.Error as error:
        return found if "unexpected end" in str(error) else []  # the sample may end within quotes
    return found


def _quoting(text: str, sign: str, *, lines_alone: bool) -> tuple[bool, ...]:
    """Whether quotes hold cells together; both where it must be tried."""
    if '"' not in text:
        return (True,)
    if sign == NOTHING and lines_alone:
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return (all(len(line) > 1 and line[0] == line[-1] == '"' for line in lines),)
    return (True, False)


def _reader(text: str, sign: str, *, quoted: bool) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline="")
    if quoted:
        return csv.reader(lines, delimiter=sign, strict=True)
    return csv.reader(lines, delimiter=sign, quoting=csv.QUOTE_NONE)


def _taken(
    text: str, sign: str, name: str, before: int, most: int, *, quoted: bool
) -> tuple[list[list[str]], list[int], int]:
    """All rows with their lines, and how many lines were comments."""
    reader, comments = _reader(text, sign, quoted=quoted), 0
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            line = reader.line_num + before  # type: ignore[attr-defined]
            width = len(rows[0]) if rows else len(row)
            row = _trimmed(row, width)
            if len(row) != width and COMMENT.match(row[0]):
                comments += 1
                continue
            _check_row(row, width, line, name)
            if len(rows) > most:
                raise too_long(name, line, most)
            if len(rows) * width > MOST_CELLS:
                raise _TooLarge(
                    f"{name} has more than {MOST_CELLS:,} cells (line {line}). Cut it, or save it as Parquet or .npy."
                )
            rows.append(row)
            lines.append(line)
    except csv.Error as error:
        line = (lines[-1] if lines else before) + 1
        what = "a quote is opened and never closed" if "unexpected end" in str(error) else "its quotes do not match"
        raise Refused(
            f'Line {line} of {name} cannot be read: {what}. Write a quote within a text twice ("").'
        ) from error
    return rows, lines, comments


def too_long(name: str, line: int, most: int) -> Refused:
    """What is said where rows go on beyond what is read."""
    return _TooLarge(f"{name} goes on at line {line}: up to {most:,} rows are read. Cut it.")


def _trimmed(row: list[str], width: int) -> list[str]:
    """The row without empty cells beyond the width: spreadsheets add them."""
    return row[:width] if len(row) > width and not any(cell.strip() for cell in row[width:]) else row


def _check_row(row: Sequence[str], width: int, line: int, name: str) -> None:
    if len(row) != width:
        raise Refused(
            f"Line {line} of {name} has {len(row)} columns, the first line {width}. "
            "Put quotes round texts that hold the separator."
        )
    if width > MOST_COLUMNS:
        raise _TooLarge(f"{name} has {width:,} columns; up to {MOST_COLUMNS:,} are read. Cut it.")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


# --- titles -----------------------------------------------------------------------------------------------------------


def has_titles(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns.

    It does where it has one of the usual titles, where numbers or vectors stand below a word, or where its words are
    short and the texts below long. It does not where it holds a number, or what stands below it again.
    """
    if not rows:
        return False
    first, rest = [cell.strip() for cell in rows[0]], rows[1:200]
    named = [cell for cell in first if cell]
    if not named or any(map(is_number, named)):
        # Titles of numbered columns are numbers, too: 0, 1, 2 above values that are not.
        return len(first) > 1 and first == [str(i) for i in range(len(first))] and _other(first, rest)
    if any(cell.startswith(("[", "http://", "https://")) for cell in named):
        return False
    if any(cell and cell in {row[i].strip() for row in rest} for i, cell in enumerate(first)):
        return False
    if any(cell.lower() in USUAL for cell in named):
        return True
    if len(first) == 1 or len(set(named)) < len(named) or any(len(cell) > 40 for cell in named):
        return False
    return any(_unlike(cell, [row[i].strip() for row in rest]) for i, cell in enumerate(first) if cell)


def _other(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    return any(not row[i].strip().isdecimal() for row in rest[:5] for i in range(len(first)))


def _unlike(title: str, cells: list[str]) -> bool:
    """Whether cells are of another kind than the word above them."""
    told = [cell for cell in cells if cell]
    if not told:
        return False
    if all(is_number(cell) or cell.startswith("[") for cell in told):
        return True
    return " " not in title and all(" " in cell and len(cell) > len(title) for cell in told) and len(told) > 1


def is_number(cell: str) -> bool:
    """Whether a cell is written as a number, with a point or a comma."""
    return NUMBER.fullmatch(cell.strip()) is not None


def read_rows(content: bytes, name: str) -> tuple[list[str], list[tuple[list[str], int]]]:
    """The titles of a file whose first line holds them, and its rows with the number of the line on which each ends.

    name: what messages call the file.
    """
    found = parsed(decoded(content, name), name, MOST_ROWS)
    if not found.cells:
        return [], []
    return titles_of(found.cells[0], name), list(zip(found.cells[1:], found.lines[1:], strict=True))


def titles_of(row: Sequence[str], name: str) -> list[str]:
    """A title for every column; Refused where two are the same."""
    titles = [cell.strip() or f"column {i + 1}" for i, cell in enumerate(row)]
    if len({title.lower() for title in titles}) < len(titles):
        raise Refused(f"{name} has two columns of the same title. Give each its own.")
    return titles
