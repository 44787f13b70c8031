"""What tokenizers make of texts: pieces per word, pieces that two texts share, and what is lost as unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a text, and the part of the text that it stands for."""

    text: str  # as shown: no word-boundary marks
    id: int
    word: int  # index of the word it belongs to; -1 for a special token
    special: bool = False  # added by the model: [CLS], </s>
    unknown: bool = False  # the vocabulary has no piece for this part of the text
    covers: str = ""  # the characters of the text; empty where the tokenizer cannot say


@dataclass(frozen=True, slots=True)
class Tokenized:
    """One text as one tokenizer cuts it."""

    text: str
    pieces: tuple[Piece, ...]
    words: int  # of the text itself, so that all tokenizers are held to the same count


def own(cut: Tokenized) -> tuple[Piece, ...]:
    """The pieces of the text, without what the model adds."""
    return tuple(piece for piece in cut.pieces if not piece.special)


def fertility(cuts: Sequence[Tokenized]) -> float:
    """Pieces per word over all texts (Rust et al. 2021); NaN without a word.

    Words are those of core.tokens.words_of: signs count, and so does every character of scripts without spaces,
    but for katakana, whose runs are one.
    """
    words = sum(cut.words for cut in cuts)
    return sum(len(own(cut)) for cut in cuts) / words if words else float("nan")


def unknown_share(cuts: Sequence[Tokenized]) -> float:
    """Share of the pieces that stand for something the vocabulary lacks; 0 without a piece."""
    pieces = [piece for cut in cuts for piece in own(cut)]
    return sum(piece.unknown for piece in pieces) / len(pieces) if pieces else 0.0


def premium(cuts: Sequence[Tokenized], base: Sequence[Tokenized]) -> float:
    """How many pieces a language takes for what the base says in one (Petrov et al. 2023); NaN without a base piece."""
    count = sum(len(own(cut)) for cut in base)
    return sum(len(own(cut)) for cut in cuts) / count if count else float("nan")


def known(cut: Tokenized) -> frozenset[int]:
    """Ids of the distinct pieces of a text: unknown ones are left out, since two unknowns are not the same thing."""
    return frozenset(piece.id for piece in own(cut) if not piece.unknown)


def shared(cuts: Sequence[Tokenized]) -> np.ndarray:
    """Counts [text, text] of distinct pieces that occur in both; the diagonal counts a text's own."""
    sets = [known(cut) for cut in cuts]
    return np.array([[len(a & b) for b in sets] for a in sets], dtype=np.int64).reshape(len(sets), len(sets))


def overlap(cuts: Sequence[Tokenized]) -> np.ndarray:
    """Shared pieces as a share of all distinct pieces of the two texts [text, text] (Jaccard); 0 where there are none.

    1 on the diagonal, unless a text is all unknown.
    """
    both = shared(cuts).astype(float)
    own_count = both.diagonal()
    either = own_count[:, None] + own_count[None] - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def in_both(a: Tokenized, b: Tokenized) -> tuple[str, ...]:
    """The pieces that two texts share, as shown, in the order of the first."""
    common = known(a) & known(b)
    found = {piece.id: piece.text for piece in own(a) if piece.id in common}
    return tuple(found.values())


def pooled_overlap(some: Sequence[Tokenized], others: Sequence[Tokenized]) -> float:
    """Shared pieces of two languages as a share of all their distinct pieces (Jaccard), their texts taken together."""
    a, b = (frozenset().union(*(known(cut) for cut in side)) for side in (some, others))
    return len(a & b) / len(a | b) if a | b else 0.0
