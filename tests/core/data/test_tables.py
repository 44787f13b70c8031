"""Tables of any usual form: what parts the cells, what the columns are for, and a true sentence for what is wrong."""

import csv
import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import delimited, tables
from core.data.records import records_in
from core.data.tables import MOST_ROWS, joined, read
from core.data.texts import LONGEST, MOST_GROUPS, Roles, guessed, point_set, read_table, text_set
from core.types import Refused

REVIEWS = "url,review,stars\n" + "".join(
    f"https://example.org/{i:030},{('dull', 'warm')[i % 2]} play {i},{i % 5}\n" for i in range(12)
)


def cells(content: str | bytes, name: str = "table.csv") -> dict[str, tuple[str, ...]]:
    return dict(read(content.encode() if isinstance(content, str) else content, name).cells)


@pytest.mark.parametrize(
    ("content", "name", "wanted"),
    [
        ("sep=;\ntext;n\na, b;1\nc;2\n", "t.csv", {"text": ("a, b", "c"), "n": ("1", "2")}),
        ("text;share\nMilch;0,5\nBrot;1,25\n", "t.csv", {"text": ("Milch", "Brot"), "share": ("0,5", "1,25")}),
        ("# made by hand\n# twice\ntext\tn\na\t1\n# not this\nb\t2\n", "t.tsv", {"text": ("a", "b"), "n": ("1", "2")}),
        (
            'text,n\n"one\nand two",1\n"three, four",2\n',
            "t.csv",
            {"text": ("one\nand two", "three, four"), "n": ("1", "2")},
        ),
        ("text|topic\na|x\nb|y\n", "t.txt", {"text": ("a", "b"), "topic": ("x", "y")}),
        ('text\tn\n"He said\t1\nno" she said\t2\n', "t.tsv", {"text": ('"He said', 'no" she said'), "n": ("1", "2")}),
        ("apple\npear\nplum\ncherry\n", "t.txt", {"text": ("apple", "pear", "plum", "cherry")}),
        ("apple\npear\nplum\n", "t.csv", {"text": ("apple", "pear", "plum")}),
        ("Hello, you.\nGoodbye, me.\n", "t.txt", {"text": ("Hello, you.", "Goodbye, me.")}),
        (
            "A boat sails.\nI have bread, salt and oil.\n",
            "t.txt",
            {"text": ("A boat sails.", "I have bread, salt and oil.")},
        ),
        ('"Hello," he said.\n"Bye," she said.\n', "t.txt", {"text": ('"Hello," he said.', '"Bye," she said.')}),
        ('"Hello"\n"you, too"\n', "t.txt", {"text": ("Hello", "you, too")}),
        ("#happy day\n#sad day\n", "t.txt", {"text": ("#happy day", "#sad day")}),
        ("text\nOne, two.\nThree.\n", "t.csv", {"text": ("One, two.", "Three.")}),
        ("text,n,,\na,1,,\nb,2,,\n", "t.csv", {"text": ("a", "b"), "n": ("1", "2")}),
        (
            "The film was great\tpos\nI slept\tneg\nGreat fun\tpos\n",
            "t.tsv",
            {"column 1": ("The film was great", "I slept", "Great fun"), "column 2": ("pos", "neg", "pos")},
        ),
        (
            "phrase,sense\nthe river bank,water\na bank account,money\n",
            "t.csv",
            {"phrase": ("the river bank", "a bank account"), "sense": ("water", "money")},
        ),
        ("cat\tgato\ndog\tperro\n", "t.tsv", {"column 1": ("cat", "dog"), "column 2": ("gato", "perro")}),
        ("text\r\nlines of\rold\r\n", "t.csv", {"text": ("lines of", "old")}),
    ],
)
def test_text_files_are_read_as_they_are_meant(content, name, wanted):
    for begin in ("", "\ufeff"):
        assert cells(begin + content, name) == wanted
    assert cells(content.encode("utf-16"), name) == wanted


