"""The lessons that come with Gaze: every step opens, every question is answered, every task can be done."""

from typing import get_args
from urllib.parse import urlencode

import pytest

from core.data.lesson import Link, Test
from core.data.lessons import (
    DO,
    HEAD,
    LEVELS,
    LIGHTS,
    PREDICT,
    RECALL,
    STEP,
    lesson_files,
    read_file,
    read_lesson,
)  # fmt: skip
from tests.apptest import ROOT, address, page
from ui.lessons import book
from ui.lessons.place import place_of

LESSONS = {name: read_file(path, name, book.known()) for name, path in lesson_files().items()}
STEPS = [(name, number, step) for name, one in LESSONS.items() for number, step in enumerate(one.steps, 1)]
ADDRESSES = sorted({link for _, _, s in STEPS for link in (s.open, *([s.task.shown] if s.task else []))}, key=str)
#: What pictures read from the address by themselves.
BY_PICTURES = {"kind", "layer", "head", "row", "column", "view", "step"}
THEMES = {
    "Attention", "Model kinds", "Positions", "Masking", "Multilingual models", "Transfer", "Vision transformer",
    "CLIP", "Sequence to sequence", "Word vectors", "Smaller models", "Attention and explanation",
}  # fmt: skip


def named(one):
    return f"{one[0]} {one[1]}" if isinstance(one, tuple) else f"{one.page} {one.query[:60]}"


def test_there_is_a_lesson_for_every_theme():
    assert {one.theme for one in LESSONS.values()} == THEMES


@pytest.mark.slow
@pytest.mark.parametrize("link", ADDRESSES, ids=named)
def test_every_address_opens_and_says_only_what_the_page_knows(link):
    place = place_of(link)
    at = page(link.page or "start", **{name: list(some) for name, some in place.values.items()})
    advice = [one.proto.body for one in at.get("html") if "gaze-advice" in one.proto.body]
    assert not advice
    own = f"{link.page}/session"
    unread = set(at.session_state[f"{own} asked"]) - BY_PICTURES
    assert not unread, f"the page knows no {unread}"
    kept, written = at.session_state[f"{own} kept"], at.session_state[f"{own} address"]
    for name, some in place.values.items():
        if name in BY_PICTURES or written.get(name) == list(some) or name not in kept:
            continue
        values = kept[name] if isinstance(kept[name], list) else [kept[name]]
        assert [str(one).lower() for one in values] == [one.lower() for one in some], f"{name} is not taken"


@pytest.mark.parametrize("one", [s for s in STEPS if s[2].question], ids=named)
def test_every_question_has_an_answer_among_its_choices(one):
    question, link = one[2].question, one[2].open
    found = book.truth(question, link)
    if question.form == "number":
        least, most, near = question.scale
        assert least <= found["number"] <= most and near < most - least
    else:
        assert found["right"] >= 0, f"{found['value']} is none of {book.choices_of(question, link)}"
    if question.form in ("most", "least"):
        assert found["each"].count(found["each"][found["right"]]) == 1, "the answer is no single one"


def written(link):
    """What stands in the browser's address when a page was opened by a link: what it begins with anyway is left out."""
    place = place_of(link)
    at = page(link.page or "start", **{name: list(some) for name, some in place.values.items()})
    by_pictures = {name: some for name, some in place.values.items() if name in BY_PICTURES}
    return by_pictures | address(at, link.page)


@pytest.mark.slow
@pytest.mark.parametrize("one", [s for s in STEPS if s[2].task], ids=named)
def test_every_task_is_open_at_first_and_can_be_done(one):
    """As the panel asks: the address, and what the page left out of it on arrival."""
    step = one[2]
    opened = place_of(step.open).values
    first = written(step.open)
    left = {name: some for name, some in opened.items() if name not in first}
    for link, wanted in ((step.open, False), (step.task.shown, True)):
        query = urlencode(left | written(link), doseq=True)
        assert book.done(step, Link(link.page, query)) is wanted, query


def test_recall_covers_what_is_taught():
    """Each exercise and recall question of the course has a card that speaks of it."""
    said = " ".join(f"{one['ask']} {one['answer']}" for one in book.cards()).casefold()
    for word in (
        "what is attention", "general attention layer", "square root of d", "queries, keys and values", "sinusoidal",
        "causal mask", "parts of a transformer", "picture into a sequence", "relative attention", "bidirectional",
        "bert's training hide", "order of sentences", "roberta", "electra", "distillation", "mbert one model",
        "objectives trained mbert", "without parallel text", "hello world", "limits of mbert", "250,002",
        "objective of xlm-r", "little data", "zero-shot cross-lingual", "baselines", "factors", "[cls] token for",
        "where a patch lies", "biases", "goal of clip", "clip's loss", "zero-shot classification", "else is clip",
        "size of the window", "text tokenised", "bahdanau's attention", "scaled dot-product", "word alignment",
    ):  # fmt: skip
        assert word in said, word


def test_the_page_shows_all_lessons():
    at = page("lessons")
    assert next(one.proto.component_name for one in at.get("bidi_component")) == "gaze_lessons"
    at = page("lessons", screen="Recall cards")
    assert not at.exception


def test_the_manual_lists_every_key_and_every_measure():
    said = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    for name, one in book.MEASURES.items():
        unit = f" ({one.unit})" if one.unit else ""
        told = ", ".join(f"`{key}`" for key in one.told)
        assert f"| `{name}` | {one.kind} | {one.says.rstrip('.')}{unit} | {told} |" in said, name
    for key in (*HEAD, *STEP, *PREDICT, *DO, *RECALL, *get_args(Test), *LEVELS, *LIGHTS):
        assert key in said, key


def test_the_example_of_the_manual_can_be_read():
    said = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    head = said.split("```\n---\n")[1].split("```")[0]
    step = said.split("````\n")[1]
    found = read_lesson(f"---\n{head}{step * 5}", "t", book.known())
    assert found.title == "Who may see whom" and found.steps[0].question.form == "number"
