"""Sentences that conclude on the pages of transfer and of tokenizers: each on both sides, from numbers by pencil."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.analyses.transfer import shipped_task
from core.measures.tokenizers import Piece, Tokenized
from core.measures.transfer import Row, Score
from ui.views.tokenizers import views
from ui.views.transfer import factors, languages

# --- zero-shot transfer -----------------------------------------------------------------------------------------------


def row(language: str, right: int, count: int = 100, chance: float = 0.25, inside: Score | None = None) -> Row:
    return Row(language, chance, Score(right, count), Score(right, count), inside)


@pytest.fixture
def question():
    return SimpleNamespace(model="mini-bert-wordpiece", source="en", layer=2, centre=False, task=shipped_task("topics"))


@pytest.mark.parametrize(
    ("rows", "mean", "above"),
    [
        ((row("en", 100), row("de", 60), row("th", 20)), "40 %", "1 of 2"),
        ((row("en", 0), row("de", 60), row("th", 80)), "70 %", "2 of 2"),
        ((row("de", 30), row("en", 99), row("th", 31), row("ja", 29)), "30 %", "0 of 3"),  # within chance's reach
    ],
)
def test_surely_above_chance_is_where_the_interval_begins_above_it(monkeypatch, question, rows, mean, above):
    monkeypatch.setattr(languages, "found_again", lambda one: {})
    said = languages.in_words(question, rows)
    assert f"is right in {mean} of the other languages' sentences (chance 25 %)" in said
    assert said.endswith(f"and surely above chance in {above} languages.") and "Fitted on English alone" in said


@pytest.mark.parametrize(("again", "says"), [({}, None), ({"de": 0.9, "th": 0.35}, "35 %"), ({"de": 0.5}, "50 %")])
def test_translations_found_again_are_those_of_the_worst_language(monkeypatch, question, again, says):
    monkeypatch.setattr(languages, "found_again", lambda one: again)
    said = languages.in_words(question, (row("en", 90), row("de", 50)))
    assert ("nearest one in at least" in said) is bool(says)
    assert says is None or f"in at least {says} of cases." in said


def test_a_side_of_the_chart_holds_shares_and_their_intervals():
    side = languages.side("mBERT", (row("en", 9, 10, inside=Score(8, 10)), row("th", 0, 10)))
    assert side.zero_shot == (0.9, 0) and side.inside[0] == 0.8 and np.isnan(side.inside[1])
    # Wilson: 9 of 10 and 0 of 10 (n / (n + z²) = 0.7225).
    assert (side.low[0], side.high[0]) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert (side.low[1], side.high[1]) == pytest.approx((0, 0.2775), abs=1e-4)


def test_a_table_says_the_share_before_its_interval():
    assert languages.with_interval(Score(9, 10)) == "<b>90 %</b> <small>60–98</small>"
    assert (languages.percent_of(Score(1, 2)), languages.percent_of(None)) == ("50 %", "one label")


@pytest.mark.parametrize(
    ("found", "says"), [((0.5, -0.1, 0.9), "m: r = 0.50 (-0.10 to 0.90)"), ((float("nan"),) * 3, "m: does not vary")]
)
def test_a_cloud_says_its_correlation_or_that_there_is_none(monkeypatch, question, found, says):
    monkeypatch.setattr(factors, "zero_shot_rows", lambda one: (row("en", 90), row("de", 50), row("th", 25)))
    monkeypatch.setattr(factors, "related", lambda one, factor: found)
    cloud = factors.cloud("m", question, {"th": 0.1, "de": 0.8})
    assert (cloud.names, cloud.x, cloud.y, cloud.said) == (("de", "th"), (0.8, 0.1), (0.5, 0.25), says)


@pytest.mark.parametrize(("values", "says"), [((0.1, 0.6, 0.4), "layer 1 (60 %"), ((0.7, 0.6, 0.4), "layer 0 (70 %")])
def test_the_best_layer_for_transfer_is_named(heard, monkeypatch, question, values, says):
    monkeypatch.setattr(factors, "alignment", lambda one: {"de": 0.5})
    monkeypatch.setattr(factors, "shared_pieces", lambda *one: {"de": 0.5})
    monkeypatch.setattr(factors, "zero_shot_rows", lambda one: (row("en", 90),))
    monkeypatch.setattr(factors, "by_layer", lambda one: values)
    assert factors.draw_factors([question]).endswith(f"transfers best from {says} on average).")


# --- tokenizers -------------------------------------------------------------------------------------------------------


def cut(text: str, pieces: int, unknown: int = 0, words: int = 1) -> Tokenized:
    return Tokenized(text, tuple(Piece(f"p{i}", i, 0, unknown=i < unknown) for i in range(pieces)), words)


@pytest.fixture
def readers(monkeypatch):
    monkeypatch.setattr(views, "reader", lambda name: SimpleNamespace(title=name.upper()))
    monkeypatch.setattr(views, "pieces_view", lambda *some, **more: None)


def test_where_little_is_unknown_the_most_pieces_a_word_are_said(readers):
    table = [[cut("hello", 2), cut("hello", 3)], [cut("Grüße", 12, 1), cut("Grüße", 4, words=2)]]
    said = views.draw_pieces(("hello", "Grüße"), ("a", "b"), table)
    assert said == "A takes most: 12 pieces a word in “Grüße”."
    table[0][1] = cut("hello", 25, words=2)
    said = views.draw_pieces(("hello", "Grüße"), ("a", "b"), table)
    assert said == "B takes most: 12 pieces a word in “hello”."


@pytest.mark.parametrize(("unknown", "says"), [(1, "10 % of “b” is unknown to B"), (0, "A takes most: 20")])
def test_from_a_tenth_on_unknown_pieces_are_said_instead(readers, unknown, says):
    table = [[cut("a", 20), cut("a", 2)], [cut("b", 1), cut("b", 10, unknown)]]
    assert views.draw_pieces(("a", "b"), ("a", "b"), table).startswith(says)


def test_the_two_texts_with_most_in_common_are_named():
    few, more, none = cut("x", 2), cut("y", 5), Tokenized("z", (Piece("q", 99, 0),), 1)
    assert views.most_shared([none, few, more]) == "most: 2 between texts 2 and 3"
    assert views.most_shared([more, few, more]) == "most: 5 between texts 1 and 3"
    assert views.most_shared([none, few]) == views.most_shared([few]) == "no two texts share a piece"


@pytest.mark.parametrize(
    ("unknown", "says"),
    [
        ((0.0, 0.009), "B needs 2.5 times as many pieces for Spanish as for English."),
        ((0.0, 0.01), "1.0 % of the Spanish pieces are unknown to A."),
        ((0.4, 0.01), "40 % of the English pieces are unknown to A."),
    ],
)
def test_the_dearest_language_is_named_unless_pieces_are_unknown(readers, heard, monkeypatch, unknown, says):
    made = {
        "a": views.Costs("A", (1.0, 1.5), (1.0, 2.0), unknown),
        "b": views.Costs("B", (1.2, 1.4), (1.0, 2.5), (0.0, 0.0)),
    }
    monkeypatch.setattr(views, "by_language", made.__getitem__)
    monkeypatch.setattr(views, "languages", lambda sentences: ("en", "es"))
    assert views.draw_languages(("x",), ("a", "b"), []) == says
