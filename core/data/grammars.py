"""Sentences by small grammars of our own, a file a language: kinds of words, and lines that they are put into.

A line has {kind} for a word of a kind, the same wherever it stands in the line; {kind+} for another one of it;
{kind|other} for a word of either; {kind 1} for part 1 of a word that is a row of parts, as a verb and its forms are.
Any choice is a sentence that people could write; none was copied from anywhere.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import regex

GRAMMARS = Path(__file__).resolve().parents[2] / "assets" / "lessons" / "grammars"
LANGUAGES = ("fr", "de", "es", "nl", "ja", "zh", "vi", "hi", "ar")
SENTENCES = 2_000  # of a language
TRIES = 10 * SENTENCES  # a sentence may come twice
SEED = 5
SLOT = regex.compile(r"\{([\w|]+)(\+?)(?: (\d))?\}")


@lru_cache(maxsize=len(LANGUAGES))
def grammar(language: str) -> dict[str, Any]:
    """Its kinds, name -> words or rows of parts, and the lines that they are put into."""
    found: dict[str, Any] = json.loads((GRAMMARS / f"{language}.json").read_text(encoding="utf-8"))
    return found


def grammar_sentences(language: str) -> tuple[str, ...]:
    """SENTENCES different ones, each line as likely as another, the same at each call."""
    chance, found = random.Random(SEED), dict[str, None]()
    lines = grammar(language)["lines"]
    for _ in range(TRIES):
        found[filled(chance.choice(lines), language, chance)] = None
        if len(found) == SENTENCES:
            break
    return tuple(found)


def filled(line: str, language: str, chance: random.Random) -> str:
    """A line with a word in each place, its first letter a capital."""
    kinds, chosen = grammar(language)["kinds"], dict[str, list[Any]]()

    def word(slot: regex.Match[str]) -> str:
        name, other, part = slot.groups()
        if name not in chosen:
            chosen[name] = chance.sample([one for kind in name.split("|") for one in kinds[kind]], 2)
        found = chosen[name][bool(other)]
        return str(found[int(part)] if part else found)

    return regex.sub(r"\p{L}", lambda first: first[0].upper(), SLOT.sub(word, line), count=1)
