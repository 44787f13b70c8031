"""What visitors bring is kept by its content, within bounds, and two files make one table."""

import pytest

from core.data import uploads
from core.data.uploads import add_table, own_table
from core.types import Refused

VECTORS = ("vectors.tsv", b"1\t2\n3\t4\n5\t6\n")


@pytest.mark.parametrize(
    "metadata",
    [b"word\tgroup\na\tx\nb\ty\nc\tx\n", b"a\tx\nb\ty\nc\tx\n", b"label\tgroup\na\tx\nb\ty\nc\tx\n"],
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_number_of_vectors_decides_whether_metadata_has_titles(metadata, turned):
    files = [VECTORS, ("metadata.tsv", metadata)]
    table = own_table(add_table(files[::-1] if turned else files))
    assert table.name == "vectors.tsv" and table.count == 3
    assert table.cells[0][1] == ("a", "b", "c") and table.numbers[0][1].tolist() == [[1, 2], [3, 4], [5, 6]]


def test_a_lone_column_of_metadata_has_no_titles_and_one_that_seems_to_is_read_again():
    table = own_table(add_table([VECTORS, ("metadata.tsv", b"text\nb\nc\n")]))
    assert table.cells == (("text", ("text", "b", "c")),)
    table = own_table(add_table([VECTORS, ("metadata.tsv", b"apple\nb\nc\nd\n")]))
    assert table.cells == (("apple", ("b", "c", "d")),)


def test_the_same_files_are_one_table_and_others_are_not():
    first = add_table([("a.csv", b"text\na\nb\n")])
    assert first == add_table([("a.csv", b"text\na\nb\n")]) and own_table(first).cells == (("text", ("a", "b")),)
    assert first != add_table([("a.csv", b"text\na\nc\n")]) and first != add_table([("b.csv", b"text\na\nb\n")])


def test_of_files_that_do_not_belong_together_the_last_is_taken():
    assert own_table(add_table([("a.csv", b"text\na\nb\n"), ("b.csv", b"text\nc\nd\n")])).name == "b.csv"


def test_memory_is_bounded_and_what_is_gone_is_said(monkeypatch):
    monkeypatch.setattr(uploads.TABLES, "most_bytes", 2_000)
    first = add_table([("a.csv", b"text\n" + b"one\ntwo\n" * 20)])
    add_table([("b.csv", b"text\n" + b"one\ntwo\n" * 21)])
    with pytest.raises(Refused, match="no longer here"):
        own_table(first)
