"""Sentences over which heads are measured: our own, filled up by our grammars."""

from __future__ import annotations

import json
import random
from functools import lru_cache

import regex

from core.data.grammars import grammar_sentences
from core.data.labelled import LESSONS, SHIPPED, shipped
from core.data.languages import NAMES
from core.data.pairs import LANGUAGES, lesson
from core.data.small_pairs import small_pairs
from core.data.small_world import grammar, small_world
from core.types import Refused

MOST = 1_000  # sentences of a language
SEED = 11  # of the order in which a grammar's sentences are taken
SPOKEN = ("en", "fr", "de", "es", "nl", "ja", "zh", "vi", "hi", "ar")


@lru_cache(maxsize=len(SPOKEN))
def sentences(language: str) -> tuple[str, ...]:
    """MOST different sentences, our own first, the same at each call. Refused: a language without any."""
    if language not in SPOKEN:
        known = ", ".join(NAMES[code] for code in SPOKEN)
        raise Refused(f"Gaze has no sentences in {NAMES.get(language, language)!r}: choose {known}.")
    return tuple(dict.fromkeys((*own(language), *made(language))))[:MOST]


@lru_cache(maxsize=len(SPOKEN))
def own(language: str) -> tuple[str, ...]:
    """Sentences that were written for Gaze, each once."""
    found: list[str] = [one.text for name in SHIPPED for one in shipped(name) if one.language == language]
    for name in ("parallel", "surgery"):
        rows = json.loads((LESSONS / f"{name}.json").read_text(encoding="utf-8"))["sentences"]
        found += [row[language] for row in rows if language in row]
    if language == "en":
        bank = json.loads((LESSONS / "bank.json").read_text(encoding="utf-8"))["sentences"]
        found += [row["text"] for row in bank] + [pair.source_text for pair in lesson("fr")]
    elif language in LANGUAGES:
        found += [pair.target_text for pair in lesson(language)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=len(SPOKEN))
def made(language: str) -> tuple[str, ...]:
    """Sentences of our grammars, each once, in an order of chance: 2,000 or more."""
    if language == "en":
        lines = [written(line) for line in small_world().splitlines()]
    else:
        lines = list(grammar_sentences(language))
    if language == "fr":
        lines += [french for _, french in small_pairs()]
    found = list(dict.fromkeys(lines))
    random.Random(SEED).shuffle(found)
    return tuple(found)


def written(line: str) -> str:
    """A line of the small world as people write it: signs close to their word, names with a capital."""
    names = {word for place in grammar()["places"] for word in place} | set(grammar()["kinds"]["days"])
    names |= {"tom", "mary", "christmas"}
    words = [word.capitalize() if word in names else word for word in line.split()]
    text = regex.sub(r" ([.,?!])", r"\1", " ".join(words))
    return text[:1].upper() + text[1:]
