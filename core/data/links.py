"""Word links as files write them: 3-4 sure, 3p4 or 3?4 possible, perhaps with a score behind; from 0 or from 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex

from core.requests import Gold, Link
from core.types import Refused

LINK = regex.compile(r"(\d{1,6})([-p?])(\d{1,6})(?:[:=/][-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)?")
Lengths = tuple[int, int]  # words of the source, of the target


def are_links(text: str) -> bool:
    """Whether a text is nothing but links."""
    said = text.split()
    return bool(said) and all(LINK.fullmatch(one) for one in said)


def bases(rows: Iterable[tuple[str, Lengths]]) -> tuple[int, ...]:
    """From which numbers the words may be counted so that all links point at words: of 0 and 1 those that fit."""
    fitting = {0, 1}
    for text, lengths in rows:
        for said in text.split():
            if found := LINK.fullmatch(said):
                places = int(found[1]), int(found[3])
                fitting = {
                    first
                    for first in fitting
                    if all(first <= place < length + first for place, length in zip(places, lengths, strict=True))
                }
    return tuple(sorted(fitting))


def likely_base(texts: Iterable[str]) -> int:
    """Where words are counted from as far as the links tell: 0 where one of them has a 0."""
    return 0 if any(0 in (int(m[1]), int(m[3])) for text in texts for m in LINK.finditer(text)) else 1


def gold_of(text: str, where: str, first: int, lengths: Sequence[int]) -> Gold:
    """The links of a pair; Refused names the one that is none, or that points beyond the words."""
    sure: set[Link] = set()
    possible: set[Link] = set()
    for said in text.split():
        found = LINK.fullmatch(said)
        if not found:
            raise Refused(f"{where}: {said[:20]!r} is no link. Write 3-4 for a sure one, 3p4 for a possible one.")
        places = int(found[1]) - first, int(found[3]) - first
        for place, length, side in zip(places, lengths, ("source", "target"), strict=True):
            if not 0 <= place < length:
                words = "is 1 word" if length == 1 else f"are {length} words"
                raise Refused(
                    f"{where}: link {said} points at {side} word {place + first}, but there {words}, "
                    f"counted from {first}."
                )
        (sure if found[2] == "-" else possible).add(places)
    return Gold(frozenset(sure), frozenset(possible | sure))


def as_text(links: Iterable[Link], first: int = 0) -> str:
    """Links as text, in the form that files use."""
    return " ".join(f"{i + first}-{j + first}" for i, j in sorted(links))


def gold_as_text(gold: Gold | None, first: int = 0) -> str:
    """Sure links, then possible ones with p; empty where nobody knows."""
    if gold is None:
        return ""
    possible = " ".join(f"{i + first}p{j + first}" for i, j in sorted(gold.possible - gold.sure))
    return f"{as_text(gold.sure, first)} {possible}".strip()
