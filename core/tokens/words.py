"""From what people type to a text that can be read, and to words: Unicode's word boundaries (UAX 29), by regex."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from core.types import Refused

#: Scripts written without spaces between words: there every character, with the marks on it, is a word,
#: but for a run of katakana, which is one.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
BOUNDARIES = regex.compile(r"(?V1w)\b")
ELISION = regex.compile(r"(?i:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=\p{L})")  # French: l' + homme
#: Bidirectional overrides and isolates can make a picture lie about the order of letters.
OVERRIDES = regex.compile("[\u202a-\u202e\u2066-\u2069]")
CONTROLS = regex.compile(r"[\p{Cc}--[\n\r\t]]", regex.V1)
BROKEN = regex.compile(r"[\p{Cs}\p{Noncharacter_Code_Point}]")
#: What can be read: not spaces and not signs that only steer others. A letter newer than these tables counts.
READABLE = regex.compile(r"[^\p{Z}\p{Cc}\p{Cf}\p{Cs}]")


def cleaned(text: str, *, tidy: bool = True) -> str:
    """The text as a model is given it: what no model reads is left out (left_out says what).

    tidy: runs of white space become one space, none stays at the ends, and letters with marks are composed (NFC);
    else white space and letters stay as they were typed. Refused when nothing is left to read.
    """
    kept = BROKEN.sub("", CONTROLS.sub(" ", OVERRIDES.sub("", text))).replace("\r\n", "\n").replace("\r", "\n")
    if tidy:
        kept = unicodedata.normalize("NFC", " ".join(kept.split()))
    if not READABLE.search(kept):
        raise Refused("There is no text to read. Type a sentence, or choose an example.")
    return kept


def left_out(text: str) -> tuple[str, ...]:
    """A sentence for each sort of character that cleaned does not pass on: which, how often, and why."""
    reasons = (
        (OVERRIDES, "left out, because it turns the order of the letters on the screen"),
        (CONTROLS, "read as a space, because a control character is no text"),
        (BROKEN, "left out, because it is no character"),
    )
    found = []
    for sort, reason in reasons:
        counts = Counter(sort.findall(text))
        names = ", ".join(f"U+{ord(c):04X}" + (f" (×{n})" if n > 1 else "") for c, n in list(counts.items())[:4])
        if counts:
            found.append(f"{names}{' and others' if len(counts) > 4 else ''}: {reason}.")
    return tuple(found)


def spans_of(text: str) -> list[tuple[int, int]]:
    """Where each word of a text begins and ends; signs are words of their own, white space is none."""
    found, start = [], 0
    for part in BOUNDARIES.split(text):
        end = start + len(part)
        if part and not part.isspace():
            elided = ELISION.match(part)
            if elided and elided.end() < len(part):
                found.append((start, start + elided.end()))
                start += elided.end()
            found.append((start, end))
        start = end
    return found


def split(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text[start:end] for start, end in spans_of(text))


def words_of(text: str) -> list[int]:
    """For every character the index of its word, -1 for white space."""
    owner = [-1] * len(text)
    for index, (start, end) in enumerate(spans_of(text)):
        owner[start:end] = [index] * (end - start)
    return owner


@dataclass(frozen=True, slots=True)
class SplitText:
    """A text, and the words in it that somebody counts by."""

    text: str
    words: tuple[str, ...]

    @property
    def owner(self) -> list[int]:
        """For every character the index of its word, -1 for what is in none."""
        found, cursor = [-1] * len(self.text), 0
        for index, word in enumerate(self.words):
            start = self.text.index(word, cursor)
            cursor = start + len(word)
            found[start:cursor] = [index] * len(word)
        return found


def split_text(text: str, words: Sequence[str]) -> SplitText:
    """The text as people write it with its words; the words with spaces between where they do not stand in it."""
    cursor = 0
    for word in words:
        start = text.find(word, cursor)
        if start < 0:
            return SplitText(" ".join(words), tuple(words))
        cursor = start + len(word)
    return SplitText(text, tuple(words))


def owners(owner: Sequence[int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """For every piece the first word that it touches; a lone boundary mark belongs to the word that follows."""
    following = _following(owner, max(owner, default=-1))
    return [following[min(start, len(owner))] for start, _ in spans]


def _following(owner: Sequence[int], last: int) -> list[int]:
    """For every character the first word from there on, and so behind the end; last: where none follows."""
    found = [last] * (len(owner) + 1)
    for place in reversed(range(len(owner))):
        found[place] = owner[place] if owner[place] >= 0 else found[place + 1]
    return found


def placed(pieces: Sequence[str | None], words: Sequence[str]) -> list[int]:
    """For every piece, as shown, the word in which it is found, reading on from the last one; -1 for None."""
    text = "".join(words).casefold()
    owner = [index for index, word in enumerate(words) for _ in word.casefold()]
    found, cursor = [], 0
    for piece in pieces:
        if piece is None:
            found.append(-1)
            continue
        letters = "".join(piece.split()).casefold()
        start = text.find(letters, cursor)
        cursor = start if start >= 0 else cursor
        found.append(owner[min(cursor, len(owner) - 1)])
        cursor = min(len(text), cursor + len(letters)) if start >= 0 else cursor
    return found


def group(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """A word index for every piece, counted along the sequence; pieces that touch one word share its index.

    A lone boundary mark opens the word that follows; a line break, a tab or several spaces stand for themselves.
    """
    owner = words_of(text)
    following = _following(owner, -1)
    groups, last, reach = [], -1, -1
    for start, end in spans:
        touched = [word for word in owner[start:end] if word >= 0]
        if not touched and (end - start > 1 or text[start:end] in ("\n", "\t")):
            last += 1
            groups.append(last)
            continue
        if not touched:
            after = following[min(end, len(owner))]
            touched = [after if after >= 0 else reach + 1]
        if touched[0] > reach:
            last += 1
        reach = max(reach, touched[-1])
        groups.append(last)
    return groups
