"""Texts as tokenizers cut them, as a message for the browser: pieces, ids, and what is said of each."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.measures.tokenizers import Piece, Tokenized, fertility, known, own, unknown_share
from core.models.tokenizer import Reader

LEGEND = {
    "unknown": "not in the vocabulary",
    "byte": "bytes of a letter",
    "common": "in another text too",
    "special": "added by the model",
}
MOST_BYTES_SAID = 16


def pieces_data(readers: Sequence[Reader], rows: Sequence[Sequence[Tokenized]], height: int) -> dict:
    """What the browser is told."""
    places = [_places([row[column] for row in rows]) for column in range(len(readers))]
    drawn = [[_cell(cut, places[column]) for column, cut in enumerate(row)] for row in rows]
    used = {mark for row in drawn for cell in row for piece in cell["pieces"] for mark in piece["marks"]}
    return {
        "height": height,
        "readers": [{"title": one.title, "say": _about(one)} for one in readers],
        "rows": drawn,
        "legend": [[mark, say] for mark, say in LEGEND.items() if mark in used],
    }


def _about(one: Reader) -> str:
    """Kind and size of a vocabulary; the kind is not said twice."""
    size = f"{one.vocabulary:,} pieces"
    return size if one.kind in one.title else f"{one.kind}, {size}"


def _places(cuts: Sequence[Tokenized]) -> dict[int, list[int]]:
    """In which texts, counted from 1, each known piece occurs."""
    found: dict[int, list[int]] = {}
    for number, cut in enumerate(cuts, start=1):
        for piece in known(cut):
            found.setdefault(piece, []).append(number)
    return found


def _cell(cut: Tokenized, places: dict[int, list[int]]) -> dict:
    return {
        "dir": direction(cut.text),
        "pieces": [
            {
                "text": bare(piece.text),
                "id": piece.id,
                "word": piece.word,
                "marks": _marks(piece, places),
                "say": _say(piece, places),
            }
            for piece in cut.pieces
        ],
        "line": _line(cut),
    }


def bare(text: str) -> str:
    """Bytes without what surrounds them, so that a letter of three bytes takes little room."""
    return text.replace("›‹", " ").strip("‹›") if is_byte(text) else text


def is_byte(text: str) -> bool:
    """Whether a piece is made of bytes that are no whole letter: ‹E2›."""
    return text.startswith("‹") and text.endswith("›") and len(text) > 2


def direction(text: str) -> str:
    """The direction of a text's first letter that has one: 'rtl' or 'ltr'."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return "rtl" if next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L" else "ltr"


def _marks(piece: Piece, places: dict[int, list[int]]) -> list[str]:
    if piece.special:
        return ["special"]
    if piece.unknown:
        return ["unknown"]
    marks = ["byte"] if is_byte(piece.text) else []
    return [*marks, "common"] if len(places.get(piece.id, ())) > 1 else marks


def _say(piece: Piece, places: dict[int, list[int]]) -> str:
    """What is told of a piece that is pointed at."""
    said = f"{piece.text} · id {piece.id}"
    if piece.covers.startswith(" ") and piece.covers.strip():
        said += " · with the space before it"
    if piece.unknown and piece.covers:
        raw = piece.covers.encode()
        more = " …" if len(raw) > MOST_BYTES_SAID else ""
        said += f" · stands for {piece.covers.strip()[:20]} · bytes {raw[:MOST_BYTES_SAID].hex(' ').upper()}{more}"
    elif len(places.get(piece.id, ())) > 1:
        said += f" · in texts {', '.join(map(str, places[piece.id]))}"
    return said


def _line(cut: Tokenized) -> list[list]:
    """Pieces, words, fertility, and how much is unknown."""
    pieces, share = len(own(cut)), unknown_share([cut])
    said = [[f"{pieces} pieces for {cut.words} words: " if cut.words != 1 else f"{pieces} pieces for 1 word: ", False]]
    said.append([f"{fertility([cut]):.2g} a word", True])
    if share:
        said += [[", ", False], [f"{share:.0%} unknown".replace("%", " %"), True]]
    return said
