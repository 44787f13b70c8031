"""Sentence pairs in files: source ||| target ||| links, tables, JSON lines, TMX, or two files with a third of links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from core.data import tables
from core.data.delimited import decoded
from core.data.languages import NAMES
from core.data.links import are_links, bases, gold_of, likely_base
from core.data.records import records_in
from core.data.tmx import TmxPair, translations_in
from core.requests import Pair
from core.tokens import UNSPACED, split
from core.types import Refused

MOST_PAIRS = 5_000
MOST_BYTES = 10_000_000
LONGEST = 5_000  # characters of a side
BAR = "|||"
#: What Moses writes in place of signs that mean something to it; the ampersand is undone last.
MOSES = (
    ("&#124;", "|"), ("&bar;", "|"), ("&lt;", "<"), ("&gt;", ">"), ("&apos;", "'"), ("&quot;", '"'), ("&#91;", "["),
    ("&#93;", "]"), ("&amp;", "&"),
)  # fmt: skip
ESCAPED = regex.compile("|".join(sign for sign, _ in MOSES))
SOURCES = ("source", "src", "source_text", "sentence1", "en", "english")
TARGETS = ("target", "tgt", "target_text", "translation", "sentence2")
LINKS = ("links", "alignment", "alignments", "gold")
File = tuple[str, bytes]  # name, content


@dataclass(frozen=True, slots=True)
class Line:
    """A pair as a file has it."""

    where: str  # 'Line 7', in messages
    source: str
    target: str
    links: str | None = None
    words: tuple[tuple[str, ...], tuple[str, ...]] | None = None  # where the file parts them itself


@dataclass(frozen=True, slots=True)
class PairFile:
    """The pairs of a file, and how it was read."""

    pairs: tuple[Pair, ...]
    first: int  # where its links count words from
    both: bool  # whether they may count from 0 as well as from 1
    said: tuple[str, ...]


def parse(data: bytes, first: int = 0) -> tuple[Pair, ...]:
    """Pairs of one file whose links count words from `first`; Refused names the line that is wrong."""
    return read_pairs([("", data)], first).pairs


def read_pairs(files: Sequence[File], first: int | None = None) -> PairFile:
    """Pairs from one file, from two of as many lines, or from three: the third holds the links.

    Words stand between spaces where there are links or bars; else they are those of running text. first: where links
    count words from, 0 or 1; None: as it fits, 0 where both do. Refused says what is wrong, and on which line.
    """
    for name, data in files:
        if len(data) > MOST_BYTES:
            raise Refused(
                f"{name or 'The file'} has {len(data) / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:.0f} MB are read. Cut it."
            )
    if len(files) > 3:
        raise Refused(f"{len(files)} files came: give one, or two of as many lines, or these and a third of links.")
    lines, spaced, said = _of_one(*files[0]) if len(files) == 1 else _of_several(files)
    if not lines:
        raise Refused("The file has no pairs. Write one a line: source ||| target.")
    if len(lines) > MOST_PAIRS:
        raise Refused(f"The file has more than {MOST_PAIRS:,} pairs ({lines[MOST_PAIRS].where}). Send it in parts.")
    linked = any(line.links is not None for line in lines)
    if ESCAPED.search("\n".join(f"{line.source}\n{line.target}" for line in lines if line.words is None)):
        said = (*said, "Moses escapes undone")
    pairs = [_pair(line, spaced=spaced or linked) for line in lines]
    return _linked(pairs, lines, first, said)


def _pair(line: Line, *, spaced: bool) -> Pair:
    for side, text in (("source", line.source), ("target", line.target)):
        if not text.strip():
            raise Refused(f"{line.where} has no {side}: both sides need a sentence.")
        if len(text) > LONGEST:
            raise Refused(f"{line.where} has a {side} of {len(text):,} characters; up to {LONGEST:,} are read. Cut it.")
    if line.words:
        return Pair(*line.words, "", None, line.source, line.target)
    cut = words_between_spaces if spaced else lambda text: split(unescaped(text))
    words = [tuple(unescaped(word) for word in cut(text)) for text in (line.source, line.target)]
    for side, some in zip(("source", "target"), words, strict=True):
        if not some:
            raise Refused(f"{line.where} has no {side}: both sides need a sentence.")
    return Pair(words[0], words[1], "", None, unescaped(line.source), unescaped(line.target))


def words_between_spaces(text: str) -> tuple[str, ...]:
    """Words as files part them: by spaces; a side without any in a script that has none is split as running text."""
    spaced = tuple(text.split())
    return split(text) if len(spaced) == 1 and regex.search(rf"[{UNSPACED}]", text) else spaced


def unescaped(text: str) -> str:
    """Text without Moses' escapes."""
    for sign, plain in MOSES:
        text = text.replace(sign, plain)
    return text


