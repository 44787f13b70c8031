"""What a page gives away: files under their own names, refusals in words, a caption that says of what a picture is."""

import numpy as np
import pytest

from core.data.numbers import Numbers, as_csv
from core.requests import AlignmentReader, Edit, LinkMethod, Pair, TextRequest
from core.types import Refused
from tests.apptest import page, taken
from ui import saving
from ui.components.board.view import BoardSide, rows_of
from ui.components.contrast.message import Contrast, Edge, pack_contrast
from ui.components.contrast.view import cosines_of
from ui.components.grid.message import Grid, grid_payload
from ui.components.grid.view import numbers_of as of_board
from ui.components.message import pack, unpack
from ui.components.panels.message import Panel
from ui.components.panels.view import numbers_of as of_panels
from ui.views.alignment.common import AlignmentChoice


def offers(make) -> list[saving.Offer]:
    with saving.collecting() as found:
        saving.offer("This head", make)
    return [*found.offers.values()]


def test_a_file_is_made_of_what_the_address_says_by_then():
    some = offers(lambda picked: Numbers({"layer": [int(picked["layer"])]}))
    file = saving.made("attention", some, {"turn": 7, "title": "This head", "form": "CSV", "query": "?layer=3&x=%20"})
    assert (file.turn, file.name, file.content) == (7, "gaze-attention-this-head.csv", as_csv(Numbers({"layer": [3]})))


def broken(_):
    raise ZeroDivisionError


def refusing(_):
    raise Refused("Choose a head.")


@pytest.mark.parametrize(
    ("make", "wanted", "says"),
    [
        (refusing, {"title": "This head", "form": "NPZ"}, "Choose a head."),
        (broken, {"title": "This head", "form": "NPZ"}, "Something went wrong on our side; it was logged."),
        (broken, {"title": "Another", "form": "NPZ"}, "open the menu again"),
        (broken, {"title": "This head", "form": "GIF"}, "open the menu again"),
        (broken, {}, "open the menu again"),
    ],
)
def test_what_cannot_be_made_is_said(make, wanted, says):
    file = saving.made("attention", offers(make), wanted)
    assert says in file.refused and not file.content


def test_offers_of_one_title_are_told_apart_and_none_is_made_before_it_is_wanted():
    with saving.collecting() as found:
        saving.offer("Numbers", broken)
        saving.offer("Numbers", broken)
        saving.tell("a", "b", "a")
    assert list(found.offers) == ["Numbers", "Numbers 2"] and list(found.caption) == ["a", "b"]
    with saving.collecting() as found:
        saving.tell("of one", "m @ 1")
        saving.untell_models()
        assert list(found.caption) == ["of one"]
        saving.retell("of many")
        saving.offer("Chart", broken)
        saving.offer("Chart", refusing, again=True)
    assert list(found.caption) == ["of many"] and len(found.offers) == 1
    assert saving.made("x", [*found.offers.values()], {"title": "Chart", "form": "CSV"}).refused == "Choose a head."
    saving.offer("Numbers", broken)  # outside a page nobody collects
    assert len(found.offers) == 1


def test_a_caption_says_texts_models_with_their_revision_and_edits():
    lines = saving.caption_of(TextRequest("translator", "The cat.", edit=Edit(temperature=2.0)))
    assert lines[0] == "The cat." and lines[2] == "Edit: temperature 2"
    assert lines[1].startswith("translator @ ") and len(lines[1]) > len("translator @ ") + 8
    pair = Pair(("a", "b"), ("c",), "fr", None, "a b", "c")
    readings = AlignmentReader("translator"), AlignmentReader("mini-gpt")
    found = saving.caption_of(AlignmentChoice(pair, readings, LinkMethod(), "fr"))
    assert "a b" in found and "c" in found and found[-1].count(" @ ") == 2
    assert saving.caption_of(TextRequest("translator", "x" * 900))[0] == "x" * 299 + "…"
    assert saving.caption_of((("one two", "three"), ("mini-gpt",), 3))[0] == "one two three"


def test_numbers_of_panels_boards_and_matrices():
    values = np.array([[0.25, -1.5]])
    one = Panel("S", values, ("a",), ("b", "c"), axes=("query", "key"))
    assert of_panels([one]).columns["query"] == ["a"] and of_panels([one]).columns["c"].tolist() == [-1.5]
    two = of_panels([one, Panel("S", values * 2)])
    assert two.columns["map"] == ["S", "S", "S 2", "S 2"] and two.columns["value"] == [0.25, -1.5, 0.5, -3.0]
    assert two.columns["key"] == ["b", "c", "0", "1"] and np.array_equal(two.arrays["S 2"], values * 2)
    board = of_board(grid_payload((Grid("Q", values, ("a",), ("b", "c")),)))
    assert board.columns["value"] == [0.25, -1.5] and board.columns["column"] == ["b", "c"]
    texts = (Edge("cat"), Edge("dog"))
    cosines = cosines_of(pack_contrast(Contrast(texts, texts, np.eye(2), 10.0)))
    assert cosines.columns["text"] == ["cat", "dog"] and cosines.columns["dog"].tolist() == [0, 1]
    heads = rows_of([BoardSide("encoder", np.array([[1.0, 2.0]]), frozenset({(4, 1)}), (4,))], "worth")
    assert heads == [
        {"kind": "encoder", "layer": 5, "head": 1, "worth": 1.0, "off": False},
        {"kind": "encoder", "layer": 5, "head": 2, "worth": 2.0, "off": True},
    ]


def test_a_message_is_unpacked_as_it_was_packed():
    arrays = {"a": np.arange(3, dtype=np.uint8), "b": np.eye(2, dtype=np.float32)}
    header, found = unpack(pack({"x": "ä"}, arrays))
    assert header == {"x": "ä"} and all(np.array_equal(found[name], values) for name, values in arrays.items())


@pytest.mark.parametrize(
    ("name", "title", "query"),
    [
        ("inside", "Numbers", {}),
        ("positions", "Numbers", {}),
        ("embedding", "Points: Mini-BERT, WordPiece", {"method": "PCA"}),
    ],
)
def test_pages_hand_out_their_numbers(name, title, query):
    at = page(name, **query)
    assert taken(at, name, title, "CSV").count(b"\n") > 5
    assert taken(at, name, title, "Parquet").startswith(b"PAR1") and taken(at, name, title, "NPZ").startswith(b"PK")
