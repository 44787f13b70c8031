"""From a tokenizer's output to Tokens: each piece as people read it, and the word it belongs to."""

from __future__ import annotations

import codecs
import itertools
import json
from collections.abc import Sequence
from typing import Any, Literal

import regex

from core.tokens.words import group
from core.types import Token

Style = Literal["bytes", "wordpiece", "sentencepiece", "suffix", "utf8", "plain"]
BOUNDARY = "▁"  # SentencePiece's mark in front of a word
SUFFIX = "</w>"  # the mark behind a word in CLIP's kind
#: White space that is drawn as a sign, in a piece and at its edges.
VISIBLE = str.maketrans({"\n": "⏎", "\r": "␍", "\t": "⇥"})


def style_of(tokenizer: Any) -> Style:
    """How a tokenizer writes its pieces, read off its own decoder, pre-tokenizer and model; letters tell nothing."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return _style_of_slow(tokenizer)
    kinds = _kinds(backend.decoder) | _kinds(backend.pre_tokenizer)
    if getattr(backend.model, "end_of_word_suffix", None):
        return "suffix"
    if "ByteLevel" in kinds:
        return "bytes"
    if "WordPiece" in kinds or type(backend.model).__name__ == "WordPiece":
        return "wordpiece"
    if kinds & {"Metaspace", "ByteFallback"} or type(backend.model).__name__ == "Unigram":
        return "sentencepiece"
    return "plain"


def _kinds(part: Any) -> set[str]:
    """The types of which a decoder or pre-tokenizer is put together."""
    if part is None:
        return set()
    try:
        state = json.loads(part.__getstate__())
    except (AttributeError, TypeError, ValueError):  # one written in Python says nothing of itself
        return {type(part).__name__}
    found, open_parts = set(), [state]
    while open_parts:
        here = open_parts.pop()
        if isinstance(here, dict):
            found.add(str(here.get("type", "")))
        open_parts += here.values() if isinstance(here, dict) else here if isinstance(here, list) else []
    return found


def _style_of_slow(tokenizer: Any) -> Style:
    """The same for a tokenizer that is written in Python."""
    if hasattr(tokenizer, "_utf_vocab_size"):
        return "utf8"
    if hasattr(tokenizer, "byte_decoder"):
        return "bytes"
    if hasattr(tokenizer, "wordpiece_tokenizer"):
        return "wordpiece"
    if any(hasattr(tokenizer, name) for name in ("sp_model", "spm_source", "spm")):
        return "sentencepiece"
    return "suffix" if hasattr(tokenizer, "bpe_ranks") else "plain"


def byte_letters() -> dict[str, int]:
    """GPT-2's letters for bytes: printable Latin-1 stands for itself, the rest from U+0100 up."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in printable]
    return {chr(b): b for b in printable} | {chr(256 + i): b for i, b in enumerate(rest)}


BYTE_OF = byte_letters()
#: Bytes that are no whole letter, as pieces are shown.
BYTES = regex.compile(r"(?:‹[0-9A-F]{2}›)+")
FALLBACK = regex.compile(r"<0x([0-9A-F]{2})>")


