"""Word vectors as word2vec learns them: windows, negatives, loss and gradients, neighbours, analogies, scores.

Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.measures.projection import units

POWER = 0.75  # of a word's count: how often it is drawn as a negative


def context(length: int, place: int, window: int) -> list[int]:
    """The places up to `window` away on both sides, inside a sentence of so many words, without the place itself."""
    return [i for i in range(max(0, place - window), min(length, place + window + 1)) if i != place]


def contexts(sentences: np.ndarray, window: int) -> np.ndarray:
    """Contexts of every word of a text [n, 2 window], as places in the text; -1 where a sentence ends.

    sentences [n]: the number of the sentence that each word stands in, never falling.
    """
    here = np.arange(len(sentences))[:, None]
    steps = np.concatenate([np.arange(-window, 0), np.arange(1, window + 1)])
    there = here + steps
    inside = (there >= 0) & (there < len(sentences))
    same = sentences[np.clip(there, 0, max(0, len(sentences) - 1))] == sentences[:, None]
    return np.where(inside & same, there, -1)


def noise(counts: np.ndarray) -> np.ndarray:
    """How likely each word is drawn as a negative [word], from how often it occurs: count^0.75, summing to 1."""
    weights = np.asarray(counts, np.float64) ** POWER
    return weights / weights.sum()


def kept_share(counts: np.ndarray, threshold: float) -> np.ndarray:
    """How likely one occurrence of each word is kept [word]: sqrt(threshold / frequency), at most 1; 0 keeps all."""
    if not threshold:
        return np.ones(len(counts))
    return np.minimum(1, np.sqrt(threshold * counts.sum() / np.maximum(counts, 1)))


def loss_and_gradients(
    centre: np.ndarray, positive: np.ndarray, negatives: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """(loss, its gradients by the three) of one pair with its negatives.

    centre, positive [width], negatives [k, width]. loss = -ln s(c.p) - sum ln s(-c.n), s the logistic function.
    """
    outputs = np.concatenate([positive[None], negatives])
    scores = outputs @ centre
    label = np.zeros(len(outputs))
    label[0] = 1
    loss = float(np.logaddexp(0, np.where(label == 1, -scores, scores)).sum())
    slope = 1 / (1 + np.exp(-scores)) - label
    of_outputs = slope[:, None] * centre
    return loss, slope @ outputs, of_outputs[0], of_outputs[1:]


def nearest(vectors: np.ndarray, query: np.ndarray, most: int, without: Sequence[int] = ()) -> list[tuple[int, float]]:
    """The words whose vectors have the largest cosine with a query: (word, cosine), best first."""
    cosines = units(vectors) @ units(query[None])[0]
    cosines[list(without)] = -np.inf
    order = np.argsort(-cosines, kind="stable")[:most]
    return [(int(i), float(cosines[i])) for i in order if np.isfinite(cosines[i])]


def analogy(vectors: np.ndarray, a: int, b: int, c: int, most: int = 5) -> list[tuple[int, float]]:
    """What is to c as b is to a: nearest to b - a + c, all of length 1, the three themselves left out."""
    one = units(vectors[[a, b, c]])
    return nearest(vectors, one[1] - one[0] + one[2], most, (a, b, c))


def neighbours_score(
    vectors: np.ndarray, places: Mapping[str, int], groups: Mapping[str, Sequence[str]]
) -> float | None:
    """Of the nearest words of each listed word, as many as its group has others: the share that is of its group.

    Words that have no place are left out; None: fewer than two groups have two words.
    """
    found = [[places[word] for word in words if word in places] for words in groups.values()]
    found = [some for some in found if len(some) > 1]
    if len(found) < 2:
        return None
    listed = np.array([place for some in found for place in some])
    group = np.repeat(np.arange(len(found)), [len(some) for some in found])
    one = units(vectors[listed])
    cosines = one @ one.T
    np.fill_diagonal(cosines, -np.inf)
    shares = []
    for row, own in enumerate(group):
        others = int((group == own).sum()) - 1
        best = np.argsort(-cosines[row], kind="stable")[:others]
        shares.append(float((group[best] == own).mean()))
    return float(np.mean(shares))


def analogies_score(
    vectors: np.ndarray, places: Mapping[str, int], some: Sequence[tuple[str, str, str, str]]
) -> tuple[float, int] | None:
    """(share of analogies whose fourth word comes first among all words, how many were asked); None: none could be."""
    rows = np.array([[places[word] for word in row] for row in some if all(word in places for word in row)])
    if not len(rows):
        return None
    one = units(vectors)
    cosines = (one[rows[:, 1]] - one[rows[:, 0]] + one[rows[:, 2]]) @ one.T
    cosines[np.arange(len(rows))[:, None], rows[:, :3]] = -np.inf
    return float((cosines.argmax(axis=1) == rows[:, 3]).mean()), len(rows)
