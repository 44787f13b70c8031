"""Heads named in words become heads, and back."""

import pytest

from core.requests import Edit
from core.types import Refused
from ui.edits import edit_of, heads_off, in_words, switched

SAME = {"heads_off": "", "scaled": True, "temperature": 1.0, "mask": "model", "window": 5}


@pytest.mark.parametrize(
    ("text", "heads"),
    [
        ("", []),
        ("3.5", [("cross", 2, 4)]),
        ("cross 2.1, 2.4; encoder 1.12", [("cross", 1, 0), ("cross", 1, 3), ("encoder", 0, 11)]),
    ],
)
def test_heads_in_words(text, heads):
    assert heads_off(text, "cross") == heads


@pytest.mark.parametrize("text", ["3", "3.", "0.1", "a.b", "3.-1", "<b>", "3,5"])
def test_what_names_no_head_is_refused(text):
    with pytest.raises(Refused, match=r"layer\.head"):
        heads_off(text, "cross")


def test_an_edit_that_changes_nothing_is_none():
    assert edit_of(SAME, "cross") is None
    assert edit_of(SAME | {"mask": "causal"}, "cross") == Edit(mask="causal", window=5)


def test_a_head_is_switched_off_and_on():
    off = switched("cross 1.1", "cross", ("encoder", 2, 4))
    assert off == "cross 1.1, encoder 3.5"
    assert switched(off, "cross", ("cross", 0, 0)) == "encoder 3.5"
    assert switched("nonsense", "cross", ("cross", 0, 0)) == "cross 1.1"


def test_an_edit_is_said_in_one_line():
    edit = Edit(heads_off=(("cross", 0, 0),), scaled=False, temperature=2, mask="local", window=3)
    assert in_words(edit) == "1 head off, no 1/√d, temperature 2, mask local (window 3)"
