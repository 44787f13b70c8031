"""Tasks of small transformers: what is asked, where the answer stands, what is held out and what is refused."""

import random

import pytest

from core.learning.tasks import POEM, WINDOW, added, example, material, repeats
from core.requests.learning import LONGEST_ROW, TransformerTraining
from core.types import Refused


def settings(task, **more):
    return TransformerTraining(task, **more)


@pytest.mark.parametrize(
    ("task", "solve"), [("copy", str), ("reverse", lambda s: s[::-1]), ("sort", lambda s: "".join(sorted(s)))]
)
def test_letters_are_answered_rightly_and_the_held_out_are_never_drawn(task, solve):
    found = material(settings(task, longest=6))
    chance = random.Random(3)
    drawn = [found.draw(chance) for _ in range(3_000)]
    for row in (*drawn, *found.held_out):
        question = row.given[:-1]
        assert row.given[-1] == ">" and row.asked == solve(question)
        assert all(
            question[place] == letter for letter, places in zip(row.asked, row.sources, strict=True) for place in places
        )
    assert found.held_out and not {row.given for row in drawn} & {row.given for row in found.held_out}
    assert {len(row.given) for row in drawn} == {3, 4, 5, 6, 7}


def test_so_short_that_nothing_can_be_held_out_is_said():
    assert "nothing is held out" in material(settings("copy", longest=2)).remark


def test_sums_have_their_ones_first():
    assert (added(47, 85).given, added(47, 85).asked) == ("47+85=", "231")
    assert (added(3, 4).given, added(3, 4).asked) == ("03+04=", "700")
    found = material(settings("addition"))
    rows = {row.given for row in found.train}
    assert len(rows) == 9_500 and len(found.held_out) == 500
    assert not rows & {row.given for row in found.held_out}
    assert all(int(r.given[:2]) + int(r.given[3:5]) == int(r.asked[::-1]) for r in found.train)


def test_a_text_is_cut_into_windows_and_its_end_is_held_out():
    chance = random.Random(0)
    text = "".join(chance.choice("abcde ") for _ in range(2_000))
    found = material(settings("your text", text=text))
    assert found.text == text[:1_800]
    assert all(
        (row.given + row.asked) in text[1_800:] and len(row.given + row.asked) == WINDOW for row in found.held_out
    )
    assert material(settings("poem")).text == POEM


@pytest.mark.parametrize(
    ("task", "text", "says"),
    [
        ("your text", "", "no text to learn from"),
        ("your text", "word", "4 characters: at least 96"),
        ("your text", "two words", "9 characters: at least 96"),
        ("your text", "a " * 100, "repeats one or two characters"),
        ("your task", "a=b", "1 different lines"),
        ("your task", "a=b\nc=d\n\nnonsense\n", "Line 4 is no question = answer: 'nonsense'"),
        ("your task", "a=", "Line 1"),
        ("your task", f"{'a' * 50}={'b' * 50}", f"more than {LONGEST_ROW} characters"),
    ],
)
def test_what_cannot_be_learned_is_refused(task, text, says):
    with pytest.raises(Refused, match=says):
        material(settings(task, text=text))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"layers": 5}, "number of layers is 5"),
        ({"heads": 3}, "3 heads cannot share a width of 64"),
        ({"rate": 0.0}, "learning rate of 0"),
        ({"text": "a" * 200_001}, "200,001 characters"),
    ],
)
def test_settings_out_of_bounds_are_refused(given, says):
    with pytest.raises(Refused, match=says):
        TransformerTraining(**given)


def test_an_answer_may_be_longer_than_its_question():
    found = material(settings("your task", text="\n".join(f"{a}={a * 12}" for a in "abcdef")))
    assert example(settings("your task"), found).asked == 12 * example(settings("your task"), found).given[0]


def test_induction_looks_behind_the_earlier_place_of_a_character():
    assert repeats("abcab") == ((), (), (), (1,))  # before b is written, a stands here: b stood behind the first a
    assert repeats("aaa") == ((), (1,))
