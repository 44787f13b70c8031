"""All lessons by theme, with how far this browser came in each."""

from __future__ import annotations

from core.types import Refused
from ui import widgets
from ui.components.lessons.view import lessons_view
from ui.lessons import book


def draw() -> None:
    """A card for each lesson; a lecturer's own first, or the sentence that says what is wrong in it."""
    some = [*book.lessons().values()]
    if book.own_file() is not None:
        try:
            some.insert(0, book.lesson_named(book.OWN))
        except Refused as refusal:
            widgets.advice(f"{book.own_file()}: {refusal}")
    lessons_view([book.told_of(one) for one in some], key="lessons:shelf")
