"""Sentence pairs for training: reading, one split for every model, and batches of like length."""

from __future__ import annotations

import hashlib
import lzma
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

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


class Pieces:
    """Token ids of many texts in one flat array: a list of small tensors would take ten times the memory."""

    def __init__(self, rows: Iterable[list[int]]) -> None:
        parts, lengths = [], []
        for row in rows:
            parts.append(np.array(row, np.int32))
            lengths.append(len(row))
        self.flat = torch.from_numpy(np.concatenate(parts)) if parts else torch.zeros(0, dtype=torch.int32)
        self.lengths = torch.tensor(lengths, dtype=torch.long)
        self.ends = self.lengths.cumsum(0).tolist()

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: int) -> torch.Tensor:
        """The ids [length] of one text."""
        return self.flat[self.ends[index - 1] if index else 0 : self.ends[index]].long()


def pieces_of(tokenizer, texts: list[str], at_once: int = 50_000) -> Pieces:
    """The texts' ids without special tokens."""

    def rows() -> Iterator[list[int]]:
        for start in range(0, len(texts), at_once):
            yield from tokenizer(texts[start : start + at_once], add_special_tokens=False)["input_ids"]

    return Pieces(rows())


def split_key(english: str) -> str:
    """What decides the side of the split: 'Run!' and 'run.' are one sentence."""
    letters = (c for c in unicodedata.normalize("NFKC", english).casefold() if c.isalnum())
    return hashlib.sha1("".join(letters).encode()).hexdigest()


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


def batches_by_length(lengths: torch.Tensor, tokens: int, generator: torch.Generator) -> list[torch.Tensor]:
    """Shuffled batches of row indices, each at most `tokens` cells after padding; like lengths together.

    lengths: [n] or [n, sides]. Noise on the sort key keeps the batches different from epoch to epoch.
    """
    longest = lengths if lengths.ndim == 1 else lengths.max(dim=1).values
    total = lengths if lengths.ndim == 1 else lengths.sum(dim=1)
    order = torch.argsort(total + torch.rand(len(total), generator=generator) * 2)
    batches, start = [], 0
    sizes = longest[order].tolist()
    width = 0
    for i, size in enumerate(sizes):
        width = max(width, size)
        if width * (i - start + 1) > tokens and i > start:
            batches.append(order[start:i])
            start, width = i, size
    batches.append(order[start:])
    shuffle = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[i] for i in shuffle]


def pad(rows: list[torch.Tensor], value: int) -> torch.Tensor:
    """[n, longest] of rows padded at the end."""
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)
