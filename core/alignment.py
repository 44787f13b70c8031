"""Word alignment: links read off a matrix, and their error against gold."""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from core.heads import shown_as
from core.types import Attention, Shown

Link = tuple[int, int]


def from_attention(weights: np.ndarray) -> set[Link]:
    """For every target word the source word that it takes most from: weights[target, source] -> {(source, target)}."""
    return {(int(source), target) for target, source in enumerate(np.asarray(weights).argmax(axis=1))}


def argmax(similarity: np.ndarray) -> set[Link]:
    """Links (i, j) that are the best of their row and of their column alike: similarity[i, j]; ties to the first.

    SimAlign's "Argmax" (Jalili Sabet et al. 2020, section 2.2).
    """
    similarity = np.asarray(similarity)
    if 0 in similarity.shape:
        return set()
    forward, backward = similarity.argmax(axis=1), similarity.argmax(axis=0)
    return {(i, int(j)) for i, j in enumerate(forward) if backward[j] == i}


def to_words(links: Set[Link], source: Sequence[int], target: Sequence[int]) -> set[Link]:
    """Links of pieces as links of words: two words are linked when any of their pieces are.

    source, target: for every piece the index of its word.
    """
    return {(source[i], target[j]) for i, j in links}


def diagonal(sources: int, targets: int) -> set[Link]:
    """The alignment of somebody who knows nothing but the lengths: each target word to the same share of the source."""
    return {(min(sources - 1, int((j + 0.5) * sources / targets)), j) for j in range(targets)}


def error_rate(found: Set[Link], sure: Set[Link], possible: Set[Link]) -> float:
    """Alignment error rate 1 - (|A & S| + |A & P|) / (|A| + |S|) (Och & Ney 2003, eq. 7); 0 is perfect.

    Sure links count as possible ones too, whether or not they are listed there.
    """
    if not found and not sure:
        return 0.0
    allowed = set(possible) | set(sure)
    return 1 - (len(set(found) & set(sure)) + len(set(found) & allowed)) / (len(found) + len(sure))


def corpus_error_rate(found: list[Set[Link]], sure: list[Set[Link]], possible: list[Set[Link]]) -> float:
    """The error rate over many sentences: links are counted over all of them before dividing."""
    mark = [(k, link) for k, some in enumerate(found) for link in some]
    wanted = [(k, link) for k, some in enumerate(sure) for link in some]
    allowed = [(k, link) for k, some in enumerate(possible) for link in some]
    return error_rate(set(mark), set(wanted), set(allowed))


def cross_links(cross: Attention, layer: int) -> set[Link]:
    """Word links of a translator's cross-attention at a layer, heads averaged, special tokens left out."""
    rows, columns, weights = shown_as(cross, Shown(units="words", special="hide"))
    found = from_attention(weights[layer].mean(axis=0))
    return {(columns[source].word, rows[target].word) for source, target in found}
