"""Exact numbers as files: CSV, .npz and Parquet give back what was put in."""

import csv
import io

import numpy as np
import pyarrow.parquet as parquet
import pytest

from core.data.numbers import FORMS, Numbers, as_csv, as_npz, as_parquet, matrix, records, unlike

VALUES = np.array([[0.1, 1 / 3], [np.float32(0.7), 0.0]], np.float32)
SOME = matrix("query attends to key", ["a (0)", "=b (1)"], ["a (0)", "a (0)"], VALUES)


def read(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_matrix_is_a_table_whose_columns_have_names_of_their_own():
    rows = read(as_csv(SOME))
    assert rows[0] == ["query attends to key", "a (0)", "a (0) 2"]
    assert [row[0] for row in rows[1:]] == ["a (0)", "'=b (1)"]  # no spreadsheet takes it for a formula
    assert np.array_equal(np.array([row[1:] for row in rows[1:]], np.float32), VALUES)  # every digit that counts


def test_npz_holds_the_matrix_with_its_names():
    with np.load(io.BytesIO(as_npz(SOME))) as found:
        assert np.array_equal(found["values"], VALUES) and found["values"].dtype == np.float32
        assert found["rows"].tolist() == ["a (0)", "=b (1)"] and found["columns"].tolist() == ["a (0)", "a (0)"]


def test_parquet_reads_back_with_its_types():
    table = parquet.read_table(io.BytesIO(as_parquet(SOME)))
    assert table.column_names == ["query attends to key", "a (0)", "a (0) 2"]
    assert np.array_equal(table["a (0) 2"].to_numpy(), VALUES[:, 1])
    assert str(table.schema.field("a (0)").type) == "float"


def test_records_that_lack_something_leave_it_empty():
    some = records([{"word": "cat", "share": 0.5}, {"word": "dog", "file": 3}])
    assert read(as_csv(some))[1:] == [["cat", "0.5", ""], ["dog", "", "3"]]
    table = parquet.read_table(io.BytesIO(as_parquet(some))).to_pydict()
    assert table == {"word": ["cat", "dog"], "share": [0.5, None], "file": [None, 3]}
    with np.load(io.BytesIO(as_npz(some))) as found:
        assert found["word"].tolist() == ["cat", "dog"] and np.isnan(found["share"][1]) and found["file"][1] == 3


def test_no_number_is_an_empty_cell():
    assert read(as_csv(Numbers({"x": [float("nan"), True, None, 1e-9]})))[1:] == [[""], ["true"], [""], ["1e-09"]]


@pytest.mark.parametrize("make", [lambda: Numbers({"a": [1], "b": []}), lambda: matrix("x", ["a"], ["b"], VALUES)])
def test_what_does_not_fit_together_is_a_mistake_of_ours(make):
    with pytest.raises(ValueError):
        make()


def test_names_are_unlike_each_other():
    assert unlike(["a", "a", "a 2", "a"]) == ["a", "a 2", "a 2 2", "a 3"]
    assert list(FORMS) == ["CSV", "NPZ", "Parquet"]
