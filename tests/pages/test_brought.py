"""What a visitor brings and does outlasts a reload: what the browser keeps is read back, and what is made up is not."""

import pytest

from core.data.uploads import keep_file, kept_file
from core.requests import Gold
from tests.apptest import page
from tests.drawn import said
from ui import brought
from ui.views.alignment import by_hand
from ui.views.clip import common


def came(name: str, values: dict[str, object], **query: str):
    """The page as it is once the browser has told what it kept before the session began."""
    at = page(name, **query)
    at.session_state[f"{name}/session came"] = values
    return at.run()


def test_a_file_is_found_by_what_is_in_it():
    key = keep_file("a.txt", b"one")
    assert kept_file(key) == ("a.txt", b"one") and keep_file("a.txt", b"one") == key
    assert keep_file("a.txt", b"two") != key and keep_file("b.txt", b"one") != key
    assert kept_file("no such name") is None


def test_guesses_come_back():
    at = came("bugs", {"guesses": {"122": {"1": "A", "2": "B"}}})
    assert not at.exception and "of 2 found" in said(at)


@pytest.mark.parametrize("wrong", [{"122": {"99": "A"}}, {"122": {"1": "C"}}, {"x": {}}, [1], "x", None, {"1": 3}])
def test_guesses_that_somebody_made_up_do_not(wrong):
    at = came("bugs", {"guesses": wrong})
    assert not at.exception and "of 0 found" in said(at)


def test_a_file_comes_back():
    key = keep_file("mine.txt", b"the cat ||| le chat ||| 0-0 1-1\n")
    at = came("alignment", {"own brought": [key]}, view="File")
    assert not at.exception and "1 pair of mine.txt" in said(at)


@pytest.mark.parametrize("wrong", [["no such file"], [1], "x", {"a": 1}, None])
def test_a_file_that_is_gone_does_not(wrong):
    at = came("alignment", {"own brought": wrong}, view="File")
    assert not at.exception and "8 pairs of the example" in said(at)


def test_names_of_files_are_names():
    assert brought._keys(["a", "b"]) == ["a", "b"] and len(brought._keys(["a"] * 999)) == brought.MOST
    with pytest.raises(ValueError, match="no names"):
        brought._keys([1])


def test_links_by_hand_are_written_and_read():
    golds = [Gold(frozenset({(0, 1)}), frozenset({(0, 1), (2, 0)})), by_hand.NONE]
    told = by_hand.links_written({"set": golds, "none": [by_hand.NONE]})
    assert told == {"set": [[[(0, 1)], [(2, 0)]], [[], []]]}
    assert by_hand.links_read(told) == {"set": golds}


def test_pictures_that_are_gone_are_not_remembered():
    assert common.still_there({"own-0": "cat.png"}) == {}
