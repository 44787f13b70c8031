"""Word alignment: links read off a matrix, and how far they are from gold."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy.optimize import linear_sum_assignment

from core.measures.attention import shown_as
from core.requests import THRESHOLD, Link, LinkMethod
from core.types import Attention, Display

ROUNDS, ALPHA = 2, 0.9  # of itermax, as its paper uses it
DISTORTION = 0.5  # kappa, as SimAlign uses it

Mark = TypeVar("Mark")  # what is linked: a Link, or one with its sentence


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


def itermax(similarity: np.ndarray, rounds: int = ROUNDS, alpha: float = ALPHA) -> set[Link]:
    """Argmax again and again: words that have no link yet find one, at a discount alpha if the other has one already.

    similarity[i, j] >= 0. SimAlign's "Itermax" (Jalili Sabet et al. 2020, algorithm 1).
    """
    found = argmax(similarity)
    similarity = np.asarray(similarity)
    if min(similarity.shape) <= 2:  # the first round leaves nothing worth a second one
        return found
    for _ in range(rounds - 1):
        row_free, column_free = np.ones(similarity.shape[0], bool), np.ones(similarity.shape[1], bool)
        row_free[[i for i, _ in found]] = column_free[[j for _, j in found]] = False
        if not (row_free.any() and column_free.any()):
            break
        either = row_free[:, None] | column_free
        discount = np.where(row_free[:, None] & column_free, 1.0, np.where(either, alpha, 0.0))
        more = {link for link in argmax(similarity * discount) if either[link]}
        if more <= found:
            break
        found |= more
    return found


def match(similarity: np.ndarray) -> set[Link]:
    """The links of greatest total similarity in which no word is linked twice: as many as the shorter side has words.

    SimAlign's "Match": an assignment problem, solved exactly.
    """
    rows, columns = linear_sum_assignment(np.asarray(similarity), maximize=True)
    return {(int(i), int(j)) for i, j in zip(rows, columns, strict=True)}


def softmax(products: np.ndarray, threshold: float = THRESHOLD) -> set[Link]:
    """Links whose softmax is above the threshold over their row and over their column alike.

    products[i, j]: dot products of hidden states. awesome-align (Dou & Neubig 2021, section 2.1).
    """
    forward, backward = both_ways(products)
    return {(int(i), int(j)) for i, j in np.argwhere((forward > threshold) & (backward > threshold))}


def both_ways(products: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Softmax over the target words of every source word, and over the source words of every target word."""
    products = np.asarray(products, np.float64)
    if 0 in products.shape:
        return products, products
    ways = (np.exp(products - products.max(axis=axis, keepdims=True)) for axis in (1, 0))
    forward, backward = (way / way.sum(axis=axis, keepdims=True) for way, axis in zip(ways, (1, 0), strict=True))
    return forward, backward


def distorted(similarity: np.ndarray, kappa: float = DISTORTION) -> np.ndarray:
    """Similarity lowered far from the diagonal: times 1 - kappa (i/(m-1) - j/(n-1))^2 (SimAlign, section 2.3)."""
    similarity = np.asarray(similarity)
    m, n = similarity.shape
    if min(m, n) < 2:
        return similarity
    apart = np.arange(m)[:, None] / (m - 1) - np.arange(n) / (n - 1)
    return similarity * (1 - kappa * apart**2)


def uncertain(similarity: np.ndarray) -> np.ndarray:
    """For every pair the smaller of two normalised entropies, of its row and of its column: [i, j], from 0 to 1.

    Near 1 a word is as like to all words of the other side: it may have no counterpart. Similarity >= 0.
    """
    similarity = np.asarray(similarity, np.float64)

    def entropy(axis: int) -> np.ndarray:
        count = similarity.shape[axis]
        share = similarity / np.maximum(similarity.sum(axis=axis, keepdims=True), 1e-12)
        logs = np.log(np.where(share > 0, share, 1.0))
        return -(share * logs).sum(axis=axis, keepdims=True) / np.log(max(count, 2))

    return np.minimum(entropy(1), entropy(0))


def without_null(links: Set[Link], similarity: np.ndarray, share: float) -> set[Link]:
    """Without the most uncertain `share` of the links: their words go with none (SimAlign's null alignments)."""
    if not links or not share:
        return set(links)
    order = sorted(links)
    entropy = uncertain(similarity)[tuple(np.array(order).T)]
    return {link for link, one in zip(order, entropy, strict=True) if one <= np.quantile(entropy, 1 - share)}


def one_way(similarity: np.ndarray) -> set[Link]:
    """Every target word with the source word most like it, whatever that one likes best itself."""
    return from_attention(np.asarray(similarity).T) if np.asarray(similarity).size else set()


METHODS = {
    "argmax": "Two words are linked when each is the other's best.",
    "itermax": "Argmax, then once more for words that are still alone, at a discount of 0.9.",
    "match": "Every word once: the pairing whose similarities sum to the most.",
    "softmax": "Linked when the softmax is above the threshold in both directions (awesome-align).",
    "one way": "Every target word takes its best source word, as one does with attention.",
}


