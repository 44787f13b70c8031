"""How tokenizers are asked, without the weights of their models: a name and a text become a Tokenized."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.cache import Cache, Progress
from core.measures.tokenizers import Piece, Tokenized
from core.requests import Spacing
from core.store.cards import ModelCard
from core.store.checkpoint import has_vocabulary
from core.store.folders import base_of
from core.store.foreign import unpacked
from core.store.loading import loaded
from core.store.opening import locate
from core.store.revisions import kept, revision_of
from core.store.shelf import card_for
from core.tokens import (
    cleaned,
    from_marks,
    names_of,
    shown,
    special_ids,
    style_of,
    unknown_id,
    words_by_offsets,
    words_of,
)
from core.types import Refused

KINDS = {
    "wordpiece": "WordPiece",
    "bytes": "byte pairs",
    "suffix": "byte pairs",
    "sentencepiece": "SentencePiece",
    "utf8": "bytes",
    "plain": "whole words or letters",
}
TOKENIZER_BYTES = 40_000_000  # a real vocabulary in memory, roughly; they cannot be measured
#: Opened tokenizers: they cannot be made again as cheaply as an answer, and are few.
TOKENIZERS = Cache(400_000_000, lambda _: TOKENIZER_BYTES)


@dataclass(frozen=True, slots=True)
class Reader:
    """A tokenizer in words."""

    name: str
    title: str
    kind: str  # one of KINDS' values
    vocabulary: int  # pieces


def open_tokenizer(name: str, progress: Progress | None = None) -> Any:
    """The tokenizer of a model by shelf name, hub id or folder; a folder needs no weights.

    Refused: the name leads nowhere, or there is no tokenizer.
    """
    card = card_for(name)
    key = (card.id, revision_of(name))
    return TOKENIZERS.get(key, lambda progress, cancelled: _open(card, progress, cancelled), progress)


def _open(card: ModelCard, progress: Progress, cancelled: Any) -> Any:
    from core.capture.libraries import AutoTokenizer

    folder = Path(card.id) if card.folder else locate(card, progress, cancelled)
    if has_vocabulary(folder):
        return loaded(card, AutoTokenizer, folder)
    packed, base = unpacked(folder, card.title), base_of(folder)
    if packed is not None:
        return loaded(card, AutoTokenizer, folder, **packed.options)
    if base:  # an adapter reads as its model does
        return open_tokenizer(base, progress)
    raise Refused(f"{card.title} has no tokenizer. Choose a model that reads text.")


@kept
def reader(name: str) -> Reader:
    """What is said about a tokenizer."""
    tokenizer = open_tokenizer(name)
    return Reader(name, card_for(name).title, KINDS[style_of(tokenizer)], len(tokenizer))


@kept
def tokenize(name: str, text: str, spacing: Spacing = "typed") -> Tokenized:
    """A text as a model's tokenizer cuts it, special tokens included. Refused for a text with nothing to read."""
    tokenizer = open_tokenizer(name)
    text = cleaned(text, tidy=spacing == "tidy")
    encoded = tokenizer(text, return_offsets_mapping=tokenizer.is_fast, verbose=False)
    return Tokenized(text, pieces_of(tokenizer, encoded, text), max(words_of(text)) + 1)


def pieces_of(tokenizer: Any, encoded: Any, text: str) -> tuple[Piece, ...]:
    """Pieces of one encoded text, each with what it covers."""
    ids, style = list(encoded["input_ids"]), style_of(tokenizer)
    names = names_of(tokenizer, ids)
    unknown = [i == unknown_id(tokenizer) for i in ids]
    specials = special_ids(tokenizer)
    special = [i in specials for i in ids]
    spans = encoded.get("offset_mapping") or [(0, 0)] * len(ids)
    if "offset_mapping" in encoded:
        words = words_by_offsets(spans, [0] * len(ids), special, [text])
    else:
        words = from_marks(names, special, style)
    return tuple(
        Piece(name if s or u else shown(name, style), i, w, s, u, text[slice(*span)])
        for name, i, w, s, u, span in zip(names, ids, words, special, unknown, spans, strict=True)
    )


def cuts(name: str, texts: Sequence[str]) -> list[Tokenized]:
    return [tokenize(name, text) for text in texts]
