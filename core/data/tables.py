"""A table of somebody's own, whatever file it came in: columns of text, columns of numbers, and how it was read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data import delimited, workbooks
from core.data.delimited import MOST_ROWS, MOST_VECTORS, NOTHING, SIGNS, Rows, check_size, is_number
from core.data.number_files import MOST_WIDTH, Numbers, numbers_in
from core.data.records import is_vector, records_in
from core.types import Refused

FEWEST_NUMBERED = 3  # columns called x1, x2, x3 ... that are one vector
NUMBERED = re.compile(r"(.*?)(\d+)")
ARRAY = re.compile(r"^\s*(np\.)?(array|tensor)\(|,\s*dtype=[\w.]+|\)\s*$")  # as Python writes one
CUT = re.compile(r"\[\s*[-+]?[\d.]+[eE\d+-]*[\s,].*\.\.\.", re.DOTALL)
LOOKED_AT = 20  # cells from which a column of vectors is told
VECTORS = "vectors"  # the title of vectors in a file that gives them none
TYPES = ("csv", "tsv", "txt", "jsonl", "json", "xlsx", "parquet", "npy", "npz", "vec", "bin", "tab")  # of files


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of a file, column by column; a column may be text, numbers, or both."""

    name: str  # of the file
    count: int  # rows
    cells: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (title, a text for every row)
    numbers: tuple[tuple[str, np.ndarray], ...] = ()  # (title, float32 [row, width]); NaN: a row has none
    lines: tuple[int, ...] = ()  # of the file, on which each row ends; empty: rows are counted
    said: tuple[str, ...] = ()  # how it was read
    titled: bool | None = None  # whether its first line was taken for titles; None: it cannot be otherwise

    def __post_init__(self) -> None:
        for _, values in self.numbers:
            values.flags.writeable = False

    @property
    def titles(self) -> tuple[str, ...]:
        """Of all columns, those of text first."""
        return tuple(dict.fromkeys(title for title, _ in (*self.cells, *self.numbers)))


def place(table: Table, row: int) -> str:
    """A row as its file counts it: 'Line 7', or 'Row 7' where it has no lines."""
    return f"Line {table.lines[row]}" if table.lines else f"Row {row + 1}"


def read(content: bytes, name: str, *, titled: bool | None = None) -> Table:
    """The table in a file: delimited text, JSON lines, a workbook, Parquet, numpy's arrays, or words with vectors.

    titled: whether the first line holds titles; None: as it looks. name: what messages call the file. Refused says
    what is wrong, and on which line.
    """
    check_size(content, name)
    if content[:6] == b"\x93NUMPY":
        return _of_arrays(name, {VECTORS: workbooks.array_in(content, name)})
    if content[:4] == b"PAR1":
        return _checked(_of_columns(name, *workbooks.parquet_columns(content, name)))
    if content[:4] == b"PK\x03\x04" or content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        if arrays := workbooks.arrays_in(content, name):
            return _of_arrays(name, arrays)
        cells, said = workbooks.sheet_rows(content, name)
        return _checked(_of_rows(name, Rows(cells, [], NOTHING, said), titled=titled))
    if content[:1] in (b"[", b"{") or content[:4] == b"\xef\xbb\xbf{" or name.lower().endswith((".jsonl", ".json")):
        return _checked(_of_records(content, name))
    if not titled and (found := numbers_in(content, name)) is not None:
        return _of_numbers(name, found)
    rows = delimited.parsed(delimited.decoded(content, name), name)
    return _checked(_of_rows(name, rows, titled=titled))


def _checked(table: Table) -> Table:
    check_rows(table, MOST_VECTORS)
    return table


def check_rows(table: Table, most: int = MOST_ROWS) -> None:
    """Refused where a table has more rows than are read."""
    if table.count > most:
        if table.lines:
            raise delimited.too_long(table.name, table.lines[most], most)
        raise Refused(f"{table.name} has {table.count:,} rows; up to {most:,} are read. Cut it.")


def has_vectors(table: Table) -> bool:
    """Whether a column holds more than one number a row."""
    return any(values.shape[1] > 1 for _, values in table.numbers)


# --- from what files hold ---------------------------------------------------------------------------------------------


def _of_numbers(name: str, found: Numbers) -> Table:
    cells = (("word", found.words),) if found.words else ()
    return Table(name, len(found.values), cells, ((VECTORS, found.values),), (), found.said)