def _linked(pairs: list[Pair], lines: list[Line], first: int | None, said: tuple[str, ...]) -> PairFile:
    """The pairs with their links, and where these count words from."""
    texts = [(line.links or "", (len(pair.source), len(pair.target))) for pair, line in zip(pairs, lines, strict=True)]
    known = any(text for text, _ in texts)
    fitting = bases(texts) if known else (0,)
    counted = first if first is not None else fitting[0] if fitting else likely_base(text for text, _ in texts)
    done = []
    for pair, line, (text, lengths) in zip(pairs, lines, texts, strict=True):
        gold = None if line.links is None else gold_of(text, line.where, counted, lengths)
        done.append(replace(pair, gold=gold))
    if known:
        said = (*said, f"links count words from {counted}")
    if any(regex.search(r"\d[:=/]", text) for text, _ in texts):
        said = (*said, "scores behind links are not used")
    return PairFile(tuple(done), counted, known and len(fitting) == 2, said)


# --- forms ------------------------------------------------------------------------------------------------------------


def _of_one(name: str, data: bytes) -> tuple[list[Line], bool, tuple[str, ...]]:
    """(lines, whether words stand between spaces, what to say) of one file."""
    if name.lower().endswith((".tmx", ".xml")) or regex.match(rb"\s*(\xef\xbb\xbf)?<(\?xml|tmx|!DOCTYPE)", data):
        found, languages = translations_in(data, name)
        return [_of_translation(one) for one in found], False, (f"TMX, {languages[0]} and {languages[1]}",)
    packed = data[:4] in (b"PK\x03\x04", b"PAR1")
    text = "" if packed else decoded(data, name)
    name = name or "The file"
    if name.lower().endswith((".jsonl", ".json")) or regex.match(r'\s*(\[\s*)?\{\s*"', text):
        return _of_records(text, name), False, ("JSON",)
    if packed or (BAR not in text and regex.search(r"\t", text)) or name.lower().endswith(".csv"):
        return _of_table(data, name)
    lines = enumerate(regex.split(r"\r\n|\r|\n", text), start=1)
    return [_of_bars(line, f"Line {number:,}") for number, line in lines if line.strip()], True, ()


def _of_bars(text: str, where: str) -> Line:
    parts = [part.strip() for part in text.split(BAR)]
    if len(parts) not in (2, 3):
        count = f"{len(parts)} part" + "s" * (len(parts) != 1)
        raise Refused(f"{where} has {count}: write source {BAR} target, and perhaps links.")
    return Line(where, parts[0], parts[1], parts[2] if len(parts) == 3 else None)


def _of_translation(found: TmxPair) -> Line:
    return Line(f"Unit {found.number:,}", found.source, found.target)


def _of_table(data: bytes, name: str) -> tuple[list[Line], bool, tuple[str, ...]]:
    """Pairs from a table: columns by their titles, else the first two that hold letters, and one of links."""
    table = tables.read(data, name, titled=_named(data) or None)
    cells, lower = dict(table.cells), {title.lower(): title for title, _ in table.cells}
    links = next((title for title, some in cells.items() if _mostly_links(some)), None)
    rest = [title for title in cells if title != links]
    texts = [title for title in rest if any(map(_lettered, cells[title][:200]))]
    texts = texts if len(texts) > 1 else rest
    source = next((lower[one] for one in SOURCES if one in lower), texts[0] if texts else "")
    rest = [title for title in texts if title != source]
    target = next((lower[one] for one in TARGETS if one in lower), rest[0] if rest else "")
    if not source or not target:
        raise Refused(f"{name} has one column of text; a pair has two. Write source, a tab, translation.")
    known = cells[links] if links else (None,) * table.count
    rows = zip(cells[source], cells[target], known, strict=True)
    lines = [Line(tables.place(table, row), *some) for row, some in enumerate(rows)]
    left = [title for title in texts if title not in (source, target)]
    said = (*table.said, *([f"left out: {', '.join(left)}"] if left else []))
    return lines, bool(links), said


