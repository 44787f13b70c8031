"""Sentence pairs with hand-made links: those that come with Gaze, a pair that is typed, and a file of a user's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import regex

from core.data.languages import NAMES
from core.requests import Gold, Link, Pair
from core.tokens import UNSPACED, cleaned, split
from core.types import Refused

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "lessons" / "alignment"
LANGUAGES = {code: NAMES[code] for code in ("fr", "de", "es", "nl", "ja", "zh", "hi", "ar")}
MOST_PAIRS = 5_000
MOST_WORDS = 60  # of a side, in a picture
MOST_BYTES = 10_000_000
BAR = "|||"
LINK = regex.compile(r"(\d{1,6})([-p])(\d{1,6})")


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


# --- a user's own file ------------------------------------------------------------------------------------------------


def parse(data: bytes, first: int = 0) -> tuple[Pair, ...]:
    """Pairs of a file, one a line: source ||| target, and perhaps ||| links: 0-0 1p2 (i-j sure, ipj possible).

    Words stand between spaces (a side without any in a script that has none is split into characters).
    first: the number of the first word in the links, 0 or 1. Empty lines are passed over. Refused names the line.
    """
    pairs = []
    for number, line in enumerate(regex.split(r"\r\n|\r|\n", _text(data)), start=1):
        if line.strip():
            pairs.append(_pair(line, number, first))
        if len(pairs) > MOST_PAIRS:
            raise Refused(f"The file has more than {MOST_PAIRS:,} pairs (line {number:,}). Send it in parts.")
    if not pairs:
        raise Refused("The file has no pairs. Write one a line: source ||| target.")
    return tuple(pairs)


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Refused(f"The file has {len(data) / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:.0f} MB are read.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Refused(f"Line {line:,} is not UTF-8. Save the file as UTF-8 text.") from error


def _pair(line: str, number: int, first: int) -> Pair:
    parts = [part.strip() for part in line.split(BAR)]
    if len(parts) not in (2, 3):
        raise Refused(
            f"Line {number:,} has {_count(len(parts), 'part')}: write source {BAR} target, and perhaps links."
        )
    for name, part in zip(("source", "target"), parts, strict=False):
        if not part:
            raise Refused(f"Line {number:,} has no {name}: both sides need a sentence.")
    source, target = (_words(part) for part in parts[:2])
    gold = _gold(parts[2], number, first, (len(source), len(target))) if len(parts) == 3 else None
    return Pair(source, target, "", gold, parts[0], parts[1])


def _words(text: str) -> tuple[str, ...]:
    spaced = tuple(text.split())
    return split(text) if len(spaced) == 1 and regex.search(rf"[{UNSPACED}]", text) else spaced


def _gold(text: str, number: int, first: int, lengths: Sequence[int]) -> Gold:
    sure: set[Link] = set()
    possible: set[Link] = set()
    for said in text.split():
        found = LINK.fullmatch(said)
        if not found:
            raise Refused(
                f"Line {number:,}: {said[:20]!r} is no link. Write 3-4 for a sure one, 3p4 for a possible one."
            )
        places = int(found[1]) - first, int(found[3]) - first
        for place, length, side in zip(places, lengths, ("source", "target"), strict=True):
            if not 0 <= place < length:
                raise Refused(
                    f"Line {number:,}: link {said} points at {side} word {place + first}, but there "
                    f"{'is' if length == 1 else 'are'} {_count(length, 'word')}, counted from {first}."
                )
        (sure if found[2] == "-" else possible).add(places)
    return Gold(frozenset(sure), frozenset(possible | sure))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def written(pair: Pair, links: Sequence[Link], first: int = 0) -> str:
    """Links as text, in the form that files use."""
    return " ".join(f"{i + first}-{j + first}" for i, j in sorted(links))
