"""Whatever bytes a visitor brings as a picture, a table, pairs or a translation memory: values, or advice."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.data.pair_files import read_pairs
from core.data.pictures import read
from core.data.tables import read as read_table
from core.types import Refused
from tests.arbitrary import MANY


def made(form: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (9, 7, 3), dtype=np.uint8)).save(out, form)
    return out.getvalue()


def packed(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, content)
    return out.getvalue()


TMX = (
    b'<?xml version="1.0"?><tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>a cat</seg></tuv>'
    b'<tuv xml:lang="fr"><seg>un chat</seg></tuv></tu></body></tmx>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><tmx><body><tu><tuv xml:lang="en"><seg>&c;</seg></tuv></tu>'
    b"</body></tmx>"
)
OUTSIDE = LAUGHS.replace(b'<!ENTITY a "ha">', b'<!ENTITY a SYSTEM "file:///etc/passwd">')
PICTURES = {form: made(form) for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "ICO", "PPM")}
NAMES = ["p.tmx", "p.txt", "p.xml", "p.csv", "p.tsv", "p.xlsx", "p.po", "p.json", "p.gz", "p"]


@st.composite
def damaged(draw, whole: list[bytes]) -> bytes:
    """A good file with some of its bytes changed, left out or put in twice; or bytes that are no file at all."""
    content = bytearray(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(content) - 1)) if content else 0
        what = draw(st.sampled_from(["change", "cut", "twice", "insert"]))
        if what == "change" and content:
            content[place] = draw(st.integers(0, 255))
        elif what == "cut":
            del content[place : place + draw(st.integers(1, 40))]
        elif what == "twice":
            content[place:place] = content[place : place + draw(st.integers(1, 40))]
        else:
            content[place:place] = draw(st.binary(max_size=8))
    return bytes(content)


def advice_or(make, *given_to):
    try:
        return make(*given_to)
    except Refused as refusal:
        assert str(refusal).strip()
        return None


@MANY
@given(damaged(list(PICTURES.values())) | st.binary(max_size=60))
def test_any_bytes_are_a_picture_or_advice(content):
    found = advice_or(read, content)
    assert found is None or (found.ndim == 3 and found.shape[2] == 3 and found.dtype == np.uint8)


TABLES = [
    b"text,label\na cat,1\na dog,2\n",
    b'{"a": [1, 2]}\n{"a": [3]}\n',
    packed("xl/workbook.xml", b"<x/>"),
    b"PAR1xxPAR1",
]


@MANY
@given(
    damaged([*TABLES, gzip.compress(TABLES[0])]),
    st.sampled_from(["t.csv", "t.xlsx", "t.parquet", "t.npy", "t.npz", *NAMES]),
)
def test_any_bytes_are_a_table_or_advice(content, name):
    found = advice_or(read_table, content, name)
    assert found is None or found.count >= 0


PAIRS = [TMX, b"a cat ||| un chat\n", b"a cat\tun chat\n", packed("a.txt", b"x"), gzip.compress(TMX)]


@MANY
@given(st.lists(st.tuples(st.sampled_from(NAMES), damaged(PAIRS)), max_size=3), st.sampled_from([None, 0, 1]))
def test_any_bytes_are_pairs_or_advice(some, first):
    found = advice_or(read_pairs, some, first) if some else None
    assert found is None or all(pair.source and pair.target for pair in found.pairs)


def test_a_translation_memory_is_read():
    assert [pair.target for pair in read_pairs([("p.tmx", TMX)]).pairs] == [("un", "chat")]


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE])
def test_a_translation_memory_that_unfolds_or_reaches_outside_is_refused(content):
    with pytest.raises(Refused):
        read_pairs([("p.tmx", content)])
