"""Sentence pairs for training: reading, and one split for every model."""

from __future__ import annotations

import hashlib
import lzma
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from core.data.scenes import Emoji, read_names

#: Language code used in tags and on screen -> the three letters in the file name.
LANGUAGES = {
    "fr": "fra",
    "de": "deu",
    "es": "spa",
    "nl": "nld",
    "ja": "jpn",
    "zh": "cmn",
    "vi": "vie",
}
DEFAULT_DATA = Path(__file__).resolve().parents[1] / "data"


class Missing(FileNotFoundError):
    """Training lacks a file; says which, and how to get it."""


def not_fetched(path: Path) -> Missing:
    """path: of a file that is two folders below the data's."""
    return Missing(f"{path} is missing. This gets it: python run.py data --data {path.parents[1]}")


@dataclass(frozen=True)
class Pair:
    """One English sentence and one of its translations."""

    english: str
    other: str
    language: str  # a key of LANGUAGES


def read_pairs(data: Path, language: str) -> list[Pair]:
    """All pairs of one language; Missing says what to do."""
    path = data / "tatoeba" / f"eng-{LANGUAGES[language]}.tsv.xz"
    if not path.exists():
        raise not_fetched(path)
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines)
        return [Pair(row[0], row[1], language) for row in rows]


def read_emoji(data: Path) -> list[Emoji]:
    """All emoji in the order of their file; Missing says what to do."""
    path = data / "emoji" / "emoji_names.jsonl.xz"
    if not path.exists():
        raise not_fetched(path)
    return read_names(path)


def split_key(english: str) -> str:
    """What decides the side of the split: 'Run!' and 'run.' are one sentence."""
    letters = (c for c in unicodedata.normalize("NFKC", english).casefold() if c.isalnum())
    return hashlib.sha1("".join(letters).encode(), usedforsecurity=False).hexdigest()


def held_out_keys(pairs: dict[str, list[Pair]], each: int) -> dict[str, list[str]]:
    """For each language the `each` smallest sentence keys: the same whatever order the file has."""
    return {code: sorted({split_key(p.english) for p in some})[:each] for code, some in pairs.items()}


def split(pairs: dict[str, list[Pair]], each: int = 1000) -> tuple[list[Pair], dict[str, list[Pair]]]:
    """(training pairs, held-out pairs a language); what is held out for one language is in no training pair.

    A held-out sentence appears once, with the first of its translations in the file.
    """
    keys = held_out_keys(pairs, each)
    away = set().union(*keys.values())
    training = [p for some in pairs.values() for p in some if split_key(p.english) not in away]
    held_out = {}
    for code, some in pairs.items():
        wanted, first = set(keys[code]), {}
        for pair in some:
            key = split_key(pair.english)
            if key in wanted:
                first.setdefault(key, pair)
        held_out[code] = [first[key] for key in keys[code]]
    return training, held_out
