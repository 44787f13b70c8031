"""The lessons that there are, the answers to their questions, and whether their tasks are done."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.data.lesson import Asked, Condition, Given, Known, Lesson, Link, Question, Step
from core.data.lessons import lesson_files, read_file
from core.types import Refused
from ui.lessons import heads
from ui.lessons.heads import HEADS
from ui.lessons.languages import LANGUAGES
from ui.lessons.mechanism import MECHANISM
from ui.lessons.pictures import PICTURES
from ui.lessons.place import Measure, place_of
from ui.lessons.texts import TEXTS

MEASURES: dict[str, Measure] = HEADS | TEXTS | LANGUAGES | PICTURES | MECHANISM
PAGES = Path(__file__).resolve().parents[2] / "pages"
OWN = "own"  # the name under which a lecturer's own file is open
OWN_FILE = "GAZE_LESSON"  # names it


@lru_cache(maxsize=1)
def known() -> Known:
    """What lessons may name here."""
    pages = {path.stem for path in PAGES.glob("*.py")} - {"start"} | {""}
    return Known(frozenset(pages), {name: one.kind for name, one in MEASURES.items()})


@lru_cache(maxsize=1)
def lessons() -> dict[str, Lesson]:
    """The lessons that come with Gaze, by name."""
    return {name: read_file(path, name, known()) for name, path in lesson_files().items()}


def own_file() -> Path | None:
    """The file that `python run.py lesson` was given."""
    said = os.environ.get(OWN_FILE, "")
    return Path(said) if said else None


def own_version() -> float:
    """Changes with the lecturer's file; 0 where there is none."""
    file = own_file()
    try:
        return file.stat().st_mtime if file else 0.0
    except OSError:
        return -1.0


def lesson_named(name: str) -> Lesson:
    """A lesson by name; the lecturer's own is read anew each time. Refused: there is none, or it is broken."""
    file = own_file()
    if name == OWN and file is not None:
        return read_file(file, OWN, known())
    if name not in lessons():
        raise Refused(f"There is no lesson {name[:40]!r}. Choose one on the page Lessons.")
    return lessons()[name]


def step_of(name: str, number: int) -> Step:
    """A step of a lesson, counted from 1. Refused: there is none."""
    steps = lesson_named(name).steps
    if not 1 <= number <= len(steps):
        raise Refused(f"This lesson has {len(steps)} steps.")
    return steps[number - 1]


# --- answers ----------------------------------------------------------------------------------------------------------


def measured(asked: Asked, link: Link, more: Given = ()) -> float | str:
    """What a measure gives at a place."""
    return MEASURES[asked.measure].answer(place_of(link, (*asked.given, *more)))


def choices_of(question: Question, link: Link) -> tuple[str, ...]:
    """What can be answered; of tokens those of the text, of a number none."""
    if question.form == "tokens":
        return heads.tokens(place_of(link, question.asked.given))
    return question.choices


def truth(question: Question, link: Link) -> dict[str, Any]:
    """The answer, computed now: {right: index of the right choice or -1, value: as it is said, number}."""
    if question.form in ("most", "least"):
        found = [float(measured(question.asked, link, side)) for side in question.sides]
        best = max(found) if question.form == "most" else min(found)
        told = [said(one, MEASURES[question.asked.measure].unit) for one in found]
        return {"right": found.index(best), "value": question.choices[found.index(best)], "each": told}
    value = measured(question.asked, link)
    if question.form == "number":
        return {"right": -1, "value": said(float(value), question.unit), "number": float(value)}
    if question.form == "yes":
        right = 0 if float(value) > question.above else 1
        plain = float(value) in (0.0, 1.0)  # yes or no: there is no number to tell
        number = "" if plain else f" ({said(float(value), MEASURES[question.asked.measure].unit)})"
        return {"right": right, "value": question.choices[right] + number}
    names = [alike(one) for one in choices_of(question, link)]
    right = names.index(alike(str(value))) if alike(str(value)) in names else -1
    return {"right": right, "value": str(value)}


def alike(text: str) -> str:
    """A text without case and signs, to compare answers by."""
    return re.sub(r"[^\w]+", " ", text.casefold()).strip() or text.strip()


def said(number: float, unit: str = "") -> str:
    """A number with two or three digits and its unit."""
    size = abs(number)
    if size >= 100 or number == int(number):
        text = f"{number:,.0f}"
    else:
        text = f"{number:.1f}" if size >= 10 else f"{number:.2f}"
    text = text.replace("-", "\N{MINUS SIGN}")
    return f"{text} {unit}" if unit else text


TESTS: dict[str, Callable[[Any, str], bool]] = {
    "is": lambda found, value: alike(str(found)) == alike(value),
    "not": lambda found, value: alike(str(found)) != alike(value),
    "has": lambda found, value: alike(value) in alike(str(found)),
    "above": lambda found, value: _number(found) > float(value),
    "below": lambda found, value: _number(found) < float(value),
}


def _number(found: object) -> float:
    try:
        return float(str(found))
    except ValueError:
        return float("nan")


def holds(condition: Condition, link: Link) -> bool:
    """Whether a condition is met where the link leads; what cannot be measured there is not met."""
    if condition.asked is None:
        values = place_of(link).several(condition.name)
        if condition.test == "not":
            return bool(values) and all(TESTS["not"](one, condition.value) for one in values)
        return any(TESTS[condition.test](one, condition.value) for one in values)
    try:
        found = measured(condition.asked, link)
    except Refused:
        return False
    return TESTS[condition.test](found, condition.value)


def done(step: Step, link: Link) -> bool:
    """Whether the task of a step is done where somebody is."""
    task = step.task
    return task is not None and link.page == task.shown.page and all(holds(one, link) for one in task.conditions)


# --- what the browser is told -----------------------------------------------------------------------------------------


def told_of(lesson: Lesson) -> dict[str, Any]:
    """What a list says of a lesson."""
    return {
        "name": lesson.name, "title": lesson.title, "theme": lesson.theme, "level": lesson.level,
        "minutes": lesson.minutes, "about": lesson.about, "steps": len(lesson.steps),
    }  # fmt: skip


def told(lesson: Lesson) -> dict[str, Any]:
    """A lesson without its answers."""
    return told_of(lesson) | {"steps": [told_step(one) for one in lesson.steps]}


def told_step(step: Step) -> dict[str, Any]:
    question = step.question
    asked = question and {
        "ask": question.ask, "form": question.form, "choices": list(question.choices), "scale": list(question.scale),
        "unit": question.unit, "hide": question.hide,
    }  # fmt: skip
    task = step.task and {"tell": step.task.tell, "page": step.task.shown.page, "query": step.task.shown.query}
    return {
        "title": step.title, "text": step.text, "page": step.open.page, "query": step.open.query, "home": step.home,
        "lights": [{"kind": one.kind, "which": one.which} for one in step.lights], "ask": asked, "do": task,
    }  # fmt: skip


def cards() -> list[dict[str, Any]]:
    """All cards to recall, each with the step that shows its answer."""
    return [
        {"lesson": lesson.name, "theme": lesson.theme, "step": number, "ask": card.ask, "answer": card.answer}
        for lesson in lessons().values()
        for number, step in enumerate(lesson.steps, 1)
        for card in step.cards
    ]
