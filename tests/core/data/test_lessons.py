"""Lessons as files: what is read, and that whatever is wrong is refused with its line."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.lesson import Asked, Condition, Known, Light, Link
from core.data.lessons import MOST_BYTES, read_file, read_lesson
from core.types import Refused

KNOWN = Known({"", "attention", "clip"}, {"weight": "number", "output": "text"})
HEAD = "---\ntitle: T\ntheme: A\nlevel: first steps\nminutes: 10\nabout: It is.\n---\n"
STEP = "## One\n```yaml\nopen: attention?text=a+b\n```\nLook.\n"


def lesson(*steps):
    return read_lesson(HEAD + "".join(steps or [STEP] * 5), "t", KNOWN)


def one(block, words="Look."):
    """The first step of a lesson with this block; its first line is line 10 of the file."""
    return lesson(f"## One\n```yaml\n{block}\n```\n{words}\n", *[STEP] * 4).steps[0]


def test_a_lesson_is_read():
    found = lesson()
    assert (found.name, found.title, found.minutes, len(found.steps)) == ("t", "T", 10, 5)
    assert found.steps[0].open == Link("attention", "text=a+b") and found.steps[0].text == "Look."


def test_paragraphs_are_kept_and_lines_are_joined():
    assert one("open: clip", "a\nb\n\n\nc  d").text == "a b\n\nc d"


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("http://localhost:8501/attention?text=a&lesson=x&lesson_step=2&room=r", Link("attention", "text=a")),
        ("/base/clip", Link("clip", "")),
        ("start", Link("", "")),
        ("{page: attention, text: 'a b'}", Link("attention", "text=a+b")),
    ],
)
def test_a_link_is_an_address_as_the_browser_has_it(address, link):
    assert one(f"open: {address}").open == link


def test_every_form_of_question_is_read():
    ask = "open: clip\npredict:\n  ask: Q\n  measure: weight\n"
    assert one(ask + "  choices: [a, b]").question.form == "choices"
    assert one(ask + "  choices: tokens").question.form == "tokens"
    yes = one(ask + "  choices: [a, b]\n  above: 2\n  hide: no").question
    assert (yes.form, yes.above, yes.hide) == ("yes", 2.0, False)
    number = one(ask + "  with: {row: x}\n  number: {from: 0, to: 9, near: 1, unit: m}").question
    assert (number.scale, number.unit, number.asked) == ((0, 9, 1), "m", Asked("weight", (("row", "x"),)))
    most = one(ask + "  most:\n    A: {model: m}\n    B: layer=2&head=1").question
    assert (most.form, most.choices) == ("most", ("A", "B"))
    assert most.sides == ((("model", "m"),), (("layer", "2"), ("head", "1")))


def test_a_task_and_lights_are_read():
    step = one(
        "open: clip\nlight: [picture, head 2.5, cell 3 4]\ndo:\n  tell: Do\n  when:\n"
        "    - {choice: text, has: b}\n    - {measure: weight, above: 5}\n  shown: attention?text=b"
    )
    assert step.lights == (Light("picture"), Light("head", "2.5"), Light("cell", "3 4"))
    assert step.task.conditions == (
        Condition("text", "has", "b"),
        Condition("weight", "above", "5", Asked("weight")),
    )


ASK = "open: clip\npredict:\n  ask: Q\n  measure: weight\n"
DO = "open: clip\ndo:\n  tell: D\n  shown: clip\n  when:\n"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("open: nowhere?a=1", "Line 10: there is no page 'nowhere'."),
        ("open: 'http://[x'", "Line 10: this is no address."),
        ("text: a", "Line 10: a step has no key 'text'."),
        ("home: a", "Line 10: a step lacks 'open'."),
        ("open: clip\nlight: sun", "Line 11: what lights up is: picture;"),
        ("open: clip\nlight: head 5", "Line 11: what lights up is"),
        ("open: clip\npredict: Q", "Line 11: predict needs keys"),
        (ASK.replace("weight", "wieght") + "  choices: [a, b]", "Line 13: there is no measure 'wieght'. Did you mean"),
        (ASK, "Line 12: a question has one of choices, most, least or number; this one has 0."),
        (ASK + "  choices: [a, b]\n  number: {from: 0, to: 1, near: 0}", "Line 12: a question has one of"),
        (ASK + "  choices: [a]", "Line 14: choices are 2 to 6 different answers"),
        (ASK + "  choices: [a, a]", "Line 14: choices are 2 to 6 different answers"),
        (ASK + "  choices: [a, b, c]\n  above: 1", "Line 15: with above there are two choices"),
        (ASK + "  choices: [a, b]\n  hide: maybe", "Line 15: hide is yes or no"),
        (ASK + "  number: {from: 3, to: 1, near: 0}", "Line 14: to is more than from."),
        (ASK + "  number: {from: 0, to: 1, near: 2}", "Line 14: near is a number from 0 to 1."),
        (ASK + "  number: {from: 0, to: 1, nearly: 2}", "Line 14: number has no key 'nearly'. Did you mean 'near'?"),
        (ASK + "  most: {A: layer=1}", "Line 14: there is nothing to compare."),
        (ASK + "  most:\n    A: layer=1\n    B: one", "Line 16: write what changes in the address"),
        (ASK.replace("weight", "output") + "  number: {from: 0, to: 1, near: 0}", "Line 13: output gives a word"),
        (ASK.replace("weight", "output") + "  choices: [a, b]\n  above: 1", "Line 13: output gives a word"),
        (DO + "    - {above: 5}", "Line 15: a condition names a choice of the address or a measure"),
        (DO + "    - {choice: a, measure: weight, above: 5}", "Line 15: a condition names a choice"),
        (DO + "    - {choice: a}", "Line 15: a condition has one of is, not, has, above or below."),
        (DO + "    - {choice: a, is: b, not: c}", "Line 15: a condition has one of"),
        (DO + "    - {choice: a, above: b}", "Line 15: above is a number"),
        (DO + "    - {choice: a, is: [b]}", "Line 15: is is followed by a text or a number."),
        (DO + "    - {measure: output, above: 1}", "Line 15: output gives a word"),
        (ASK + "  choices: [a, b]\ndo: {tell: a}", "Line 15: a step has something to predict or something to do"),
        ("open: clip\nrecall:\n  - {ask: a}", "Line 12: recall lacks 'answer'."),
    ],
)
def test_what_is_wrong_in_a_step_is_refused_with_its_line(block, said):
    with pytest.raises(Refused, match="^" + re.escape(said)):
        one(block)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: T", "Line 1: a lesson begins with a line ---"),
        ("---\ntitle: T\n", "Line 1: the keys after the first --- have no end."),
        (HEAD.replace("minutes: 10", "minutes: long") + STEP * 5, "Line 5: minutes is a number from 1 to 90."),
        (HEAD.replace("first steps", "easy") + STEP * 5, "Line 4: level is one of: first steps,"),
        (HEAD.replace("theme", "them") + STEP * 5, "Line 3: the beginning of a lesson has no key 'them'. Did you mean"),
        (HEAD + "Hello.\n" + STEP * 5, "Line 8: begin each step with a title"),
        (HEAD + STEP * 4, "Line 28: a lesson has 5 to 9 steps; this one has 4."),
        (HEAD + STEP * 10, "Line 58: a lesson has 5 to 9 steps; this one has 10."),
        (HEAD + "## One\nopen: clip\n" + STEP * 5, "Line 8: below its title a step has a block"),
        (HEAD + STEP.replace("```yaml", "words\n```yaml") + STEP * 5, "Line 9: the words of a step stand below"),
        (HEAD + STEP.replace("Look.", "```yaml\n```") + STEP * 5, "Line 12: a step has one block"),
        (HEAD + STEP.replace("Look.", "") + STEP * 5, "Line 12: a step says something"),
        (HEAD + "## \n" + STEP * 5, "Line 8: the title of a step is empty."),
        (HEAD + STEP * 5 + "x" * MOST_BYTES, "A lesson has up to 60 kB"),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_with_its_line(text, said):
    with pytest.raises(Refused, match="^" + re.escape(said)):
        read_lesson(text, "t", KNOWN)


def test_files_that_cannot_be_read_are_refused(tmp_path):
    with pytest.raises(Refused, match=r"lesson\.md cannot be read: No such file"):
        read_file(tmp_path / "lesson.md", "t", KNOWN)
    (tmp_path / "lesson.md").write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="is no text in UTF-8"):
        read_file(tmp_path / "lesson.md", "t", KNOWN)
    (tmp_path / "lesson.md").write_bytes(b"a" * (MOST_BYTES + 1))
    with pytest.raises(Refused, match="has more than 60 kB"):
        read_file(tmp_path / "lesson.md", "t", KNOWN)


PIECES = st.sampled_from(
    [
        *("---\n", "## One\n", "```yaml\n", "```\n", "open: clip\n", "predict:\n", "  ask: Q\n", "  measure: weight\n"),
        *("  choices: [a, b]\n", "do: {tell: a, when: [{choice: a, is: b}], shown: clip}\n", "light: [head 2.5]\n"),
        *("title: T\n", "a", ": ", "- ", "\t", "\x00", "é", "\n", "open: 'http://[x'\n"),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_lesson_or_refused_with_its_line(text):
    for whole in (text, HEAD + STEP * 5 + text, HEAD + f"## One\n```yaml\n{text}\n```\nLook.\n" + STEP * 5):
        try:
            read_lesson(whole, "t", KNOWN)
        except Refused as refusal:
            assert re.match(r"Line \d+: ", str(refusal))
