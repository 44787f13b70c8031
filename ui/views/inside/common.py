"""What the views of the page Inside a head share: the page's session and the sentence of its examples."""

from __future__ import annotations

from typing import Any

from core.analyses.by_hand import words_of
from ui import widgets
from ui.session import Session

PAGE = Session("inside")
SENTENCE = "The cat sat on the mat."
MADE_UP = ("by hand", "made-up numbers")


def sentence_box(room: Any) -> str:
    """The sentence of the examples by hand, the same in all of them."""
    return widgets.text_box(PAGE, room, "Sentence", "words", SENTENCE, live="400ms")


def typed_words(text: str) -> tuple[str, ...]:
    """The words of the box, or advice and the last ones that could be drawn."""
    words, _ = PAGE.ask_or_last_good(lambda: words_of(text), lambda words: words, lambda: words_of(SENTENCE), "words")
    return words
