"""A text as numbers to learn word vectors from, and what a run tells; without torch, so that pages open at once."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from core.types import Refused

#: Words with what joins them inside; of scripts that put no spaces between words, a character is a word.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+(?:['’-][^\W\d_]+)*|\d+")
MOST_WORDS = 20_000  # different ones that are learned: the most frequent


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A text as numbers."""

    words: tuple[str, ...]  # the most frequent first
    counts: np.ndarray  # [word], how often each occurs
    ids: np.ndarray  # [n], the text's words that are learned, in order
    sentences: np.ndarray  # [n], the number of the line that each stands in
    rare: int  # different words that occur too seldom to be learned

    @property
    def places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words)}


def words_in(text: str) -> list[str]:
    """The words of a text in small letters, signs left out."""
    return WORD.findall(text.lower())


def corpus_of(text: str, fewest: int = 1) -> Corpus:
    """A text as numbers, words that occur fewer times left out. Refused: it is empty, or it holds too few words."""
    lines = [words_in(line) for line in text.splitlines()]
    counted = Counter(word for line in lines for word in line)
    if not counted:
        raise Refused("This text holds no word. Paste a few sentences, the more the better.")
    if len(counted) < 2:
        (word,) = counted
        raise Refused(f"This text is one word, “{word[:40]}”. Vectors tell words apart: bring a text with more.")
    kept = [(word, count) for word, count in counted.most_common(MOST_WORDS) if count >= fewest]
    if len(kept) < 2:
        raise Refused(
            f"Fewer than two words occur {fewest} times or more. Bring a longer text, or count words that occur once."
        )
    places = {word: place for place, (word, _) in enumerate(kept)}
    pairs = [(places[word], number) for number, line in enumerate(lines) for word in line if word in places]
    ids, sentences = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    counts = np.array([count for _, count in kept])
    return Corpus(tuple(places), counts, ids, sentences, len(counted) - len(kept))


@dataclass(frozen=True, slots=True, eq=False)
class WordFrame:
    """The map at a moment of the run."""

    share: float  # of the run that is done
    seconds: float
    loss: float  # nats a positive with its negatives, the mean since the last frame
    words_per_second: float  # of the text
    places: np.ndarray  # [shown, 2], PCA turned onto the frame before
    neighbours: np.ndarray  # [shown, k]: the nearest of those that are shown
    cosines: np.ndarray  # [shown, k]


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """What a run has learned, its last value."""

    words: tuple[str, ...]
    counts: np.ndarray  # [word]
    vectors: np.ndarray  # [word, size], float32: those of centres
    seconds: float
    share: float  # of the run that is done: less than 1 where it was stopped
    loss: float
    words_per_second: float
    rare: int
    text_words: int  # of the text, those that are learned
