"""Clusters of points that are plain to see, their names by hand, and how alike two clusterings are."""

import math

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from core.measures.clusters import ALONE, alike, clusters, reduced, standing_out


def blobs(sizes: list[int], width: int = 64) -> np.ndarray:
    rng = np.random.default_rng(0)
    middles = np.eye(len(sizes), width) * 5
    return np.vstack([middle + rng.normal(0, 0.05, (size, width)) for middle, size in zip(middles, sizes, strict=True)])


def test_blobs_are_found_the_largest_first():
    found = clusters(blobs([12, 30, 20]))
    assert found.tolist() == [2] * 12 + [0] * 30 + [1] * 20


def test_a_point_far_from_all_is_in_none():
    vectors = np.vstack([blobs([20, 20]), np.full((1, 64), 9.0)])
    assert clusters(vectors)[-1] == ALONE


@pytest.mark.parametrize("count", [1, 2, 9])
def test_too_few_points_have_no_clusters(count):
    assert (clusters(np.random.default_rng(1).normal(size=(count, 3))) == ALONE).all()


def test_reduced_keeps_what_varies_most():
    vectors = np.zeros((4, 3))
    vectors[:, 1], vectors[:, 2] = [3, -3, 3, -3], [1, 1, -1, -1]
    assert np.abs(reduced(vectors, 2)) == pytest.approx(np.array([[3, 1]] * 4))


def test_a_name_is_of_the_words_that_others_lack():
    texts = ["the cat and the cat", "a cat", "the dog", "dog dog", "the the"]
    labels = np.array([0, 0, 1, 1, ALONE])
    assert standing_out(texts, labels) == ("cat, a, and", "dog, the")
    # By hand: "cat" 3 of 7 words, 3 everywhere; "the" 2 of 7, 5 everywhere; 13 words, 2 clusters.
    assert 3 / 7 * math.log(1 + 6.5 / 3) > 1 / 7 * math.log(1 + 6.5 / 1) > 0
    assert standing_out(["1", "2"], np.array([0, 0])) == ("cluster 1",)
    assert standing_out(["cat", "cat"], np.array([0, 1])) == ("cat (1)", "cat (2)")
    assert standing_out(["cat"], np.array([ALONE])) == ()


def test_two_clusterings_are_alike_as_scikit_learn_says():
    rng = np.random.default_rng(2)
    for _ in range(20):
        one, other = rng.integers(0, 4, 30), rng.integers(0, 3, 30)
        assert alike(one, other) == pytest.approx(adjusted_rand_score(one, other))
    assert alike(np.array([0, 0, 1]), np.array([5, 5, 2])) == 1 and alike(np.array([0]), np.array([3])) == 1
