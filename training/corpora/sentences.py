"""Sentence pairs of Tatoeba, as manythings.org publishes them: one archive a language, read into one form."""

from __future__ import annotations

import io
import lzma
import os
import unicodedata
import zipfile
from pathlib import Path

from core.types import Refused
from training.corpora.download import Source
from training.data import LANGUAGES

SITE = "https://www.manythings.org/anki"
FEWEST = 2_000  # pairs: a file with less is something else
BLANKS = dict.fromkeys(map(ord, "\u00a0\u2007\u202f"), " ")  # French typography sets them; a tokenizer need not know


def source(language: str, site: str = SITE) -> Source:
    """Where the pairs of a language come from; the file grows from time to time, so that its sum is not known."""
    name = f"{LANGUAGES[language]}-eng.zip"
    return Source(name, f"{site}/{name}", most=100_000_000)


def place(data: Path, language: str) -> Path:
    return data / "tatoeba" / f"eng-{LANGUAGES[language]}.tsv.xz"


def tidy(text: str) -> str:
    """NFC, no-break spaces as spaces, one space between words: a tab would end the column."""
    return " ".join(unicodedata.normalize("NFC", text).translate(BLANKS).split())


def pairs(archive: Path, language: str, fewest: int = FEWEST) -> list[tuple[str, str]]:
    """(English, other) in the order of the file, each pair once. Refused where the archive holds something else."""
    name = f"{LANGUAGES[language]}.txt"
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(name) as file:
            lines = [line.split("\t") for line in io.TextIOWrapper(file, encoding="utf-8")]
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, EOFError):
        raise Refused(
            f"{archive} is no archive with {name} in it. Delete it, and run the same command again; if it says this "
            "twice, the publisher has changed the file."
        ) from None
    both = [(tidy(line[0]), tidy(line[1])) for line in lines if len(line) > 1]
    found = list(dict.fromkeys((english, other) for english, other in both if english and other))
    if len(found) < fewest:
        raise Refused(f"{archive} holds {len(found):,} pairs, and there should be {fewest:,} at least. It is not used.")
    return found


def convert(archive: Path, data: Path, language: str) -> int:
    """Write the pairs where training looks for them; how many there are."""
    found, target = pairs(archive, language), place(data, language)
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_suffix(".half")
    with lzma.open(half, "wt", encoding="utf-8", newline="\n", preset=6) as file:
        file.writelines(f"{english}\t{other}\n" for english, other in found)
    os.replace(half, target)
    return len(found)
