"""A table of the user's own: its titles and rows, or the line on which it goes wrong."""

from __future__ import annotations

import csv
import io

from core.types import Refused

MOST_ROWS = 50_000
MOST_BYTES = 50_000_000


def read_rows(content: bytes, name: str) -> tuple[list[str], list[tuple[list[str], int]]]:
    """The titles of a CSV or TSV file, and its rows with the number of the line on which each ends.

    Lines without any text are left out; commas, semicolons or tabs part the cells. name: what messages call the file.
    """
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
    if len({title.lower() for title in titles}) < len(titles):
        raise Refused(f"{name} has two columns of the same title. Give each its own.")
    return titles, rows
