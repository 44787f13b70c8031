"""Files that are no text: workbooks of spreadsheets, Parquet, and numpy's arrays."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from core.data.delimited import MOST_BYTES, MOST_COLUMNS, MOST_VECTORS
from core.types import Refused

OLD = b"\xd0\xcf\x11\xe0"  # begins a workbook of Excel before 2007
Columns = tuple[dict[str, tuple[str, ...]], dict[str, np.ndarray], tuple[str, ...]]  # texts, numbers, what to say


def sheet_rows(content: bytes, name: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """The rows of a workbook's first sheet that holds any, all of one length, and what to say of it."""
    if content[:4] == OLD:
        raise Refused(f"{name} is an old workbook (.xls). Save it as .xlsx or CSV and give it again.")
    if "xl/workbook.xml" not in _members(content, name):
        raise Refused(f"{name} is a packed file, but no workbook. Give a table as CSV, TSV, JSONL, XLSX or Parquet.")
    import pandas as pd

    try:
        import openpyxl  # noqa: F401  pandas reads workbooks by it
    except ImportError as error:
        raise Refused(
            "Workbooks are read where openpyxl is installed: pip install openpyxl. Or save this one as CSV."
        ) from error
    try:
        with pd.ExcelFile(io.BytesIO(content), engine="openpyxl") as book:
            sheets = book.sheet_names
            for sheet in sheets:
                frame = book.parse(sheet, header=None, dtype=object, nrows=MOST_VECTORS + 2, keep_default_na=False)
                frame = frame.dropna(how="all").dropna(how="all", axis=1)
                if frame.size:
                    break
    except Exception as error:  # a broken workbook can fail anywhere in its reader
        raise Refused(f"{name} cannot be read as a workbook. Open it, and save it anew as .xlsx or CSV.") from error
    if frame.shape[1] > MOST_COLUMNS:
        raise Refused(f"{name} has {frame.shape[1]:,} columns; up to {MOST_COLUMNS:,} are read. Cut it.")
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    told = f"sheet {sheet!r}" + (f" of {len(sheets)}" if len(sheets) > 1 else "")
    return [row for row in rows if any(row)], (told,)


def _cell(value: Any) -> str:
    if value is None or value != value:  # NaN is not itself
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).removesuffix(" 00:00:00").strip()  # a day has no hour


def _members(content: bytes, name: str) -> set[str]:
    """What a packed file holds; Refused where it is broken, or would not fit into memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(one.file_size for one in packed.infolist())
            names = set(packed.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise Refused(f"{name} is a packed file that is broken. Save it anew and give it again.") from error
    if size > MOST_BYTES:
        raise Refused(f"{name} unpacks to {size / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:,.0f} MB are read. Cut it.")
    return names


# --- numpy ------------------------------------------------------------------------------------------------------------


def array_in(content: bytes, name: str) -> np.ndarray:
    """The array of a .npy file; numbers in the usual order are not copied."""
    try:
        file = io.BytesIO(content)
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, kind = read(file)
        size = int(np.prod(shape, dtype=np.int64))
        missing = file.tell() + size * kind.itemsize - len(content)
    except (ValueError, TypeError, SyntaxError, EOFError, OverflowError) as error:
        raise Refused(f"{name} cannot be read as an array. Save it anew by numpy.save.") from error
    if kind.hasobject:
        raise Refused(f"{name} holds Python objects, not numbers. Save numpy.asarray(vectors, 'float32').")
    if missing > 0 or size < 0:
        raise Refused(f"{name} is cut short: its {size:,} numbers are not all there. Save it anew.")
    found = np.frombuffer(content, kind, size, file.tell()).reshape(shape, order="F" if fortran else "C")
    if found.ndim != 2:
        raise Refused(f"{name} holds an array {list(shape)}; vectors are rows of numbers: [row, number].")
    return found


def arrays_in(content: bytes, name: str) -> dict[str, np.ndarray]:
    """The arrays of a .npz file by name; empty where it is another packed file."""
    if content[:4] == OLD:
        return {}
    members = [one for one in sorted(_members(content, name)) if one.endswith(".npy")]
    if not members:
        return {}
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as packed:
            return {one.removesuffix(".npy"): packed[one.removesuffix(".npy")] for one in members}
    except Exception as error:  # each member can be broken in its own way
        raise Refused(
            f"{name} holds something that is no array of numbers or texts. Save it by numpy.savez."
        ) from error


# --- Parquet ----------------------------------------------------------------------------------------------------------


def parquet_columns(content: bytes, name: str) -> Columns:
    """Columns of a Parquet file: lists of numbers are vectors, all others texts."""
    import pyarrow.parquet as parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        rows, size = file.metadata.num_rows, sum(_unpacked(file.metadata))
    except Exception as error:  # whatever a broken file does to its reader
        raise Refused(f"{name} cannot be read as Parquet. Save it anew and give it again.") from error
    if rows > MOST_VECTORS:
        raise Refused(f"{name} has {rows:,} rows; up to {MOST_VECTORS:,} are read. Cut it.")
    if size > 2 * MOST_BYTES:
        raise Refused(f"{name} unpacks to {size / 1e6:,.0f} MB; up to {2 * MOST_BYTES / 1e6:,.0f} MB are read. Cut it.")
    texts: dict[str, tuple[str, ...]] = {}
    numbers: dict[str, np.ndarray] = {}
    try:
        for title in dict.fromkeys(file.schema_arrow.names):
            if not title.startswith("__index_level_"):
                column = file.read([title], use_threads=False).column(title).combine_chunks()
                _take_column(column, title, name, texts, numbers)
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"A column of {name} cannot be read. Save it anew and give it again.") from error
    return texts, numbers, (f"Parquet, {rows:,} rows",)


def _unpacked(metadata: Any) -> Iterator[int]:
    for group in range(metadata.num_row_groups):
        yield metadata.row_group(group).total_byte_size


def _take_column(column: Any, title: str, name: str, texts: dict, numbers: dict) -> None:
    import pyarrow as pa

    kind = column.type
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    if lists and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        numbers[title] = _lists(column, title, name)
        return
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
        return  # pictures and structures are neither shown nor read
    texts[title] = tuple("" if one is None else _cell(one) for one in column.to_pylist())


def _lists(column: Any, title: str, name: str) -> np.ndarray:
    """float32 [row, width] of a column of lists; NaN where a row has none."""
    import pyarrow.compute as compute

    there = column.is_valid().to_numpy(zero_copy_only=False)
    sizes = compute.list_value_length(column.drop_null()).to_numpy(zero_copy_only=False)
    if not len(sizes) or not sizes[0]:
        raise Refused(f"The lists under {title!r} in {name} are empty. Give vectors of numbers.")
    if (sizes != sizes[0]).any():
        wrong = int((sizes != sizes[0]).argmax())
        row = int(np.flatnonzero(there)[wrong]) + 1
        raise Refused(
            f"Row {row} of {name} has {sizes[wrong]:,} numbers under {title!r}, the first {sizes[0]:,}. Mend it."
        )
    flat = column.drop_null().flatten().to_numpy(zero_copy_only=False).astype(np.float32, copy=False)
    values: np.ndarray = flat.reshape(-1, int(sizes[0]))
    if there.all():
        return values
    found = np.full((len(there), values.shape[1]), np.nan, np.float32)
    found[there] = values
    return found
