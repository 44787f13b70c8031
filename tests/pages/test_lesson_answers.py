"""Answers of lessons: computed as a pencil has them, tasks done in whole, and lessons that are not there."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.lesson import Asked, Link, Question
from core.data.lessons import lesson_files
from core.types import Refused
from ui.lessons import book
from ui.lessons.place import Place


def test_numbers_that_are_said_are_true():
    """What the words of lessons state as a number of these models or formulas."""

    def measured(measure, page="inside", **values):
        return book.MEASURES[measure].answer(Place(page, {k: (str(v),) for k, v in values.items()}))

    assert book.said(measured("right share", n=4, scale=1 / 0.07), "%") == "96.0 %"
    assert round(measured("softened", temperature=1)) == 88
    assert measured("maps", model="translator", text="A cat.") == 72
    assert measured("position length", p=40, d=64) == pytest.approx(32)
    assert measured("position product", p=3, k=8, d=64) == pytest.approx(measured("position product", p=40, k=8, d=64))
    assert measured("tokens of sizes", side=224, patch=16) == 14 * 14 + 1
    assert measured("local keys", window=1) == 3


def test_a_task_that_is_done_elsewhere_or_by_halves_is_not_done():
    step = book.lessons()["masking"].steps[2]
    assert not book.done(step, Link("clip", step.task.shown.query))
    assert not book.done(step, Link("inside", "screen=Masks&masked=strided&stride=3"))
    assert not book.done(step, Link("inside", "screen=Masks&masked=causal&stride=2"))


def test_what_cannot_be_measured_is_not_done():
    step = book.lessons()["attention"].steps[3]
    assert not book.done(step, Link("attention", "model=nothing&text=a&kind=cross"))
    assert not book.done(step, Link("attention", "kind=cross&layer=99&head=0&model=translator&text=a"))


def test_a_lesson_or_step_that_is_not_there_is_refused():
    with pytest.raises(Refused, match="There is no lesson 'nothing'"):
        book.lesson_named("nothing")
    with pytest.raises(Refused, match="This lesson has 8 steps"):
        book.step_of("attention", 9)


def test_a_lecturers_own_file_is_read_anew(tmp_path, monkeypatch):
    path = tmp_path / "mine.md"
    monkeypatch.setenv(book.OWN_FILE, str(path))
    assert book.own_version() == -1.0
    text = lesson_files()["masking"].read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    assert book.lesson_named(book.OWN).title == "Who may see whom"
    path.write_text(text.replace("title: Who", "titel: Who"), encoding="utf-8")
    with pytest.raises(Refused, match="Line 2: the beginning of a lesson has no key 'titel'"):
        book.lesson_named(book.OWN)


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0.0, "%", "0 %"),
        (55.04, "%", "55.0 %"),
        (0.0312, "", "0.03"),
        (24000.0, "pieces", "24,000 pieces"),
        (-2.5, "", "\N{MINUS SIGN}2.50"),
    ],
)
def test_numbers_are_said_with_two_or_three_digits(number, unit, text):
    assert book.said(number, unit) == text


def test_the_greatest_and_the_smallest_are_told_apart():
    """By a pencil: "cat" is one piece, "the cat sat" are three."""
    given = {"tokenizer": "mini-bert-wordpiece", "phrases": "cat\nthe cat sat"}
    asked = Asked("pieces", tuple(given.items()))
    sides = ((("phrase", "1"),), (("phrase", "2"),))
    for form, right in (("most", 1), ("least", 0)):
        found = book.truth(Question("?", form, asked, ("one", "three"), sides), Link("tokenizers", ""))
        assert (found["right"], found["each"]) == (right, ["1", "3"])


WORDS = ("", "0", "1", "-1", "7", "9" * 8, "9" * 30, "nan", "inf", "1e400", "\N{SUPERSCRIPT TWO}", "local", "true")
#: Measures that no model answers: cheap enough to be asked anything.
BY_FORMULA = (
    "mask share", "shuffle difference", "position length", "position product", "longest wave", "local keys",
    "pairs share", "guessing loss", "right share", "softened", "tokens of sizes", "context pairs", "neighbour",
    "vector cosine", "learned words",
)  # fmt: skip


@given(st.sampled_from(BY_FORMULA), st.data())
@settings(max_examples=300, deadline=None)
def test_a_measure_gives_a_value_or_says_what_is_wrong(name, data):
    names = (*book.MEASURES[name].told, "d", "n", "scale", "masked", "stride", "first", "padding", "window")
    values = {one: (data.draw(st.sampled_from(WORDS)),) for one in names}
    try:
        found = book.MEASURES[name].answer(Place("inside", values))
    except Refused:
        return
    assert isinstance(found, str) or math.isfinite(found)
