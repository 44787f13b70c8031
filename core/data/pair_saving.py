"""Sentence pairs and their links as files: the forms that core.data.pair_files reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import regex

from core.data.links import gold_as_text
from core.data.numbers import Numbers
from core.data.pair_files import BAR, MOSES
from core.requests import Gold, Pair

Golds = Sequence[Gold | None]  # of every pair; None: nobody knows


def as_bars(pairs: Sequence[Pair], golds: Golds, first: int = 0) -> str:
    """Pairs a line: source ||| target ||| links; without links where nobody knows."""
    return _lines(pairs, golds, first, f" {BAR} ")


def as_tsv(pairs: Sequence[Pair], golds: Golds, first: int = 0) -> str:
    """Pairs a line, tabs between source, target and links, below a line of titles."""
    # Quotes at the beginning of a cell would be taken for marks of the file.
    return "source\ttarget\tlinks\n" + _lines(pairs, golds, first, "\t").replace('"', "&quot;")


def _lines(pairs: Sequence[Pair], golds: Golds, first: int, between: str) -> str:
    lines = []
    for pair, gold in zip(pairs, golds, strict=True):
        parts = [escaped(" ".join(pair.source)), escaped(" ".join(pair.target))]
        if gold is not None or between == "\t":
            parts.append(gold_as_text(gold, first))
        lines.append(between.join(parts).rstrip(" ") + "\n")
    return "".join(lines)


def as_pharaoh(golds: Golds, first: int = 0) -> str:
    """Links alone, a line for each pair."""
    return "".join(gold_as_text(gold, first) + "\n" for gold in golds)


def as_jsonl(pairs: Sequence[Pair], golds: Golds) -> str:
    """Pairs as JSON lines with words, sure and possible links, counted from 0."""
    lines = []
    for pair, gold in zip(pairs, golds, strict=True):
        record: dict[str, object] = {
            "source": pair.source_text or " ".join(pair.source), "target": pair.target_text or " ".join(pair.target),
            "source_words": pair.source, "target_words": pair.target,
        }  # fmt: skip
        if gold is not None:
            record |= {"sure": sorted(gold.sure), "possible": sorted(gold.possible - gold.sure)}
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return "".join(lines)


def as_tmx(pairs: Sequence[Pair], golds: Golds, first: int = 0) -> str:
    """Pairs as a translation memory (TMX 1.4), English first; links of words as a property of each unit.

    The language of a translation that nobody told is written as `und`.
    """
    units = []
    for pair, gold in zip(pairs, golds, strict=True):
        links = f'<prop type="x-links">{gold_as_text(gold, first)}</prop>' if gold is not None else ""
        sides = ((pair.source_text or " ".join(pair.source), "en"),
                 (pair.target_text or " ".join(pair.target), pair.language or "und"))  # fmt: skip
        told = "".join(
            f"<tuv xml:lang={quoteattr(code)}><seg>{escape(_plain(text))}</seg></tuv>" for text, code in sides
        )
        units.append(f"<tu>{links}{told}</tu>\n")
    head = (
        '<header creationtool="Gaze" creationtoolversion="1" segtype="sentence" o-tmf="pairs" adminlang="en" '
        'srclang="en" datatype="plaintext"/>'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">{head}<body>\n{"".join(units)}</body></tmx>\n'


def _plain(text: str) -> str:
    """Without the characters that no XML can hold."""
    return regex.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", " ", text)


def link_table(pairs: Sequence[Pair], golds: Golds) -> Numbers:
    """A row for each link: the number of its pair from 1, both words with their places from 0, sure or possible."""
    columns: dict[str, list] = {
        name: [] for name in ("pair", "source place", "source word", "target place", "target word", "link")
    }
    for number, (pair, gold) in enumerate(zip(pairs, golds, strict=True), start=1):
        if gold is None:
            continue
        for i, j in sorted(gold.possible | gold.sure):
            row = number, i, pair.source[i], j, pair.target[j], "sure" if (i, j) in gold.sure else "possible"
            for name, value in zip(columns, row, strict=True):
                columns[name].append(value)
    return Numbers(columns)


def escaped(text: str) -> str:
    """Text that reading gives back as it is: bars, and what looks like an escape, are written as Moses does."""
    text = regex.sub(rf"&(?=(?:{'|'.join(sign[1:] for sign, _ in MOSES)}))", "&amp;", text)
    return text.replace("|||", "&#124;&#124;&#124;")
