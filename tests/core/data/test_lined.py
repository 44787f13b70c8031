"""YAML with lines: what is read, and where what cannot be read is."""

import pytest

from core.data.lined import lined, pairs_of
from core.types import Refused


def test_values_keep_their_text_and_their_line():
    found = lined("a: yes\nb:\n  - 1\n  - no\n", 5)
    keys = found.fields("it", ("a", "b"))
    assert keys["a"].text("a", 10) == "yes" and keys["a"].line == 5
    assert [(one.value, one.line) for one in keys["b"].items("b", 3)] == [("1", 7), ("no", 8)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2", "Line 11: the key 'a' stands here twice. Take one of them out."),
        ("a: [1, 2", "Line 10: this cannot be read"),
        ("a: b: c", "Line 10: this cannot be read"),
        ("a: &x 1\nb: *x", "Line 11: write this out; aliases are not read."),
        ("a: {b: {c: {d: {e: {f: 1}}}}}", "Line 10: this is nested too deeply."),
        ("? [a]\n: 1", "Line 10: a key is a word."),
        ("opne: 1", "Line 10: it has no key 'opne'. Did you mean 'open'? Keys are: open."),
        ("- a", "Line 10: it needs keys, one a line: open."),
        ("\x07", "Line 10: this cannot be read."),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, said):
    with pytest.raises(Refused) as refusal:
        lined(text, 10).fields("it", ("open",))
    assert str(refusal.value).startswith(said)


@pytest.mark.parametrize(
    ("value", "read", "said"),
    [
        ("''", lambda one: one.text("this", 9), "Line 3: this is empty."),
        ("12345", lambda one: one.text("this", 4), "Line 3: this has 5 characters; up to 4 are read."),
        ("[a]", lambda one: one.text("this", 4), "Line 3: this is a text."),
        ("[a]", lambda one: one.raw("this", 4), "Line 3: this is a text of up to 4 characters."),
        ("many", lambda one: one.number("this", 0, 9), "Line 3: this is a number from 0 to 9."),
        ("10", lambda one: one.number("this", 0, 9), "Line 3: this is a number from 0 to 9."),
        ("nan", lambda one: one.number("this", 0, 9), "Line 3: this is a number from 0 to 9."),
        ("[a, b, c]", lambda one: one.items("this", 2), "Line 3: this is a list of 1 to 2 entries"),
        ("a", lambda one: list(pairs_of(one, "this", 2)), "Line 3: this needs 1 to 2 lines of the form key: value."),
    ],
)
def test_a_value_of_another_kind_is_refused_with_its_line(value, read, said):
    one = lined(f"key: {value}", 3).fields("it", ("key",))["key"]
    with pytest.raises(Refused) as refusal:
        read(one)
    assert str(refusal.value).startswith(said)


def test_a_missing_key_is_named():
    with pytest.raises(Refused, match=r"Line 4: it lacks 'open'\. Add a line that begins with open:"):
        lined("", 4).fields("it", ("open",))["open"]


@pytest.mark.parametrize(
    "text", ["[" * 20_000, "{a: " * 20_000, "- " * 20_000, "!!python/object:os.system x", "%YAML 9.9\n---\na: 1"]
)
def test_what_is_made_to_break_a_reader_is_read_or_refused(text):
    try:
        lined(text)
    except Refused as refusal:
        assert str(refusal).startswith("Line ")
