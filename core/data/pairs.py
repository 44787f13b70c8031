"""Sentence pairs with hand-made links: those that come with Gaze, and a pair that is typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from core.data.languages import NAMES
from core.data.links import as_text
from core.data.pair_files import BAR, MOST_BYTES, MOST_PAIRS, parse
from core.requests import Gold, Link, Pair
from core.tokens import cleaned, split
from core.types import Refused

__all__ = [
    "BAR", "LANGUAGES", "MOST_BYTES", "MOST_PAIRS", "MOST_WORDS", "lesson", "parse", "split", "typed", "written",
]  # fmt: skip
FOLDER = Path(__file__).resolve().parents[2] / "assets" / "lessons" / "alignment"
LANGUAGES = {code: NAMES[code] for code in ("fr", "de", "es", "nl", "ja", "zh", "hi", "ar")}
MOST_WORDS = 60  # of a side, in a picture


@lru_cache(maxsize=16)
def lesson(language: str) -> tuple[Pair, ...]:
    """The pairs that come with Gaze, English first: eight sentences, the same in every language."""
    lines = (FOLDER / f"en-{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(_from_json(json.loads(line), language) for line in lines)


def _from_json(row: dict, language: str) -> Pair:
    sure, possible = (frozenset((i, j) for i, j in row[name]) for name in ("sure", "possible"))
    words = tuple(row["source_words"]), tuple(row["target_words"])
    return Pair(*words, language, Gold(sure, possible | sure), row["source"], row["target"])


def typed(source: str, target: str, language: str = "") -> Pair:
    """A pair as somebody typed it; with the words and gold of a lesson's pair if it is one. Refused: an empty side."""
    for name, text in (("source", source), ("translation", target)):
        if not text.strip():
            raise Refused(f"The {name} is empty. Type both sentences, or choose a pair.")
    source, target = cleaned(source), cleaned(target)
    for known in LANGUAGES:
        for pair in lesson(known):
            if (pair.source_text, pair.target_text) == (source, target):
                return pair
    words = split(source), split(target)
    for name, some in zip(("source", "translation"), words, strict=True):
        if len(some) > MOST_WORDS:
            raise Refused(f"The {name} has {len(some)} words; the picture shows up to {MOST_WORDS}. Shorten it.")
    return Pair(*words, language, None, source, target)


def written(pair: Pair, links: Sequence[Link], first: int = 0) -> str:
    """Links of a pair as text, in the form that files use."""
    return as_text(links, first)
