"""What a picture shows as exact numbers, and the files that hold them: CSV, NumPy's .npz and Parquet."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.types import Refused

MOST_COLUMNS = 10_000  # of a table; more than that nobody opens


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A table of columns of one length; arrays: what .npz holds in place of the columns, where that says more."""

    columns: Mapping[str, Sequence[Any]]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of unlike length: {lengths}")


def matrix(corner: str, rows: Sequence[str], columns: Sequence[str], values: np.ndarray) -> Numbers:
    """Values [row, column] as a table: a line a row, named under `corner`, and the same as arrays."""
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"{len(rows)} rows and {len(columns)} columns do not name values of {values.shape}")
    names = unlike([corner, *columns])
    table: dict[str, Any] = {names[0]: list(rows)} | {name: values[:, j] for j, name in enumerate(names[1:])}
    return Numbers(table, {"values": values, "rows": np.array(rows), "columns": np.array(columns)})


def maps(some: Sequence[tuple[str, Sequence[str], Sequence[str], np.ndarray]], axes: tuple[str, str]) -> Numbers:
    """Several of (title, rows, columns, values[row, column]): a line a cell; as arrays, each with its values."""
    titles = unlike(title for title, *_ in some)
    table: dict[str, list[Any]] = {name: [] for name in unlike(["map", *axes, "value"])}
    for title, (_, rows, columns, values) in zip(titles, some, strict=True):
        if values.shape != (len(rows), len(columns)):
            raise ValueError(f"{title}: {len(rows)} rows and {len(columns)} columns do not name {values.shape}")
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                for cells, value in zip(table.values(), (title, row, column, values[i, j].item()), strict=True):
                    cells.append(value)
    return Numbers(table, {title: values for title, (*_, values) in zip(titles, some, strict=True)})


def records(rows: Iterable[Mapping[str, Any]]) -> Numbers:
    """Rows as dictionaries, as a table; a row that lacks a column has nothing there."""
    some = list(rows)
    titles = dict.fromkeys(title for row in some for title in row)
    return Numbers({title: [row.get(title) for row in some] for title in titles})


def unlike(names: Iterable[str]) -> list[str]:
    """The same names, those that came before with a number behind."""
    found: dict[str, None] = {}
    for name in names:
        tried, number = name, 1
        while tried in found:
            number += 1
            tried = f"{name} {number}"
        found[tried] = None
    return list(found)


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t")) else text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else str(value)  # the shortest that reads back as the same number
    return harmless(str(value)) if isinstance(value, str) else str(value)


def as_csv(numbers: Numbers) -> bytes:
    """A line of titles, then the rows, every number in full; UTF-8 with a mark, for spreadsheets."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([harmless(title) for title in numbers.columns])
    writer.writerows([_cell(value) for value in row] for row in zip(*numbers.columns.values(), strict=True))
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def as_npz(numbers: Numbers) -> bytes:
    """The arrays, else the columns as arrays: numbers as they are, all else as text; numpy.load reads them."""
    found = numbers.arrays or {title: _array(values) for title, values in numbers.columns.items()}
    file = io.BytesIO()
    # Not by savez, which would take a title such as "file" for its own parameter.
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as folder:
        for title, values in found.items():
            with folder.open(f"{title.replace('/', ' ')}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(values), allow_pickle=False)
    return file.getvalue()


def _array(values: Sequence[Any]) -> np.ndarray:
    made = np.asarray([np.nan if value is None else value for value in values])
    return np.array(["" if value is None else str(value) for value in values]) if made.dtype.kind in "OUS" else made


def as_parquet(numbers: Numbers) -> bytes:
    """The table, with its types; pandas, polars, DuckDB and R read it."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    if len(numbers.columns) > MOST_COLUMNS:
        raise Refused(f"{len(numbers.columns):,} columns are too many for Parquet (up to {MOST_COLUMNS:,}): take .npz.")
    file = pa.BufferOutputStream()
    columns = {name: pa.array(values) for name, values in numbers.columns.items()}
    parquet.write_table(pa.table(columns), file)
    return file.getvalue().to_pybytes()


#: What a menu calls a form -> (ending of the file, how it is written).
FORMS: dict[str, tuple[str, Callable[[Numbers], bytes]]] = {
    "CSV": ("csv", as_csv),
    "NPZ": ("npz", as_npz),
    "Parquet": ("parquet", as_parquet),
}