def linked(way: LinkMethod, similarity: np.ndarray, products: np.ndarray) -> set[Link]:
    """Links by any method. similarity[i, j] from 0 to 1; products[i, j]: what softmax takes."""
    if 0 in np.shape(similarity):
        return set()
    bent = distorted(similarity, way.kappa)
    if way.method == "softmax":
        links = softmax(products, way.threshold)
    else:
        links = {"argmax": argmax, "itermax": itermax, "match": match, "one way": one_way}[way.method](bent)
    return without_null(links, bent, way.null)


def to_words(links: Set[Link], source: Sequence[int], target: Sequence[int]) -> set[Link]:
    """Links of pieces as links of words: two words are linked when any of their pieces are.

    source, target: for every piece the index of its word.
    """
    return {(source[i], target[j]) for i, j in links}


def diagonal(sources: int, targets: int) -> set[Link]:
    """The alignment of somebody who knows nothing but the lengths: each target word to the same share of the source."""
    return {(min(sources - 1, int((j + 0.5) * sources / targets)), j) for j in range(targets)}


def error_rate(found: Set[Mark], sure: Set[Mark], possible: Set[Mark]) -> float:
    """Alignment error rate 1 - (|A & S| + |A & P|) / (|A| + |S|) (Och & Ney 2003, eq. 7); 0 is perfect.

    Sure links count as possible ones too, whether or not they are listed there.
    """
    if not found and not sure:
        return 0.0
    allowed = set(possible) | set(sure)
    return 1 - (len(set(found) & set(sure)) + len(set(found) & allowed)) / (len(found) + len(sure))


def corpus_error_rate(found: Sequence[Set[Link]], sure: Sequence[Set[Link]], possible: Sequence[Set[Link]]) -> float:
    """The error rate over many sentences: links are counted over all of them before dividing."""
    mark = [(k, link) for k, some in enumerate(found) for link in some]
    wanted = [(k, link) for k, some in enumerate(sure) for link in some]
    allowed = [(k, link) for k, some in enumerate(possible) for link in some]
    return error_rate(set(mark), set(wanted), set(allowed))


@dataclass(frozen=True, slots=True)
class LinkScores:
    """How found links fare against gold, each from 0 to 1."""

    precision: float  # share of the found links that are possible
    recall: float  # share of the sure links that are found
    f1: float  # harmonic mean of the two
    error_rate: float


@dataclass(frozen=True, slots=True)
class Counts:
    """What the scores of one sentence or of many are made of; counts of sentences add up."""

    found: int
    sure: int
    found_sure: int
    found_possible: int  # sure ones among them

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.found + other.found,
            self.sure + other.sure,
            self.found_sure + other.found_sure,
            self.found_possible + other.found_possible,
        )


def counts(found: Set[Link], sure: Set[Link], possible: Set[Link]) -> Counts:
    """The counts of one sentence; sure links count as possible ones too."""
    return Counts(len(found), len(sure), len(found & sure), len(found & (possible | sure)))


def scores_of(some: Sequence[Counts]) -> LinkScores:
    """Scores over sentences: counted over all of them before dividing. Nothing found and nothing wanted is perfect."""
    table = np.array([(c.found, c.sure, c.found_sure, c.found_possible) for c in some]).reshape(-1, 4)
    return LinkScores(*(float(value) for value in _scores(table.sum(axis=0))))


def nearest_to_gold(scores: Sequence[LinkScores]) -> int:
    """Index of the greatest F1, the first of equals: the layer whose links are nearest to gold."""
    return max(range(len(scores)), key=lambda index: scores[index].f1)


def _scores(table: np.ndarray) -> np.ndarray:
    """Precision, recall, F1 and error rate [4, ...] of counts [..., 4]."""
    found, sure, found_sure, found_possible = np.moveaxis(np.asarray(table, np.float64), -1, 0)
    precision = np.where(found > 0, found_possible / np.maximum(found, 1), np.where(sure > 0, 0.0, 1.0))
    recall = np.where(sure > 0, found_sure / np.maximum(sure, 1), 1.0)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    error = np.where(found + sure > 0, 1 - (found_sure + found_possible) / np.maximum(found + sure, 1), 0.0)
    return np.stack([precision, recall, f1, error])


def bootstrap(
    some: Sequence[Counts], rounds: int = 1_000, share: float = 0.95, seed: int = 0
) -> tuple[LinkScores, LinkScores]:
    """Where the scores would lie with other sentences: least and greatest of the middle `share` of resampled sets."""
    table = np.array([(c.found, c.sure, c.found_sure, c.found_possible) for c in some]).reshape(-1, 4)
    drawn = np.random.default_rng(seed).integers(len(table), size=(rounds, len(table)))
    found = _scores(table[drawn].sum(axis=1))  # [score, round]
    low, high = np.quantile(found, [(1 - share) / 2, (1 + share) / 2], axis=1)
    return LinkScores(*map(float, low)), LinkScores(*map(float, high))


def cross_links(cross: Attention, layer: int) -> set[Link]:
    """Word links of a translator's cross-attention at a layer, heads averaged, special tokens left out."""
    rows, columns, weights = shown_as(cross, Display(units="words", special="hide"))
    found = from_attention(weights[layer].mean(axis=0))
    return {(columns[source].word, rows[target].word) for source, target in found}
