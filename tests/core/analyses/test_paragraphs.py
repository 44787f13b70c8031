"""Sentences of a text and of its translation, cut and put together by a built-in model."""

import pytest

from core import ask
from core.analyses.paragraphs import MOST_SENTENCES, sentences_of
from core.data.labelled import shipped
from core.requests import ParagraphsRequest
from core.types import Refused

MODEL = "mini-bert-wordpiece"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It rains. We stay! Why? ", ("It rains.", "We stay!", "Why?")),
        ("He said “No.” Then he left…", ("He said “No.”", "Then he left…")),
        ("It cost 3.50 euros, i.e. much.", ("It cost 3.50 euros, i.e. much.",)),
        ("Mr. Smith met J. Doe. They spoke.", ("Mr. Smith met J. Doe.", "They spoke.")),
        ("雨が降る。「帰る。」と言った。", ("雨が降る。", "「帰る。」", "と言った。")),
        ("यह घर है। वह गया।", ("यह घर है।", "वह गया।")),
        ("one line\n\nanother", ("one line", "another")),
        ("", ()),
    ],
)
def test_where_sentences_end(text, parts):
    assert sentences_of(text) == parts


def paragraph(language: str, places) -> list[str]:
    some = [one.text for one in shipped("topics") if one.language == language]
    return [some[k] for k in places]


@pytest.mark.parametrize("language", ["fr", "de", "ja"])
def test_sentences_find_their_translations(language):
    places = [0, 9, 17, 26, 4, 12, 30]
    left_out = [0, 9, 17, 4, 12, 30]
    english = " ".join(paragraph("en", places))
    other = " ".join(paragraph(language, left_out))
    found = ask(ParagraphsRequest(MODEL, 1, english, other))
    pairs = [(*bead.source, *bead.target) for bead in found]
    wanted = [(0, 1, 0, 1), (1, 2, 1, 2), (2, 3, 2, 3), (3, 4, 3, 3), (4, 5, 3, 4), (5, 6, 4, 5), (6, 7, 5, 6)]
    assert pairs == wanted


def test_what_cannot_be_put_together_is_refused():
    with pytest.raises(Refused, match="The translation is empty"):
        ask(ParagraphsRequest(MODEL, 1, "It rains.", " "))
    with pytest.raises(Refused, match=f"has 201 sentences; up to {MOST_SENTENCES}"):
        ask(ParagraphsRequest(MODEL, 1, "No. " * 201, "Non."))
    with pytest.raises(Refused, match="Choose an encoder"):
        ask(ParagraphsRequest("translator", 1, "It rains.", "Il pleut."))
    with pytest.raises(Refused, match="20,001 characters"):
        ParagraphsRequest(MODEL, 1, "x" * 20_001, "Non.")
