"""Word vectors: windows at the edges, the noise by chi-square, gradients, neighbours and scores by pencil."""

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from core.measures.word_vectors import (
    analogies_score,
    analogy,
    context,
    contexts,
    kept_share,
    loss_and_gradients,
    nearest,
    neighbours_score,
    noise,
)


@pytest.mark.parametrize(
    ("length", "place", "window", "found"),
    [(5, 2, 1, [1, 3]), (5, 0, 2, [1, 2]), (5, 4, 2, [2, 3]), (3, 1, 10, [0, 2]), (1, 0, 3, []), (2, 0, 1, [1])],
)
def test_a_window_ends_where_the_sentence_does(length, place, window, found):
    assert context(length, place, window) == found


def test_windows_of_a_text_are_those_of_its_sentences():
    lengths, window = [1, 4, 2, 7], 3
    sentences = np.repeat(np.arange(4), lengths)
    rows = contexts(sentences, window)
    assert rows.shape == (14, 6)
    begin = 0
    for length in lengths:
        for place in range(length):
            row = rows[begin + place]
            assert [i - begin for i in row[row >= 0]] == context(length, place, window)
        begin += length
    assert contexts(np.zeros(0, int), 2).shape == (0, 4)


def test_negatives_are_drawn_by_the_count_to_three_quarters():
    counts = np.array([1, 16, 81, 256])
    np.testing.assert_allclose(noise(counts), np.array([1, 8, 27, 64]) / 100)
    from core.learning.word_vectors import Learner
    from core.learning.words import Corpus
    from core.requests.learning import WordVectorTraining

    corpus = Corpus(("a", "b", "c", "d"), counts, np.zeros(1, int), np.zeros(1, int), 0)
    drawn = Learner(corpus, WordVectorTraining("a b")).noise_words(100_000)
    seen = np.bincount(drawn.numpy(), minlength=4)
    assert chisquare(seen, 1000 * np.array([1, 8, 27, 64])).pvalue > 0.001
    assert chisquare(seen, 100_000 * counts / counts.sum()).pvalue < 1e-6  # the plain frequency is another distribution


def test_frequent_words_are_left_out_by_chance():
    counts = np.array([900, 100])
    np.testing.assert_allclose(kept_share(counts, 0.09), [np.sqrt(0.1), np.sqrt(0.9)])
    assert kept_share(counts, 1.0).tolist() == [1, 1]
    assert kept_share(counts, 0).tolist() == [1, 1]


def vectors(seed=0):
    chance = np.random.RandomState(seed)
    return chance.randn(4), chance.randn(4), chance.randn(3, 4)


def test_the_loss_of_vectors_of_zeros_is_by_pencil():
    loss, *gradients = loss_and_gradients(np.zeros(2), np.ones(2), np.ones((2, 2)))
    assert loss == pytest.approx(3 * np.log(2))
    np.testing.assert_allclose(gradients[0], [0.5, 0.5])  # (1/2 - 1) + 1/2 + 1/2


def test_gradients_are_those_of_autograd():
    given = [torch.tensor(v, requires_grad=True) for v in vectors()]
    centre, positive, negatives = given
    log = torch.nn.functional.logsigmoid
    loss = -log(centre @ positive) - log(-(negatives @ centre)).sum()
    loss.backward()
    found, *gradients = loss_and_gradients(*vectors())
    assert found == pytest.approx(loss.item())
    for gradient, one in zip(gradients, given, strict=True):
        np.testing.assert_allclose(gradient, one.grad.numpy(), rtol=1e-9)


def test_gradients_are_finite_differences():
    given = vectors(1)
    gradients = loss_and_gradients(*given)[1:]
    step = 1e-6
    for which, gradient in enumerate(gradients):
        for place in np.ndindex(gradient.shape):
            ends = []
            for sign in (1, -1):
                moved = [v.copy() for v in given]
                moved[which][place] += sign * step
                ends.append(loss_and_gradients(*moved)[0])
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-6)


SQUARE = np.array([[1, 0], [2, 0.1], [0, 1], [0.1, 3.0]])


def test_neighbours_are_by_cosine_not_by_length():
    assert [i for i, _ in nearest(SQUARE, SQUARE[0], 3, [0])] == [1, 3, 2]
    assert nearest(SQUARE, SQUARE[2], 1, [2])[0][1] == pytest.approx(3 / np.hypot(0.1, 3))


def test_an_analogy_is_a_parallelogram():
    man, woman, king, queen, other = [1, 0, 1], [0, 1, 1], [1, 0, 3], [0, 1, 3], [1, 1, -3]
    rows = np.array([man, woman, king, queen, other], float)
    assert analogy(rows, 0, 1, 2, 1)[0][0] == 3
    places = {word: i for i, word in enumerate(("man", "woman", "king", "queen", "other"))}
    asked = [("man", "woman", "king", "queen"), ("man", "woman", "king", "other"), ("man", "x", "y", "z")]
    assert analogies_score(rows, places, asked) == (0.5, 2)
    assert analogies_score(rows, {}, asked) is None


def test_the_score_counts_neighbours_of_the_own_group():
    places = {"a": 0, "b": 1, "c": 2, "d": 3}
    assert neighbours_score(SQUARE, places, {"x": ("a", "b"), "y": ("c", "d", "unknown")}) == 1
    assert neighbours_score(SQUARE, places, {"x": ("a", "c"), "y": ("b", "d")}) == 0
    assert neighbours_score(SQUARE, places, {"x": ("a", "b"), "y": ("c",)}) is None