def test_what_was_guessed_is_said():
    said = read(b"sep=;\n# one\ntext;n\na;0,5\nb;1,5\n", "t.csv").said
    assert said == (
        "parted by semicolons", "the line sep= left out", "1 line of comment left out",
        "the first line holds the titles", "decimal commas",
    )  # fmt: skip
    assert "no line of titles" in read(b"apple\npear\n", "t.txt").said
    assert read(b"pear\napple\n", "t.csv", titled=True).cells == (("pear", ("apple",)),)
    assert read(b"text,n\na,1\n", "t.csv", titled=False).cells[0] == ("column 1", ("text", "a"))


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b'text,n\na,1\n"b, c,2\nd,3\n', "t.csv", "Line 3 .* a quote is opened and never closed"),
        (b"text,n\na,1\nb\n", "t.csv", "Line 3 .* 1 columns, the first line 2"),
        (b"sep=;\n# x\ntext;n\na;1\nb\n", "t.csv", "Line 5 "),
        (b'{"text": "a"}\n{"text": \n', "t.jsonl", "Line 2 of t.jsonl is no JSON"),
        (b'{"v": [1, 2]}\n{"v": [1, 2, 3]}\n', "t.jsonl", "Line 2 of t.jsonl has 3 numbers under 'v', the first 2"),
        (
            b'text,embedding\na,"[1, 2]"\nb,"[1 ... 2]"\n',
            "t.csv",
            "Line 3 of t.csv: the vector under 'embedding' is cut short",
        ),
        (b"PK\x03\x04 broken", "t.xlsx", "broken"),
        (b"PAR1 broken", "t.parquet", "cannot be read as Parquet"),
        (b"\x93NUMPY broken", "t.npy", "cannot be read as an array"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.xls", "old workbook"),
        (b"1\t2\t3\n4\t5\n", "t.tsv", "Line 2 of t.tsv has 2 numbers, the first line 3"),
        (b"1\t2\n4\t5\n" * 30 + b"1\tx5\n", "t.tsv", "Line 61 of t.tsv: 'x5' is no number"),
        (b"a,b\n" + b"x,y\n" * (MOST_ROWS + 1), "t.csv", f"goes on at line {MOST_ROWS + 1}"),
        (b",".join([b"x"] * 2_001), "t.csv", "2,001 columns"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(content, name, says):
    with pytest.raises(Refused, match=says):
        text = read(content, name)
        text_set(text, guessed(text))


def test_a_large_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(delimited, "MOST_BYTES", 3)
    with pytest.raises(Refused, match="MB are read"):
        read(b"text\n", "t.csv")
    with pytest.raises(Refused, match="unpacks to"):
        file = io.BytesIO()
        np.savez_compressed(file, a=np.zeros((3, 3)))
        monkeypatch.setattr(delimited, "MOST_BYTES", len(file.getvalue()))
        monkeypatch.setattr(tables.workbooks, "MOST_BYTES", 10)
        read(file.getvalue(), "t.npz")


def test_json_is_read_with_lines_and_as_a_list():
    lines = '{"text": "a", "n": 1, "tags": ["x"]}\n\n{"text": "b\\nc", "n": null}\n'
    found = read(lines.encode(), "t.jsonl")
    assert found.lines == (1, 3)
    assert dict(found.cells) == {"text": ("a", "b\nc"), "n": ("1", ""), "tags": ('["x"]', "")}
    assert cells(json.dumps([{"text": "a"}, {"text": "b"}]), "t.json") == {"text": ("a", "b")}
    assert cells('"a"\n"b"\n', "t.jsonl") == {"text": ("a", "b")}
    assert dict(read(b"[1, 2]\n[3, 4]\n", "t.jsonl").numbers)["vectors"].tolist() == [[1, 2], [3, 4]]


def test_vectors_in_json_are_arrays_at_once():
    ((_, record),) = records_in('{"v": [1, 2.5, 3]}\n', "t.jsonl")
    assert isinstance(record["v"], np.ndarray) and record["v"].dtype == np.float32


def test_workbooks_are_read_where_openpyxl_is_installed_and_truly_refused_elsewhere():
    file = io.BytesIO()
    try:
        import openpyxl

        book = openpyxl.Workbook()
        book.active.title = "empty"
        sheet = book.create_sheet("data")
        for row in (["text", "n", "share"], ["a, b", 1, 0.5], ["c", 2, None]):
            sheet.append(row)
        book.save(file)
    except ImportError:
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("xl/workbook.xml", "<workbook/>")
        with pytest.raises(Refused, match="pip install openpyxl"):
            read(file.getvalue(), "t.xlsx")
        return
    found = read(file.getvalue(), "t.xlsx")
    assert dict(found.cells) == {"text": ("a, b", "c"), "n": ("1", "2"), "share": ("0.5", "")}
    assert found.said[0] == "sheet 'data' of 2"
    assert read(csv_of([["text", "n"], ["a", "1"]]), "t.csv").count == 1


def csv_of(rows: list[list[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def test_a_packed_file_that_is_no_workbook_is_named():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a.txt", "x")
    with pytest.raises(Refused, match="packed file, but no workbook"):
        read(file.getvalue(), "t.zip")


def parquet(**columns) -> bytes:
    file = io.BytesIO()
    pd.DataFrame(columns).to_parquet(file)
    return file.getvalue()


def test_parquet_brings_texts_numbers_and_vectors():
    vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
    found = read(parquet(text=["a", "b", None], embedding=[*vectors[:2], None], n=[1, 2, 3]), "t.parquet")
    assert dict(found.cells) == {"text": ("a", "b", ""), "n": ("1", "2", "3")}
    numbers = dict(found.numbers)
    assert np.array_equal(numbers["embedding"][:2], vectors[:2]) and np.isnan(numbers["embedding"][2]).all()
    with pytest.raises(Refused, match=r"Row 3 .* 3 numbers under 'embedding', the first 2"):
        read(parquet(embedding=[[1.0, 2.0], None, [1.0, 2.0, 3.0]]), "t.parquet")


# --- what columns are for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (REVIEWS, Roles("review", "stars")),
        (
            'title,embedding\nred apple,"[0.11, 0.22, 0.33]"\nblue car,"[0.5, 0.6, 0.7]"\n',
            Roles("title", "", ("embedding",)),
        ),
        ("id,phrase\n1,the longest column\n2,is the text\n", Roles("phrase", "")),
        (
            "label,sentence,date\npos,so good,2024-01-02\nneg,so bad,2024-01-03\npos,fine,2024-01-04\n",
            Roles("sentence", "label"),
        ),
        ("path,caption\nimages/0000000001.png,a cat\nimages/0000000002.png,a dog\n", Roles("caption", "")),
        ("name,kind,x1,x2,x3\na b,p,1,2,3\nc d,q,4,5,6\ne,p,7,8,9\n", Roles("name", "kind", ("x1 … x3",))),
        ("word\tgroup\nw 1\tthe first group\nw 2\tthe other group\nw 3\tthe first group\n", Roles("word", "group")),
        ("sepal,petal\n1.5,2\n2.5,3\n", Roles("", "", ("sepal", "petal"))),
        ("text,target\n猫が好き,a\n犬,b\n猫,a\n鳥,b\n", Roles("text", "target")),
    ],
)
def test_the_first_guess_is_right_in_the_usual_cases(content, wanted):
    assert guessed(read(content.encode(), "t.csv")) == wanted


def test_texts_of_a_table_with_the_label_first():
    table = read(REVIEWS.encode(), "t.csv")
    found = text_set(table, Roles("review", "stars"))
    assert found.texts[1] == "warm play 1" and found.columns[0] == ("stars", tuple(str(i % 5) for i in range(12)))
    assert {title for title, _ in found.columns} == {"stars", "script"}
    assert text_set(table, Roles("url")).texts[0].startswith("https://")


def test_the_label_stands_before_all_other_columns():
    table = read(b"kind,text,stars\na,one x,1\nb,two y,2\na,three z,1\n", "t.csv")
    assert [title for title, _ in text_set(table, Roles("text", "stars")).columns] == ["stars", "kind", "script"]
    assert [title for title, _ in text_set(table, Roles("text", "kind")).columns] == ["kind", "stars", "script"]


def test_a_label_of_many_values_keeps_the_most_frequent():
    rows = "".join(f"text {i},{i}\n" for i in range(MOST_GROUPS + 5)) + "again,7\n"
    found = text_set(read(f"text,n\n{rows}".encode(), "t.csv"), Roles("text", "n"))
    values = found.column("n")
    assert len(set(values)) == MOST_GROUPS and values[7] == values[-1] == "7" and values.count("(others)") == 6


def test_numbers_alone_are_no_texts_for_a_model():
    with pytest.raises(Refused, match="no texts that a model could read"):
        read_table(b"1\t2\t3\n4\t5\t6\n", "vectors.tsv")


def test_a_long_text_is_refused_for_a_model_and_shortened_for_a_map_of_own_vectors():
    table = read(f"text,x1,x2,x3\n{'a' * (LONGEST + 1)},1,2,3\nb,4,5,6\n".encode(), "t.csv")
    with pytest.raises(Refused, match="Line 2 holds a text of 2,001"):
        text_set(table, Roles("text"))
    assert len(point_set(table, Roles("text")).texts[0]) == LONGEST


# --- vectors ----------------------------------------------------------------------------------------------------------

GLOVE = "the " + " ".join("0.5" for _ in range(10)) + "\n. . . " + " ".join("-1e-2" for _ in range(10)) + "\n"


@pytest.mark.parametrize("begin", ["", "2 10\n"])
def test_words_with_vectors_are_read(begin):
    found = read((begin + GLOVE).encode(), "glove.txt")
    assert found.cells == (("word", ("the", ". . .")),)
    ((title, values),) = found.numbers
    assert title == "vectors" and np.allclose(values, [[0.5] * 10, [-0.01] * 10])
    assert guessed(found) == Roles("word", "", ("vectors",))
    with pytest.raises(Refused, match=r"Line 4 .* 9 numbers"):
        read((GLOVE + GLOVE.replace(". . .", "x")[:-6] + "\n").encode(), "glove.txt")


def test_the_binary_form_of_word2vec_is_named():
    content = b"2 10\nthe " + np.arange(10, dtype=np.float32).tobytes() + b"\ncat " + np.ones(10, np.float32).tobytes()
    with pytest.raises(Refused, match="binary form"):
        read(content, "w.bin")


def test_words_beyond_those_that_are_read_are_left_out_and_said(monkeypatch):
    monkeypatch.setattr("core.data.number_files.MOST_VECTORS", 1)
    found = read(GLOVE.encode(), "glove.txt")
    assert found.count == 1 and found.said[-1] == "the first 1 words of more"


@pytest.mark.parametrize("sign", ["\t", " ", ",", ";"])
def test_rows_of_numbers_are_vectors(sign):
    values = np.array([[1.5, -2, 3e-5], [4, 5, 6]])
    text = "".join(sign.join(f"{x:g}" for x in row) + "\n" for row in values)
    found = read(text.encode(), "vectors.tsv")
    assert not found.cells and np.allclose(found.numbers[0][1], values)
    if sign in "\t;":
        comma = read(text.replace(".", ",").encode(), "vectors.tsv")
        assert np.allclose(comma.numbers[0][1], values) and "decimal commas" in comma.said
    counted = read((sign.join("012") + "\n" + text).encode(), "vectors.csv")
    assert np.allclose(counted.numbers[0][1], values)


def test_arrays_of_numpy_are_read_without_a_copy():
    file = io.BytesIO()
    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    np.save(file, values)
    content = file.getvalue()
    ((_, found),) = read(content, "v.npy").numbers
    assert np.array_equal(found, values) and np.shares_memory(found, np.frombuffer(content, np.uint8))
    for kind in (np.float64, np.float16, np.int8, ">f4"):
        file = io.BytesIO()
        np.save(file, np.asfortranarray(values.astype(kind)))
        assert np.array_equal(read(file.getvalue(), "v.npy").numbers[0][1], values)
    with pytest.raises(Refused, match="cut short"):
        read(content[:-1], "v.npy")
    for wrong, says in ((np.zeros(3), "rows of numbers"), (np.array([{}], object), "Python objects")):
        file = io.BytesIO()
        np.save(file, wrong, allow_pickle=True)
        with pytest.raises(Refused, match=says):
            read(file.getvalue(), "v.npy")


def test_several_arrays_belong_together():
    file = io.BytesIO()
    np.savez(file, vectors=np.ones((3, 4)), labels=np.array(["a", "b", "a"]))
    found = read(file.getvalue(), "v.npz")
    assert found.cells == (("labels", ("a", "b", "a")),) and guessed(found) == Roles("labels", "", ("vectors",))
    file = io.BytesIO()
    np.savez(file, a=np.ones((3, 4)), b=np.ones(2))
    with pytest.raises(Refused, match=r"a \[3, 4\], b \[2\]"):
        read(file.getvalue(), "v.npz")


def test_vectors_in_cells_as_pandas_and_people_write_them():
    for written in (
        "[0.1, 0.2]",
        "[0.1 0.2]",
        "(0.1,0.2)",
        "[0.1\n 0.2]",
        "array([0.1, 0.2], dtype=float32)",
        "np.array([.1, .2])",
    ):
        content = csv_of([["name", "embedding"], ["a", written], ["b", ""]])
        ((_, values),) = read(content, "t.csv").numbers
        assert np.allclose(values[0], [0.1, 0.2]) and np.isnan(values[1]).all()


def test_vectors_and_metadata_are_one_table():
    vectors = read(b"1\t2\n3\t4\n5\t6\n", "vectors.tsv")
    both = joined(vectors, read(b"word\tgroup\na\tx\nb\ty\nc\tx\n", "metadata.tsv"))
    assert (
        both.titles == ("word", "group", "vectors")
        and both.name == "vectors.tsv"
        and guessed(both) == Roles("word", "group", ("vectors",))
    )
    with pytest.raises(Refused, match=r"3 vectors, m\.tsv 2 rows"):
        joined(vectors, read(b"word\ta\nb\ty\nc\tx\n", "m.tsv"))


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=80) | (st.text(max_size=80) | st.text('ab1,;\t"\n#[]{}. ', max_size=60)).map(str.encode),
    st.sampled_from(["t.csv", "t.txt", "t.tsv", "t.jsonl", "t"]),
)
def test_any_bytes_are_a_table_or_advice(content, name):
    try:
        found = read(content, name)
        assert all(len(values) == found.count for _, values in (*found.cells, *found.numbers))
        roles = guessed(found)
        assert len(point_set(found, roles).texts) == found.count
    except Refused as refusal:
        assert str(refusal).endswith((".", '"}.', '("").'))
