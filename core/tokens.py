"""From a tokenizer's output to Tokens: the piece as shown, and the word it belongs to, for every kind of tokenizer."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import regex

from core.types import Refused, Token

BOUNDARY = "▁"  # SentencePiece's mark in front of a word
#: Scripts written without spaces between words: there a word is what the tokenizer makes one piece of.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = regex.compile(
    rf"[{UNSPACED}]"
    r"|(?i:\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=\p{L}))"  # French elision: l' + homme
    rf"|(?:(?![{UNSPACED}])[\p{{L}}\p{{M}}\p{{N}}_\u200c\u200d])+(?:['’](?![{UNSPACED}])\p{{L}}+)*"
    r"|\X"  # one sign, an emoji with all that joins it
)
#: Bidirectional overrides can make a picture lie about the order of letters.
OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def cleaned(text: str) -> tuple[str, bool]:
    """The text without control characters, and whether there were any; Refused when nothing is left to read."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in text.translate(OVERRIDES))
    kept = unicodedata.normalize("NFC", " ".join(kept.split()))
    if not any(unicodedata.category(c)[0] not in "ZC" for c in kept):
        raise Refused("There is no text to read. Type a sentence, or choose an example.")
    changed = any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") and c not in "\n\r\t" for c in text)
    return kept, changed or text.translate(OVERRIDES) != text


def words_of(text: str) -> list[int]:
    """For every character the index of its word, -1 for white space; punctuation and signs are words of their own."""
    owner, count = [-1] * len(text), 0
    for match in WORD.finditer(text):
        if match.group().isspace():
            continue
        owner[match.start() : match.end()] = [count] * (match.end() - match.start())
        count += 1
    return owner


def group(owner: list[int], spans: Sequence[tuple[int, int]]) -> list[int]:
    """A word index for every piece, counted along the sequence; pieces that touch one word share its index."""
    groups, last, reach = [], -1, -2
    for start, end in spans:
        touched = [w for w in owner[start:end] if w >= 0]
        if not touched:  # a lone boundary mark: it opens the word that follows
            following = next((w for w in owner[end:] if w >= 0), reach + 1)
            touched = [following]
        if touched[0] > reach:
            last += 1
        reach = max(reach, touched[-1])
        groups.append(last)
    return groups


def byte_letters() -> dict[str, int]:
    """GPT-2's letters for bytes: printable Latin-1 stands for itself, the rest from U+0100 up."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(rest)}


BYTE_OF = byte_letters()


def shown(piece: str, style: str) -> str:
    """A piece without its word-boundary marks; bytes that are no whole letter in hexadecimal."""
    if style == "bytes":
        raw = bytes(BYTE_OF.get(c, 0x3F) for c in piece)
        try:
            text = raw.decode("utf-8").strip(" ")
        except UnicodeDecodeError:
            return "".join(f"<0x{b:02X}>" for b in raw)
        return text or "␣"
    if style == "wordpiece":
        return piece.removeprefix("##")
    return piece.removeprefix(BOUNDARY).replace(BOUNDARY, " ").removesuffix("</w>") or "␣"


def style_of(tokenizer) -> str:
    """'bytes' (GPT-2), 'wordpiece' (BERT) or 'sentencepiece', read from the vocabulary."""
    vocabulary = tokenizer.get_vocab()
    if "Ġ" in vocabulary or any(piece.startswith("Ġ") for piece in vocabulary):
        return "bytes"
    if any(piece.startswith("##") and len(piece) > 2 for piece in vocabulary):
        return "wordpiece"
    return "sentencepiece"


def from_marks(pieces: Sequence[str], special: Sequence[bool], style: str) -> list[int]:
    """Word indices from the marks in the pieces alone, for tokenizers that cannot say where a piece came from."""
    words, last, previous = [], -1, ""
    for piece, is_special in zip(pieces, special, strict=True):
        text = shown(piece, style)
        opens = {
            "wordpiece": not piece.startswith("##"),
            "bytes": piece.startswith("Ġ"),
            "sentencepiece": piece.startswith(BOUNDARY),
        }[style]
        sign = not any(c.isalnum() for c in text)
        if not is_special and (opens or last < 0 or sign or previous == "sign") and previous != "mark":
            last += 1
        previous = "special" if is_special else "mark" if text == "␣" else "sign" if sign else "letters"
        words.append(-1 if is_special else last)
    return words


def tokens_of(tokenizer, encoded, texts: Sequence[str]) -> tuple[Token, ...]:
    """Tokens of one encoded text or pair.

    encoded: what tokenizer(..., return_offsets_mapping=True) gave for one row (offsets absent when there are none).
    texts: what was given to it, first and second text.
    """
    ids = list(encoded["input_ids"])
    pieces = tokenizer.convert_ids_to_tokens(ids)
    special = [i in set(tokenizer.all_special_ids) for i in ids]
    style = style_of(tokenizer)
    segments = sequence_ids(encoded, ids, special)
    if "offset_mapping" in encoded:
        words = words_by_offsets(encoded["offset_mapping"], segments, special, texts)
    else:
        words = from_marks(pieces, special, style)
    return tuple(
        Token(text=piece if s else shown(piece, style), id=i, word=w, special=s, segment=segment)
        for piece, i, w, s, segment in zip(pieces, ids, words, special, segments, strict=True)
    )


def sequence_ids(encoded, ids: list[int], special: list[bool]) -> list[int]:
    """0 for the first text and 1 for the second; a special token counts to the text before it."""
    known = encoded.get("token_type_ids")
    try:
        known = encoded.sequence_ids(0)
    except (AttributeError, ValueError):
        known = known or [0] * len(ids)
    segments, last = [], 0
    for value, is_special in zip(known, special, strict=True):
        last = last if is_special or value is None else value
        segments.append(last)
    return segments


def words_by_offsets(offsets, segments: list[int], special: list[bool], texts: Sequence[str]) -> list[int]:
    """Word indices from where each piece stands in its text; the second text's words count on from the first's."""
    words, base = [-1] * len(special), 0
    for segment, text in enumerate(texts):
        places = [i for i, s in enumerate(segments) if s == segment and not special[i]]
        indices = group(words_of(text), [tuple(offsets[i]) for i in places])
        for place, index in zip(places, indices, strict=True):
            words[place] = base + index
        base += max(indices, default=-1) + 1
    return words
