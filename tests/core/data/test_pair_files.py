"""Files of sentence pairs in every usual form, their links from 0 or from 1, and what is saved read again."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.pair_files import MOSES, read_pairs
from core.data.pair_saving import as_bars, as_jsonl, as_pharaoh, as_tsv
from core.requests import Gold, Pair
from core.types import Refused

CAT = (("the", "cat"), ("le", "chat"))
TMX = """<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header srclang="EN"/><body>
<tu><tuv xml:lang="fr"><seg>le <bpt i="1">&lt;b&gt;</bpt>chat<ept i="1">&lt;/b&gt;</ept></seg></tuv>
<tuv xml:lang="en"><seg>the <hi>cat</hi></seg></tuv></tu>
<tu><tuv lang="en"><seg>alone</seg></tuv></tu>
<tu><tuv xml:lang="EN"><seg>I slept.</seg></tuv><tuv xml:lang="FR"><seg>J'ai dormi.</seg></tuv></tu></body></tmx>"""


def words(*files: tuple[str, str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(pair.source, pair.target) for pair in read_pairs([(name, text.encode()) for name, text in files]).pairs]


@pytest.mark.parametrize(
    "files",
    [
        [("a.txt", "the cat ||| le chat\n")],
        [("a.txt", "the cat\tle chat\n")],
        [("a.tsv", "source\ttarget\nthe cat\tle chat\n")],
        [("a.tsv", "fr\ten\nle chat\tthe cat\n")],
        [("fra.txt", "the cat\tle chat\tCC-BY 2.0 (France) Attribution: a website\n")],
        [("a.csv", "target,source\nle chat,the cat\n")],
        [("a.jsonl", '{"source": "the cat", "target": "le chat"}\n')],
        [("a.jsonl", '{"translation": {"en": "the cat", "fr": "le chat"}}\n')],
        [("a.json", '[{"fr": "le chat", "en": "the cat", "id": 7}]')],
        [("corpus.fr", "le chat\n"), ("corpus.en", "the cat\n")],
        [("one.txt", "the cat\n"), ("two.txt", "le chat\n")],
        [("a.tmx", TMX.replace("I slept", "").split("<tu><tuv lang")[0] + "</body></tmx>")],
    ],
)
def test_a_pair_is_read_in_every_form(files):
    assert words(*files) == [CAT]


def test_translation_memories_leave_out_what_is_no_pair_and_no_text():
    found = read_pairs([("m.tmx", TMX.encode())])
    assert [(pair.source, pair.target) for pair in found.pairs] == [
        CAT,
        (("I", "slept", "."), ("J'", "ai", "dormi", ".")),
    ]
    assert found.said == ("TMX, en and fr",)
    assert (
        read_pairs([("m.tmx", TMX.replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16"))]).pairs == found.pairs
    )
    with pytest.raises(Refused, match=r"Line 2 of m\.tmx is no XML"):
        read_pairs([("m.tmx", b"<tmx>\n<tu><seg></tu></tmx>")])
    with pytest.raises(Refused, match="entities of its own"):
        read_pairs([("m.tmx", b'<!DOCTYPE tmx [<!ENTITY a "aaaa">]><tmx>&a;</tmx>')])
    with pytest.raises(Refused, match="in 1 languages"):
        read_pairs([("m.tmx", b'<tmx><tu><tuv xml:lang="en"><seg>a</seg></tuv></tu></tmx>')])


@pytest.mark.parametrize(
    ("links", "first", "both"),
    [("0-0 1-1", 0, False), ("1-1 2-2", 1, False), ("1-1", 0, True), ("1-2", 1, False), ("1p1 1?1", 0, True)],
)
def test_where_words_are_counted_from_is_told_by_the_links(links, first, both):
    found = read_pairs([("a.txt", f"the cat ||| le chat ||| {links}\nx ||| y\n".encode())])
    assert (found.first, found.both) == (first, both)
    assert f"links count words from {first}" in found.said
    again = read_pairs([("a.txt", f"the cat ||| le chat ||| {links}".encode())], found.first)
    assert again.pairs == found.pairs[:1]


def test_links_of_every_kind():
    found = read_pairs([("a.txt", b"a b c ||| x y ||| 0-0 1p1 2?0 1-0:0.75 2-1=1e-3")])
    assert found.pairs[0].gold == Gold(frozenset({(0, 0), (1, 0), (2, 1)}), frozenset({(0, 0), (1, 0), (2, 1), (1, 1), (2, 0)}))  # fmt: skip  # noqa: E501
    assert "scores behind links are not used" in found.said


def test_links_stand_in_a_column_or_in_a_file_of_their_own():
    wanted = Gold(frozenset({(0, 0)}), frozenset({(0, 0), (1, 1)}))
    files = [("a.en", b"the cat\nno links\n"), ("a.fr", b"le chat\nrien ici\n"), ("a.align", b"0-0 1p1\n\n")]
    for order in (files, files[::-1]):
        found = read_pairs(order)
        assert [pair.gold for pair in found.pairs] == [wanted, None] and found.pairs[0].source == CAT[0]
    (pair,) = read_pairs([("a.tsv", b"the cat\tle chat\t0-0 1p1\n")]).pairs
    assert pair.gold == wanted
    (pair,) = read_pairs([("a.jsonl", b'{"source": "the cat", "target": "le chat", "links": "0-0 1p1"}')]).pairs
    assert pair.gold == wanted
    record = {"source": "The cat", "target": "x", "source_words": ["The", "cat"], "target_words": ["le", "chat"]}
    record |= {"sure": [[0, 0]], "possible": [[1, 1]]}
    (pair,) = read_pairs([("a.jsonl", json.dumps(record).encode())]).pairs
    assert pair.gold == wanted and pair.source == ("The", "cat") and pair.source_text == "The cat"


def test_moses_escapes_are_undone_within_words():
    line = b"it &apos;s a &#124; &amp;lt; &quot;b&quot; ||| c&#91;1&#93; &lt;d&gt;"
    found = read_pairs([("a.txt", line)])
    assert found.pairs[0].source == ("it", "'s", "a", "|", "&lt;", '"b"')
    assert found.pairs[0].target == ("c[1]", "<d>") and "Moses escapes undone" in found.said


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([("a.en", "a\nb\n"), ("a.fr", "x\n")], "a.en has 2 lines, a.fr 1"),
        ([("a.en", "a\n"), ("a.fr", "x\n"), ("a.de", "y\n")], "two of them are texts"),
        ([("a.en", "a\n\n"), ("a.fr", "x\ny\n")], "a.en has 1 lines, a.fr 2"),
        ([("a.en", "a\n\nc"), ("a.fr", "x\ny\nz")], "Line 2 has no source"),
        ([("a.tsv", "source\ttarget\na\tb\nthe cat\t\n")], "Line 3 has no target"),
        ([("a.csv", "text\none\ntwo\n")], "one column of text"),
        ([("a.jsonl", '{"source": "a"}\n')], "Line 1 of a.jsonl has no two texts"),
        ([("a.jsonl", '{"source": "a", "target": "b", "sure": [[0, true]]}\n')], "sure is a list of pairs"),
        ([("a.jsonl", '{"source": "a", "target": "b", "source_words": ["x y"]}\n')], "lists of words without spaces"),
        ([("a.txt", "a ||| b ||| 0-0 2-2\n")], "link 2-2 points at source word 2, but there is 1 word, counted from 0"),
        ([("a.txt", "a ||| b ||| 1-1 2-2\n")], "link 2-2 points at source word 2, but there is 1 word, counted from 1"),
        ([("a.txt", f"{'a' * 5_001} ||| b\n")], "5,001 characters"),
        ([("a", "x")] * 4, "4 files came"),
    ],
)
def test_what_is_wrong_is_said(files, says):
    with pytest.raises(Refused) as refusal:
        words(*files)
    assert says in str(refusal.value)


WORD = st.text("ab|&;é#'\"", min_size=1, max_size=4) | st.sampled_from([sign for sign, _ in MOSES])
SIDE = st.lists(WORD, min_size=1, max_size=5).map(tuple)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.lists(st.tuples(SIDE, SIDE), min_size=1, max_size=4), st.sampled_from([0, 1]))
def test_what_is_saved_is_read_again(data, sides, first):
    pairs, golds = [], []
    for source, target in sides:
        cells = st.tuples(st.integers(0, len(source) - 1), st.integers(0, len(target) - 1))
        sure = data.draw(st.frozensets(cells, min_size=1))
        golds.append(Gold(sure, sure | data.draw(st.frozensets(cells))))
        pairs.append(Pair(source, target))
    for text in (as_bars(pairs, golds, first), as_tsv(pairs, golds, first), as_jsonl(pairs, golds)):
        base = 0 if text.startswith("{") else first
        found = read_pairs([("t.jsonl" if text.startswith('{"source"') else "t.tsv", text.encode())], base).pairs
        assert [(p.source, p.target, p.gold) for p in found] == [
            (*side, gold) for side, gold in zip(sides, golds, strict=True)
        ]
    links = as_pharaoh(golds, first)
    texts = [("s.en", as_side(sides, 0)), ("t.fr", as_side(sides, 1)), ("l", links)]
    again = read_pairs([(name, text.encode()) for name, text in texts], first).pairs
    assert [pair.gold for pair in again] == golds


def as_side(sides, which: int) -> str:
    return "".join(" ".join("w" for _ in side[which]) + "\n" for side in sides)