def _of_arrays(name: str, arrays: dict[str, np.ndarray]) -> Table:
    """Arrays [row, ...] of one file: those of two axes are vectors, those of one a column."""
    rows = {title: len(values) for title, values in arrays.items() if values.ndim in (1, 2)}
    if len(set(rows.values())) != 1:
        shapes = ", ".join(f"{title} {list(values.shape)}" for title, values in arrays.items())
        raise Refused(f"{name} holds {shapes[:120] or 'no array'}. Save one array [row, number], or several as long.")
    count = next(iter(rows.values()))
    cells, numbers = [], []
    for title, values in arrays.items():
        if values.ndim == 2:
            numbers.append((title, _vectors(values, title, name)))
        elif values.ndim == 1:
            cells.append((title, tuple(str(one) for one in values.tolist())))
            if values.dtype.kind in "iuf":
                numbers.append((title, values.astype(np.float32)[:, None]))
    sizes = ", ".join(f"{title} {values.shape[0]:,} × {values.shape[1]:,}" for title, values in numbers)
    return _checked(Table(name, count, tuple(cells), tuple(numbers), (), (sizes,)))


def _vectors(values: np.ndarray, title: str, name: str) -> np.ndarray:
    if values.dtype.kind not in "iufb" or not 0 < values.shape[1] <= MOST_WIDTH:
        raise Refused(
            f"{title} in {name} is an array {list(values.shape)} of {values.dtype}; "
            f"rows of up to {MOST_WIDTH:,} numbers are read."
        )
    return np.asarray(values, np.float32)


def _of_rows(name: str, rows: Rows, *, titled: bool | None) -> Table:
    """Columns from rows of cells: what is said first is how they were parted."""
    cells, lines = rows.cells, rows.lines
    titled = delimited.has_titles(cells) if titled is None else titled and bool(cells)
    width = len(cells[0]) if cells else 0
    named = delimited.titles_of(cells[0], name) if titled else _untitled(width)
    cells, lines = cells[int(titled) :], lines[int(titled) :]
    columns = {title: tuple(row[i].strip() for row in cells) for i, title in enumerate(named)}
    signs = SIGNS.get(rows.sign, "nothing" if rows.sign == NOTHING else repr(rows.sign))
    parted = () if width < 2 or rows.sign == NOTHING else (f"parted by {signs}",)
    told = "the first line holds the titles" if titled else "no line of titles"
    said = (*parted, *rows.said, told)
    empty = [title for title, values in columns.items() if not any(values)]
    columns = {title: values for title, values in columns.items() if title not in empty or len(columns) == len(empty)}
    table = _of_columns(name, columns, {}, said, tuple(lines), comma=rows.sign in ("\t", ";"))
    return replace(table, titled=titled)


def _untitled(width: int) -> list[str]:
    return ["text"] if width == 1 else [f"column {i + 1}" for i in range(width)]


def _of_records(content: bytes, name: str) -> Table:
    """Columns from JSON: an object a line, or one list of them; texts or lists of numbers alone will do."""
    records = records_in(delimited.decoded(content, name), name)
    rows = [one if isinstance(one, dict) else {VECTORS if is_vector(one) else "text": one} for _, one in records]
    titles = list(dict.fromkeys(str(title) for row in rows for title in row))
    lines = tuple(number for number, _ in records if number)
    bare = Table(name, len(rows), lines=lines)
    columns: dict[str, tuple[str, ...]] = {}
    numbers: dict[str, np.ndarray] = {}
    for title in titles:
        values = [row.get(title) for row in rows]
        if any(map(is_vector, values)):
            numbers[title] = _stacked(values, title, bare)
        else:
            columns[title] = tuple(_written(value) for value in values)
    return _of_columns(name, columns, numbers, (f"JSON, {len(rows):,} records",), lines)


def _written(value: object) -> str:
    if value is None:
        return ""
    value = value.tolist() if isinstance(value, np.ndarray) else value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.strip()


def _stacked(values: Iterable[object], title: str, table: Table) -> np.ndarray:
    """Vectors [row, width] from lists of numbers, one by one; a row of None has NaN."""
    found = np.full((table.count, 0), np.nan, np.float32)
    for row, value in enumerate(values):
        if value is None or (isinstance(value, str) and not value):
            continue
        where = f"{place(table, row)} of {table.name}"
        if not isinstance(value, list | np.ndarray):
            raise Refused(f"{where} has no list of numbers under {title!r}, as others have. Mend it.")
        if not found.shape[1]:
            found = np.full((table.count, len(value)), np.nan, np.float32)
        if len(value) > MOST_WIDTH:
            raise Refused(f"{where} has {len(value):,} numbers under {title!r}; up to {MOST_WIDTH:,} are read.")
        if len(value) != found.shape[1]:
            raise Refused(f"{where} has {len(value)} numbers under {title!r}, the first {found.shape[1]}. Mend it.")
        try:
            found[row] = value if isinstance(value, np.ndarray) else [np.nan if x is None else float(x) for x in value]
        except (TypeError, ValueError) as error:
            raise Refused(f"{where} has no numbers under {title!r}: {error}.") from error
    return found


