"""Text files of numbers: rows of tensors for the Embedding Projector, and words with vectors as GloVe writes them."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import numpy as np

from core.data.delimited import MOST_VECTORS, is_number, too_long
from core.types import Refused

FEWEST = 8  # numbers behind a word that make it a line of GloVe's; fewer are a table
MOST_WIDTH = 4_096  # numbers of a vector
LOOKED_AT = 20  # lines from which the form is told
HEADING = re.compile(r"\s*(\d+)\s+(\d+)\s*")  # of word2vec: words and width


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A file of vectors."""

    words: tuple[str, ...]  # of GloVe and word2vec; empty: the file has none
    values: np.ndarray  # float32 [row, width]
    said: tuple[str, ...]


def numbers_in(content: bytes, name: str) -> Numbers | None:
    """The vectors of a file that holds nothing but numbers, or words with numbers; None for any other.

    Refused names the line that does not fit.
    """
    start = [line.rstrip("\r") for line in content[: 64 * MOST_WIDTH].decode("utf-8-sig", "replace").split("\n")]
    first = [line for line in start[:-1] or start if line.strip() and not line.startswith("#")][:LOOKED_AT]
    if not first:
        return None
    heading = HEADING.fullmatch(first[0]) if len(first) > 1 else None
    width = int(heading[2]) if heading else 0
    if heading and "\ufffd" in "".join(first[1:]):
        raise Refused(f"{name} is in word2vec's binary form. Save it as text: save_word2vec_format(..., binary=False).")
    if heading and _is_words(first[1:], width):
        return _words(content, name, width, int(heading[1]))
    width = len(first[0].split()) - 1
    if _is_words(first, width):
        return _words(content, name, width)
    for sign, written in (("\t", "tabs"), (";", "semicolons"), (",", "commas"), (" ", "spaces")):
        cells = [line.split() if sign == " " else line.split(sign) for line in first]
        if len(cells[0]) > 1 and _mostly([all(map(is_number, row)) for row in cells]):
            return _plain(content, name, sign, written, len(cells[0]))
    return None


def _is_words(lines: list[str], width: int) -> bool:
    """Whether every line is a word and `width` numbers, the word none in one of them at least."""
    if width < FEWEST or width > MOST_WIDTH:
        return False
    rows = [re.split(r"[ \t]+", line.rstrip()) for line in lines]
    if not _mostly([len(row) > width and all(map(is_number, row[-width:])) for row in rows]):
        return False
    return len(lines) > 1 and not all(map(is_number, (row[0] for row in rows)))


def _mostly(fits: list[bool]) -> bool:
    """Whether the first line fits and most others do: one that does not is a slip, which is named with its line."""
    return fits[0] and 2 * sum(fits) > len(fits)


def _words(content: bytes, name: str, width: int, count: int = 0) -> Numbers:
    words: list[str] = []
    values = np.empty((min(count or MOST_VECTORS, MOST_VECTORS), width), np.float32)
    left = False
    for number, line in enumerate(io.BytesIO(content), start=1):
        if (count and number == 1) or not line.strip():
            continue
        if len(words) == len(values):
            left = True
            break
        *word, numbers = _split(line, width, number, name)
        try:
            values[len(words)] = [float(one) for one in numbers]
        except ValueError:
            raise Refused(f"Line {number} of {name} has no {width} numbers behind its word. Mend it.") from None
        words.append(word[0])
    said: tuple[str, ...] = (f"{len(words):,} words with {width} numbers each",)
    if left:
        said = (*said, f"the first {len(words):,} words of {f'{count:,}' if count else 'more'}")
    return Numbers(tuple(words), values[: len(words)], said)


def _split(line: bytes, width: int, number: int, name: str) -> tuple[str, list[str]]:
    try:
        parts = re.split(r"[ \t]", line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip())
    except UnicodeDecodeError as error:
        raise Refused(
            f"Line {number} of {name} is not UTF-8. Save it as text, not in word2vec's binary form."
        ) from error
    if len(parts) <= width:
        raise Refused(f"Line {number} of {name} has {len(parts) - 1} numbers behind its word, the first {width}.")
    return " ".join(parts[:-width]), parts[-width:]  # some words of GloVe hold spaces


def _plain(content: bytes, name: str, sign: str, written: str, width: int) -> Numbers:
    """Rows of numbers without titles, by pandas."""
    import pandas as pd

    comma = sign in "\t; " and b"," in content[:10_000]
    numbered = _cells(content.split(b"\n", 1)[0], sign) == [str(i) for i in range(width)]
    try:
        frame = pd.read_csv(
            io.BytesIO(content),
            sep=r"\s+" if sign == " " else sign,
            header=None,
            dtype=np.float32,
            decimal="," if comma else ".",
            comment="#",
            encoding="utf-8-sig",
            skiprows=int(numbered),
            keep_default_na=False,
            nrows=MOST_VECTORS + 1,
        )
        wrong = np.isnan(frame.to_numpy()).any() and _first_wrong(content, name, sign, width)
    except (ValueError, pd.errors.ParserError):
        wrong = (
            _first_wrong(content, name, sign, width) or f"{name} holds something that is no number. Save it as .npy."
        )
    if wrong:
        raise Refused(wrong)
    if len(frame) > MOST_VECTORS:
        raise too_long(name, MOST_VECTORS + 1, MOST_VECTORS)
    if frame.shape[1] > MOST_WIDTH:
        raise Refused(f"{name} has {frame.shape[1]:,} numbers a line; up to {MOST_WIDTH:,} are read.")
    titles = "the first line counts the columns" if numbered else "no line of titles"
    said = (f"parted by {written}", *(["decimal commas"] if comma else []), titles)
    return Numbers((), frame.to_numpy(np.float32), said)


def _cells(line: bytes, sign: str) -> list[str]:
    text = line.decode("utf-8-sig", "replace").strip("\r\n")
    return text.split() if sign == " " else text.split(sign)


def _first_wrong(content: bytes, name: str, sign: str, width: int) -> str:
    """What is said of the first line that is no row of so many numbers; empty where all are."""
    for number, line in enumerate(io.BytesIO(content), start=1):
        if not line.strip() or line.startswith(b"#"):
            continue
        cells = _cells(line, sign)
        if len(cells) != width:
            return f"Line {number} of {name} has {len(cells)} numbers, the first line {width}. Mend it."
        for cell in cells:
            if not is_number(cell):
                return f"Line {number} of {name}: {cell[:20]!r} is no number. Mend it."
    return ""
