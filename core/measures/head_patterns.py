"""What a head does in a text beyond a mean weight: patterns, its strongest edge, words that are given and take."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.types import Token

#: Pattern -> (title, what an edge of it points at); the order in which they are offered.
PATTERNS = {
    "previous": ("Previous token", "the previous token"),
    "next": ("Next token", "the next token"),
    "diagonal": ("Itself", "the token itself"),
    "first": ("First token", "the first token"),
    "separator": ("Separators", "a special token after the first"),
    "punctuation": ("Punctuation", "a sign of punctuation"),
    "same": ("Same word", "the same word elsewhere"),
    "subword": ("Same word's pieces", "another piece of its own word"),
    "rare": ("Rarest word", "the rarest word of the sentence"),
}
#: Measures of a text that core.measures.attention has not: name -> (title, what it says).
MORE_MEASURES = {
    "punctuation": ("Punctuation", "weight on signs of punctuation, in texts that have one"),
    "same": ("Same word", "weight on the same word elsewhere, of words that come twice"),
    "subword": ("Same word's pieces", "weight on the other pieces of a word, of words in pieces"),
    "rare": ("Rarest word", "weight on the word of the text that is rarest in all texts, of the other words"),
    "induction": ("Induction", "in a text said twice, weight on the token that came next the first time"),
}


def patterns(
    rows: tuple[Token, ...], columns: tuple[Token, ...], count: Callable[[str], int], *, self_attention: bool
) -> dict[str, np.ndarray]:
    """Where each pattern lies in the map of a text: {name: bool [row, column]}.

    count(word): how often a word stands in all texts. Those that compare places need rows and columns to be the same.
    """
    names = words_of(columns)
    special = np.array([token.special for token in columns])
    signs = np.array([bool(name) and not has_letters(name) for name in names])
    every = np.ones((len(rows), len(columns)), bool)
    same = np.array([[has_letters(asking) and asking == name for name in names] for asking in words_of(rows)])
    owners = np.array([token.word for token in columns])
    rarest = _rarest(columns, names, count)
    found = {
        "first": every & (np.arange(len(columns)) == 0),
        "separator": every & (special & (np.arange(len(columns)) > 0)),
        "punctuation": every & signs,
        "rare": every & (owners == rarest) if rarest >= 0 else ~every,
    }
    if self_attention and len(rows) == len(columns):
        apart = np.arange(len(columns)) - np.arange(len(rows))[:, None]
        ours = (owners == owners[:, None]) & ~special & ~special[:, None]
        found |= {"previous": apart == -1, "next": apart == 1, "diagonal": apart == 0}
        found["subword"] = ours & (apart != 0)
        found["rare"] &= ~ours
        same &= ~ours
    found["same"] = same
    return {name: found[name] for name in PATTERNS if name in found}


def has_letters(name: str) -> bool:
    """Whether a word has a letter or a digit; marks of scripts that join to letters stand with one."""
    return any(map(str.isalnum, name))


def words_of(tokens: tuple[Token, ...]) -> list[str]:
    """For every token the word that it belongs to, in small letters; empty for special tokens."""
    texts: dict[int, str] = {}
    for token in tokens:
        if not token.special:
            texts[token.word] = texts.get(token.word, "") + token.text.replace("␣", "")
    return ["" if token.special else texts[token.word].casefold() for token in tokens]


def _rarest(tokens: tuple[Token, ...], names: list[str], count: Callable[[str], int]) -> int:
    """The index of the rarest word that has letters, the first of equals; -1 where there is none."""
    some = [(count(name), at) for at, name in enumerate(names) if has_letters(name)]
    return tokens[min(some)[1]].word if some else -1


def shares(maps: np.ndarray, where: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What each head gives a pattern: maps[head, row, column] -> {name: [head]}, NaN where the text does not have it.

    Each is the mean, over the rows in which the pattern has a column, of the weight on these columns.
    """
    found = {}
    for name, pattern in where.items():
        rows = np.flatnonzero(pattern.any(axis=1))
        given = np.einsum("hqk,qk->hq", maps[:, rows], pattern[rows].astype(maps.dtype))
        found[name] = given.mean(axis=1) if len(rows) else np.full(len(maps), np.nan)
    return found


def strongest(maps: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The greatest weight of each head among allowed cells: (row, column, weight), each [head]; ties to the first.

    maps[head, row, column]; allowed [row, column], True somewhere.
    """
    flat = np.where(allowed, maps, -1.0).reshape(len(maps), -1)
    best = flat.argmax(axis=1)
    rows, columns = np.unravel_index(best, allowed.shape)
    return rows, columns, flat[np.arange(len(flat)), best]


def asking(rows: tuple[Token, ...], columns: tuple[Token, ...], *, self_attention: bool) -> np.ndarray:
    """Cells in which a strongest edge is looked for: rows of tokens of the text, bool [row, column].

    The first two rows of self-attention are left out: there the previous token is the first one or none, and in a
    decoder they see hardly anything else.
    """
    own = np.array([not token.special for token in rows])
    if self_attention and len(rows) == len(columns):
        own[:2] = False
    return np.repeat(own[:, None], len(columns), axis=1)


def between(rows: tuple[Token, ...], columns: tuple[Token, ...], *, self_attention: bool) -> np.ndarray:
    """Cells from a token of the text to another one, special tokens left out: bool [row, column]."""
    allowed = np.outer([not token.special for token in rows], [not token.special for token in columns])
    if self_attention and len(rows) == len(columns):
        np.fill_diagonal(allowed, val=False)
    return allowed


def given_and_taken(maps: np.ndarray, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(what a column is given by a row on average [head, column], what a row takes from all columns [head, row]).

    maps[head, row, column] over words; allowed: as between says. NaN for what has no allowed cell.
    """
    kept = maps * allowed
    with np.errstate(invalid="ignore"):
        given = kept.sum(axis=1) / allowed.sum(axis=0)
        return given, np.where(allowed.any(axis=1), kept.sum(axis=2), np.nan)


def induction(maps: np.ndarray, ids: tuple[int, ...], first: int, length: int) -> np.ndarray:
    """What each head gives, in a text said twice, to the token that came next the first time: [head].

    maps[head, row, column]; the text is `length` tokens from place `first` on, and the same again behind it. Its first
    token is left out, which many tokenizers read differently behind a space, and its last, which nothing of the text
    followed the first time. ValueError: it is too short, or not the same twice.
    """
    once, again = ids[first : first + length], ids[first + length : first + 2 * length]
    if length < 3 or once[1:] != again[1:]:
        raise ValueError("the text is not said twice")
    rows = np.arange(first + length + 1, first + 2 * length - 1)
    return np.asarray(maps[:, rows, rows - length + 1].mean(axis=1))


def likeness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How alike rows of weights are, 0 to 1: 1 - the Jensen-Shannon divergence in bits (Lin 1991), over the last axis.

    Both [..., column] >= 0; rows are scaled to sum to 1.
    """
    p, q = (part / np.maximum(part.sum(axis=-1, keepdims=True), 1e-12) for part in (one, other))
    middle = (p + q) / 2

    def bits(part: np.ndarray) -> np.ndarray:
        ratio = np.where(part > 0, part, middle) / np.maximum(middle, 1e-300)
        return np.asarray((part * np.log2(np.where(part > 0, ratio, 1.0))).sum(axis=-1))

    return np.asarray(1 - (bits(p) + bits(q)) / 2)
