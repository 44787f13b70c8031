"""A text made by a grammar of ours: a small world whose words keep company as words do, to learn word vectors from.

No sentence of it was copied from anywhere, so that it may be shipped; it holds what a class looks for, and no more.
"""

from __future__ import annotations

import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

GRAMMAR = Path(__file__).resolve().parents[2] / "assets" / "lessons" / "small_world.json"
SENTENCES = 14_000
SEED = 7


@lru_cache(maxsize=1)
def grammar() -> dict[str, Any]:
    """Kinds of words, rows of words that belong together, and the sentences they stand in."""
    found: dict[str, Any] = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def small_world() -> str:
    """The text, the same at each call: about half a million letters, a sentence a line."""
    chance = random.Random(SEED)
    return "\n".join(f"{_sentence(chance)} ." for _ in range(SENTENCES)) + "\n"


def _sentence(chance: random.Random) -> str:
    known, kind = grammar(), chance.random()
    if kind < 0.56:
        return _filled(chance.choice(known["lines"]), chance)
    if kind < 0.76:
        pair = chance.choice(known["pairs"])
        side = chance.randrange(2)
        lines = known["of a pair"][pair[0]] if chance.random() < 0.5 else known[("of him", "of her")[side]]
        return str(chance.choice(lines)).format(pair[side])
    if kind < 0.9:
        return str(chance.choice(known["of a place"])).format(*chance.choice(known["places"]))
    line = chance.choice(chance.choice(known["of a verb"]))
    return str(line).format(*chance.choice(known["verbs"]), who=chance.choice(known["who"]))


def _filled(line: str, chance: random.Random) -> str:
    """A line with a word of its kind in place of each brace."""
    while "{" in line:
        name = line[line.index("{") + 1 : line.index("}")]
        line = line.replace(f"{{{name}}}", chance.choice(grammar()["kinds"][name]), 1)
    return line


def groups() -> dict[str, tuple[str, ...]]:
    """What a class calls alike: kind -> its words, the pairs, places and verbs among them."""
    known = grammar()
    rows = {
        ("men", "women"): known["pairs"],
        ("capitals", "countries", "languages"): known["places"],
        ("verbs now", "verbs before"): known["verbs"],
    }
    found = {name: tuple(words) for name, words in known["kinds"].items()}
    for names, some in rows.items():
        found |= dict(zip(names, zip(*some, strict=True), strict=True))
    return found


#: Kinds that the map shows: twelve colours can be told apart.
ON_THE_MAP = (
    "men", "women", "capitals", "countries", "animals at home", "animals of the farm", "wild animals", "fruit",
    "drinks", "colours", "days", "numbers",
)  # fmt: skip


def kinds_shown() -> dict[str, str]:
    """Word -> its kind, of the words that the map shows."""
    return {word: name for name in ON_THE_MAP for word in groups()[name]}


def analogies() -> list[tuple[str, str, str, str]]:
    """a is to b as c is to d: every two rows of the pairs, of capitals and countries, of the verbs."""
    known = grammar()
    rows = (known["pairs"], [place[:2] for place in known["places"]], known["verbs"])
    return [(*first, *second) for some in rows for first in some for second in some if first != second]