# --- numbers among the columns ----------------------------------------------------------------------------------------


def _of_columns(
    name: str,
    columns: dict[str, tuple[str, ...]],
    numbers: dict[str, np.ndarray],
    said: tuple[str, ...],
    lines: tuple[int, ...] = (),
    *,
    comma: bool = False,
) -> Table:
    """A table of columns: those that hold numbers or vectors are told from texts. comma: numbers may have one."""
    count = len(next(iter(columns.values()), next(iter(numbers.values()), ())))
    bare = Table(name, count, lines=lines)
    commas = False
    for title, values in list(columns.items()):
        if _looks_like_vectors(values, title, bare):
            numbers[title] = _stacked(map(_numbers_of, columns.pop(title)), title, bare)
        elif (found := _column_of_numbers(values, comma=comma)) is not None:
            numbers[title] = found
            commas = commas or (comma and any("," in cell for cell in values))
    for title, members in _numbered(list(columns), numbers).items():
        numbers[title] = np.concatenate([numbers.pop(one) for one in members], axis=1)
        for one in members:
            columns.pop(one, None)
    if commas:
        said = (*said, "decimal commas")
    return Table(name, count, tuple(columns.items()), tuple(numbers.items()), lines, said)


def _looks_like_vectors(cells: Sequence[str], title: str, table: Table) -> bool:
    """Whether cells list numbers; Refused where they did before somebody's program cut them short."""
    some = [(row, cell) for row, cell in enumerate(cells) if cell][:LOOKED_AT]
    for row, cell in some:
        if CUT.match(cell):
            raise Refused(
                f"{place(table, row)} of {table.name}: the vector under {title!r} is cut short by '...'. "
                "Save whole vectors, as JSON or Parquet."
            )
    if not some or not _is_list(_numbers_of(some[0][1])):
        return False
    return all(cell[0] == "[" or _is_list(_numbers_of(cell)) for _, cell in some)


def _is_list(numbers: list[str] | str | None) -> bool:
    return isinstance(numbers, list) and len(numbers) > 1


def _numbers_of(cell: str) -> list[str] | str | None:
    """The numbers that a cell lists, parted by commas or spaces; the cell itself where it lists none, None if empty."""
    if not cell:
        return None
    inner = cell.strip()
    if inner[:1] != "[":  # else no program's own name of a list can stand round it: looked for, it takes long
        inner = ARRAY.sub("", cell).strip()
    bare = inner[:1] not in "[("
    numbers = inner.strip("[]() \n\t").replace(",", " ").replace(";", " ").split()
    if (bare and len(numbers) < FEWEST_NUMBERED) or not all(map(is_number, numbers[:4])):
        return cell
    return numbers


def _column_of_numbers(cells: Sequence[str], *, comma: bool) -> np.ndarray | None:
    """float32 [row, 1] where every cell is a number or empty, and one is none."""
    if not any(cells) or not all(is_number(cell) for cell in cells if cell):
        return None
    try:
        told = [cell.replace("−", "-").replace(",", ".") if comma else cell.replace("−", "-") for cell in cells]
        return np.array([float(cell) if cell else np.nan for cell in told], np.float32)[:, None]
    except ValueError:
        return None  # 1,234 where commas part the cells


def _numbered(titles: list[str], numbers: dict[str, np.ndarray]) -> dict[str, list[str]]:
    """Columns of single numbers that follow each other and are called alike but for a number: one vector each."""
    runs: list[tuple[str, list[str]]] = []
    for title in titles:
        found = NUMBERED.fullmatch(title)
        if title not in numbers or numbers[title].shape[1] != 1 or not found:
            runs.append(("\0", []))
        elif runs and runs[-1][1] and runs[-1][0] == found[1]:
            runs[-1][1].append(title)
        else:
            runs.append((found[1], [title]))
    return {f"{some[0]} … {some[-1]}": some for _, some in runs if len(some) >= FEWEST_NUMBERED}


def joined(vectors: Table, about: Table) -> Table:
    """Vectors, and in another file what is known of each: one table. Refused where they differ in length."""
    if vectors.count != about.count:
        raise Refused(
            f"{vectors.name} has {vectors.count:,} vectors, {about.name} {about.count:,} rows: they belong together "
            "only where both have as many."
        )
    taken = dict(about.numbers)
    numbers = [(title if title not in taken else f"{title} of {vectors.name}", one) for title, one in vectors.numbers]
    said = (*vectors.said, f"{about.name}: {', '.join(about.said)}")
    return replace(vectors, cells=about.cells, numbers=(*numbers, *about.numbers), said=said)