def _named(data: bytes) -> bool:
    """Whether the first line names sides or languages."""
    first = data[:1_000].decode("utf-8-sig", "replace").split("\n", 1)[0]
    cells = [cell.strip(' "').lower() for cell in regex.split(r"[\t,;]", first.strip("\r"))]
    known = {*SOURCES, *TARGETS, *LINKS, *NAMES, *(name.lower() for name in NAMES.values())}
    return len(cells) > 1 and cells[0] in known and cells[1] in known


def _lettered(cell: str) -> bool:
    return any(map(str.isalpha, cell))


def _mostly_links(cells: Sequence[str]) -> bool:
    some = [cell for cell in cells if cell]
    return bool(some) and 2 * sum(map(are_links, some)) > len(some)


def _of_records(text: str, name: str) -> list[Line]:
    return [_of_record(one, f"Line {number:,}" if number else f"Record {row}", name)
            for row, (number, one) in enumerate(records_in(text, name), start=1)]  # fmt: skip


def _of_record(found: object, where: str, name: str) -> Line:
    """A pair from an object: source and target, translation: {en, fr}, or two texts; with words and links if it has."""
    if not isinstance(found, dict):
        raise Refused(f'{where} of {name} is no object. Write {{"source": "...", "target": "..."}}.')
    texts = found["translation"] if isinstance(found.get("translation"), dict) else found
    texts = {str(key).lower(): value for key, value in texts.items() if isinstance(value, str)}
    plain = [key for key in texts if key not in LINKS]
    source = next((key for key in SOURCES if key in texts), plain[0] if plain else "")
    rest = [key for key in plain if key != source]
    target = next((key for key in TARGETS if key in texts and key != source), rest[0] if rest else "")
    if not source or not target:
        raise Refused(f'{where} of {name} has no two texts. Write {{"source": "...", "target": "..."}}.')
    words = _words_of(found, where, name)
    return Line(where, texts[source], texts[target], _links_of(found, where, name), words)


def _words_of(found: dict, where: str, name: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    sides = [found.get("source_words"), found.get("target_words")]
    if sides == [None, None]:
        return None
    for side in sides:
        if not isinstance(side, list) or not side or not all(isinstance(w, str) and len(w.split()) == 1 for w in side):
            raise Refused(f"{where} of {name}: source_words and target_words are lists of words without spaces.")
    return tuple(sides[0] or ()), tuple(sides[1] or ())


def _links_of(found: dict, where: str, name: str) -> str | None:
    """The links of an object as text: written so, or lists of pairs under sure and possible."""
    said: list[str] = []
    for key, sign in (*((key, "-") for key in (*LINKS, "sure")), ("possible", "p")):
        value = found.get(key)
        if isinstance(value, str):
            said.append(value)
        elif value is not None:
            if not isinstance(value, list) or not all(_is_link(one) for one in value):
                raise Refused(f"{where} of {name}: {key} is a list of pairs of whole numbers, [[0, 0], [1, 2]].")
            said.extend(f"{i}{sign}{j}" for i, j in value)
    known = any(found.get(key) is not None for key in (*LINKS, "sure", "possible"))
    return " ".join(said) if known else None


def _is_link(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(type(one) is int and one >= 0 for one in value)


def _of_several(files: Sequence[File]) -> tuple[list[Line], bool, tuple[str, ...]]:
    """Pairs from two files of as many lines, and links from a third."""
    texts = [(name, _lines_of(data, name)) for name, data in files]
    links = [one for one in texts if _mostly_links(one[1])] if len(texts) == 3 else []
    sides = [one for one in texts if one not in links]
    if len(sides) != 2:
        raise Refused("Three files came: two of them are texts, one holds links, 0-0 1-2, a line for each pair.")
    sides.sort(key=lambda one: not one[0].lower().endswith((".en", ".en.txt", ".eng")))  # English first, if it is there
    (source, left), (target, right) = sides
    known: list[str | None] = [said or None for _, some in links for said in some]
    for name, count in ((target, len(right)), *((one, len(some)) for one, some in links)):
        if count > len(left) or (name == target and count < len(left)):
            raise Refused(f"{source} has {len(left):,} lines, {name} {count:,}: the lines of both go together.")
    known += [None] * (len(left) - len(known))
    rows = enumerate(zip(left, right, known, strict=True), start=1)
    found = [Line(f"Line {number:,}", *row) for number, row in rows if row[0].strip() or row[1].strip()]
    return found, bool(links), (f"{source} and {target}", *([f"links of {links[0][0]}"] if links else []))


def _lines_of(data: bytes, name: str) -> list[str]:
    """The lines of a file without empty ones at its end."""
    return regex.split(r"\r\n|\r|\n", decoded(data, name).rstrip())
