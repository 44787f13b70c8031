"""Recall cards: the questions of all lessons, asked again when it is time."""

from __future__ import annotations

from ui.components.recall.view import recall_view
from ui.lessons import book


def draw() -> None:
    """One card at a time; what was known is kept in the browser alone."""
    recall_view(book.cards(), key="lessons:recall")