def _as_hexadecimal(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "".join(f"‹{byte:02X}›" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("gaze bytes", _as_hexadecimal)


def raw(piece: str, style: Style) -> str:
    """The text that a piece stands for, its opening space included; bytes that are no whole letter as ‹E2›."""
    if style in ("bytes", "suffix"):
        ends = style == "suffix" and piece.endswith(SUFFIX)
        piece = piece.removesuffix(SUFFIX) if ends else piece
        # Tokens that were added to a vocabulary are written as they are, spaces too.
        if all(letter in BYTE_OF for letter in piece):
            piece = bytes(BYTE_OF[letter] for letter in piece).decode("utf-8", "gaze bytes")
        return piece
    if style == "wordpiece":
        return piece.removeprefix("##") if len(piece) > 2 else piece
    if style == "utf8":
        codes = [ord(letter) for letter in piece]
        return bytes(codes).decode("utf-8", "gaze bytes") if max(codes, default=256) < 256 else piece
    if style == "sentencepiece":
        byte = FALLBACK.fullmatch(piece)
        return bytes.fromhex(byte[1]).decode("utf-8", "gaze bytes") if byte else piece.replace(BOUNDARY, " ")
    return piece


def shown(piece: str, style: Style) -> str:
    """A piece as people read it: the space that opens a word is left away, other white space is made visible."""
    text = raw(piece, style)
    letters = text.strip(" ")
    if not letters:
        return "␣" * max(1, len(text))
    left, right = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    return "␣" * (left - 1) + letters.translate(VISIBLE) + "␣" * right


def lettered(texts: Sequence[str]) -> list[str]:
    """Shown pieces of one text, in order: in front of bytes that only together are a letter stands that letter.

    "‹F0›‹9F›", "‹99›‹82›" become "🙂‹F0›‹9F›", "🙂‹99›‹82›"; bytes that make no letter stay alone.
    """
    found = list(texts)
    for is_run, places in itertools.groupby(range(len(texts)), lambda place: bool(BYTES.fullmatch(texts[place]))):
        if is_run:
            run = [*places]
            codes = [bytes_in(texts[place]) for place in run]
            whole = b"".join(codes).decode("utf-8", "surrogateescape")
            letter_of = [letter for letter in whole for _ in letter.encode("utf-8", "surrogateescape")]
            ends = [0, *itertools.accumulate(map(len, codes))]
            for place, (begin, end) in zip(run, itertools.pairwise(ends), strict=True):
                letters = "".join(dict.fromkeys(one for one in letter_of[begin:end] if one.isprintable()))
                found[place] = letters + texts[place]
    return found


def bytes_in(text: str) -> bytes:
    """The bytes of a text that is written as ‹E2›‹82›."""
    return bytes.fromhex(text.replace("‹", "").replace("›", ""))


def opens(piece: str, style: Style) -> bool:
    """Whether a piece carries the mark of a new word in front of it."""
    if style == "wordpiece":
        return not piece.startswith("##")
    return style != "suffix" and raw(piece, style).startswith(" ")


def from_marks(pieces: Sequence[str], special: Sequence[bool], style: Style) -> list[int]:
    """Word indices from the pieces alone, for tokenizers that cannot say where a piece came from."""
    text, spans, ended = "", [], True
    for piece, is_special in zip(pieces, special, strict=True):
        if is_special:
            ended = True
            continue
        letters = raw(piece, style)
        if (ended or opens(piece, style)) and not letters.startswith(" "):
            letters = " " + letters
        spans.append((len(text), len(text) + len(letters)))
        text, ended = text + letters, style == "suffix" and piece.endswith(SUFFIX)
    words = iter(group(text, spans))
    return [-1 if is_special else next(words) for is_special in special]


# --- tokens -----------------------------------------------------------------------------------------------------------


def unknown_id(tokenizer: Any) -> int | None:
    """The number of the piece that stands for words which the vocabulary lacks; None where there is no such piece.

    GPT-2's kind has bytes for everything: there the name of the unknown piece is that of the end of a text.
    """
    own = tokenizer.unk_token_id
    return None if own in (tokenizer.bos_token_id, tokenizer.eos_token_id) else own


def special_ids(tokenizer: Any) -> set[int]:
    """Numbers of what a model adds to a text; an unknown word is a word of the text."""
    return set(tokenizer.all_special_ids) - {unknown_id(tokenizer)}


def tokens_of(tokenizer: Any, encoded: Any, texts: Sequence[str]) -> tuple[Token, ...]:
    """Tokens of one encoded text or pair.

    encoded: what tokenizer(..., return_offsets_mapping=True) gave for one row (offsets absent when there are none).
    texts: what was given to it, first and second text.
    """
    ids = list(encoded["input_ids"])
    pieces = names_of(tokenizer, ids)
    specials, unknown = special_ids(tokenizer), unknown_id(tokenizer)
    special = [i in specials for i in ids]
    style = style_of(tokenizer)
    segments = sequence_ids(encoded, ids, special)
    if "offset_mapping" in encoded:
        words = words_by_offsets(encoded["offset_mapping"], segments, special, texts)
    else:
        words = from_marks(pieces, special, style)
    return tuple(
        Token(text=piece if s or i == unknown else shown(piece, style), id=i, word=w, special=s, segment=segment)
        for piece, i, w, s, segment in zip(pieces, ids, words, special, segments, strict=True)
    )


def names_of(tokenizer: Any, ids: Sequence[int]) -> list[str]:
    """The pieces behind some numbers; a number without a piece, as padded vocabularies have, is named by itself."""
    return [
        f"‹{i}›" if piece is None else piece
        for i, piece in zip(ids, tokenizer.convert_ids_to_tokens(list(ids)), strict=True)
    ]


def sequence_ids(encoded: Any, ids: list[int], special: list[bool]) -> list[int]:
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


def words_by_offsets(
    offsets: Sequence[Sequence[int]], segments: list[int], special: list[bool], texts: Sequence[str]
) -> list[int]:
    """Word indices from where each piece stands in its text; the second text's words count on from the first's."""
    words, base = [-1] * len(special), 0
    for segment, text in enumerate(texts):
        places = [i for i, s in enumerate(segments) if s == segment and not special[i]]
        indices = group(text, [(offsets[i][0], offsets[i][1]) for i in places])
        for place, index in zip(places, indices, strict=True):
            words[place] = base + index
        base += max(indices, default=-1) + 1
    return words
