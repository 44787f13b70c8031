"""Tokenizers: counts by pencil, the pieces of transformers' own tokenizer, and the page."""

import numpy as np
import pytest

from core.measures.tokenizers import (
    overlap,
)
from core.models.tokenizer import cuts
from core.store.shelf import SHELF
from tests.apptest import components
from tests.apptest import page as opened_page
from tests.checkpoints import tiny_tokenizer
from tests.drawn import drawn, said, unpacked


@pytest.mark.parametrize("view", ["Pieces", "Shared", "Languages"])
def test_every_view_draws_and_explains(view):
    at = opened_page("tokenizers", show=view)
    assert "gaze-advice" not in said(at) and "gaze-notes" in said(at)


def test_the_matrix_on_the_page_is_the_one_computed():
    phrases = ["international", "internationaal", "国际"]
    at = opened_page("tokenizers", show="Shared", phrases="\n".join(phrases), tokenizers=["translator"])
    titles, values = drawn(at)
    expected = overlap(cuts("translator", phrases))
    np.fill_diagonal(expected, 0)
    assert titles == [SHELF["translator"].title]
    assert np.allclose(values[0], expected)


def test_what_a_tokenizer_does_not_know_is_said(tmp_path):
    tiny_tokenizer().save_pretrained(tmp_path)
    at = opened_page("tokenizers", phrases="the cat\nनमस्ते दुनिया", tokenizers=[str(tmp_path)])
    assert "100 %" in said(at).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"phrases": " "}, "no text"),
        ({"phrases": "\x00\x07"}, "no text"),
        ({"phrases": "\n".join("abcdefghijklm")}, "13 phrases"),
        ({"phrases": "x" * 501}, "501 characters"),
        ({"phrases": "x", "tokenizers": ["nobody/nothing"]}, "nobody/nothing"),
    ],
)
def test_nonsense_gets_a_sentence_and_a_picture_stays(query, says):
    at = opened_page("tokenizers", **query)
    assert says in said(at)
    assert "gaze-notes" in said(at) and components(at)


def test_an_example_fills_the_box():
    at = opened_page("tokenizers")
    at.selectbox(key="tokenizers:preset").set_value("I have a new GPU!").run()
    assert at.text_area(key="tokenizers:phrases").value.startswith("I have a new GPU!")
    assert not at.exception


def message(at) -> dict:
    """What the picture of the pieces is told."""
    return unpacked(components(at)[0].proto.bytes)[0]


def test_white_space_of_a_phrase_is_kept_unless_it_is_tidied():
    phrases = " cat\ncat"
    kept = opened_page("tokenizers", phrases=phrases, tokenizers=["mini-gpt"])
    first, second = message(kept)["rows"]
    assert [p["id"] for p in first[0]["pieces"]] != [p["id"] for p in second[0]["pieces"]]
    assert "with the space before it" in first[0]["pieces"][0]["say"]
    tidied = opened_page("tokenizers", phrases=phrases, tokenizers=["mini-gpt"], spacing="tidied")
    first, second = message(tidied)["rows"]
    assert [p["id"] for p in first[0]["pieces"]] == [p["id"] for p in second[0]["pieces"]]
    whole = opened_page("tokenizers", phrases="a\n\nb", tokenizers=["mini-gpt"], whole="true")
    (row,) = message(whole)["rows"]
    assert "⏎" in "".join(p["text"] for p in row[0]["pieces"])
