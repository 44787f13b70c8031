"""Projections against scikit-learn and closed forms; scores against their definitions; UMAP seeded and stopped."""

import sys
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import decomposition, manifold, metrics, neighbors

from core.measures import map_scores, projection
from core.measures.map_scores import continuity, retrieval, silhouette, trustworthiness
from core.measures.projection import (
    centred,
    nearest,
    pca,
    procrustes,
    scaled,
    tsne,
    umap,
    units,
)
from core.types import Refused, Stopped

SOME = settings(max_examples=15, deadline=None)
shapes = st.tuples(st.integers(8, 40), st.integers(2, 60), st.integers(0, 1000))


def points(n: int, d: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def blobs(n: int = 60, apart: float = 8.0) -> tuple[np.ndarray, np.ndarray]:
    group = np.arange(n) % 3
    return points(n, 5, 1) + apart * np.eye(5, dtype=np.float32)[group], group


@given(shapes)
@SOME
def test_pca_is_scikit_learns_but_for_signs_whether_tall_or_wide(shape):
    x = points(*shape)
    wanted = decomposition.PCA(2, svd_solver="full").fit_transform(x.astype(np.float64))
    assert np.allclose(np.abs(pca(x)), np.abs(wanted), atol=1e-3)


def test_pca_by_pencil():
    line = np.array([[0, 0, 0], [0, 3, 4], [0, 6, 8]], np.float32)  # steps of 5 along one direction
    assert np.allclose(pca(line), [[-5, 0], [0, 0], [5, 0]], atol=1e-5)
    assert not pca(np.ones((4, 3))).any()


@given(shapes, st.integers(1, 5))
@SOME
def test_neighbours_are_the_nearest(shape, k):
    x = points(*shape)
    wanted, _ = neighbors.NearestNeighbors(n_neighbors=k, algorithm="brute").fit(x).kneighbors()
    indices, distances = nearest(x, k)
    assert np.allclose(distances, wanted, atol=1e-3)
    assert not (indices == np.arange(len(x))[:, None]).any()
    assert np.allclose(np.linalg.norm(x[indices[:, 0]] - x, axis=1), wanted[:, 0], atol=1e-3)


def test_neighbours_are_the_same_in_blocks(monkeypatch):
    x = points(30, 4, 0)
    whole = nearest(x, 3)
    monkeypatch.setattr(projection, "BLOCK", 100)
    told = []
    assert np.array_equal(nearest(x, 3, lambda done, total: told.append(done / total))[0], whole[0])
    assert len(told) == 10 and told[-1] == 1


@given(shapes)
@SOME
def test_trustworthiness_and_continuity_are_scikit_learns(shape):
    x, places = points(*shape), points(shape[0], 2, shape[2] + 1)
    k = min(10, (shape[0] - 1) // 2)
    assert trustworthiness(x, places, k) == pytest.approx(manifold.trustworthiness(x, places, n_neighbors=k), abs=1e-6)
    assert continuity(x, places, k) == pytest.approx(manifold.trustworthiness(places, x, n_neighbors=k), abs=1e-6)


def test_a_faithful_picture_is_trusted_wholly_and_none_where_there_is_nothing_to_tell():
    x = points(30, 2, 0)
    assert trustworthiness(x, 3 * x) == continuity(x, 3 * x) == 1
    assert trustworthiness(np.ones((30, 2)), x) is None
    assert trustworthiness(x[:2], x[:2]) is None


def test_some_points_judge_nearly_as_all_do():
    x, places = points(400, 8, 0), points(400, 8, 0)[:, :2]
    assert trustworthiness(x, places, most=100) == pytest.approx(trustworthiness(x, places), abs=0.03)


@given(st.integers(6, 40), st.integers(2, 5), st.integers(0, 1000))
@SOME
def test_silhouette_by_sums_is_that_of_all_pairs(n, groups, seed):
    x = points(n, 6, seed)
    labels = [f"group {i}" for i in np.random.default_rng(seed).integers(groups, size=n)]
    if 2 <= len(set(labels)) < n:
        assert silhouette(x, labels) == pytest.approx(metrics.silhouette_score(x, labels, metric="cosine"), abs=1e-5)


def test_silhouette_of_one_group_is_not_told():
    assert silhouette(points(5, 3, 0), ["a"] * 5) is None


def test_retrieval_by_pencil():
    vectors = np.array([[1, 0], [1, 0.5], [2, 0.1], [-1, 0.2], [1, 1]])
    found = retrieval(vectors, ["1", "2", "1", "2", "3"], ["en", "en", "de", "de", "fr"])
    assert found["en", "de"] == 0.5  # (1, .5) has cosine .91 to (2, .1) and below 0 to its own (-1, .2)
    assert found["de", "en"] == 1.0
    assert ("en", "fr") not in found


def test_centred_groups_have_no_mean_of_their_own():
    x = points(9, 4, 0)
    groups = ["a", "b", "c"] * 3
    found = centred(x, groups)
    assert np.allclose([found[i::3].mean(axis=0) for i in range(3)], 0, atol=1e-6)
    assert np.allclose(found[0] - found[3], x[0] - x[3], atol=1e-6)
    assert np.allclose(np.linalg.norm(units(x), axis=1), 1, atol=1e-6)


@given(st.floats(0, 6.3), st.booleans(), st.integers(0, 100))
@SOME
def test_procrustes_turns_and_mirrors_but_never_stretches(angle, mirrored, seed):
    target = scaled(points(12, 2, seed))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = target @ turn * ([1, -1] if mirrored else [1, 1]) + [5, -3]
    assert np.allclose(procrustes(moved, target), target, atol=1e-4)
    assert np.allclose(procrustes(3 * moved, target), 3 * target, atol=1e-4)


def test_scaled_places_have_one_size():
    places = scaled(points(20, 2, 0) * 7 + 3)
    assert np.allclose(places.mean(axis=0), 0, atol=1e-5)
    assert float((places**2).sum(axis=1).mean()) == pytest.approx(1, abs=1e-5)
    assert not scaled(np.full((5, 2), 3.0)).any()


@pytest.mark.slow
def test_umap_parts_groups_and_its_seed_gives_the_same_places():
    x, group = blobs()
    told = []
    places = umap(x, progress=lambda done, total: told.append(done / total))
    assert np.array_equal(places, umap(x)) and not np.array_equal(places, umap(x, seed=1))
    assert metrics.silhouette_score(places, group) > 0.6
    assert told == sorted(told) and told[-1] == 1
    assert trustworthiness(x, places) > 0.8


@pytest.mark.slow
def test_umap_that_was_stopped_says_so_and_the_next_one_runs():
    x, _ = blobs()
    told = []
    with pytest.raises(Stopped):
        umap(x, progress=lambda *news: told.append(news), cancelled=lambda: len(told) > 20)
    assert 20 < len(told) < 30
    assert umap(x).shape == (60, 2)


@pytest.mark.slow
def test_umap_of_points_that_coincide_gives_numbers():
    x = np.repeat(points(4, 3, 0), 5, axis=0)
    assert np.isfinite(umap(x)).all()
    assert np.isfinite(umap(np.ones((12, 3)), start=points(12, 2, 0))).all()


@pytest.mark.parametrize("method", [umap, tsne])
def test_too_few_points_are_refused(method):
    with pytest.raises(Refused, match="9 points: choose PCA"):
        method(points(9, 3, 0))


def test_tsne_is_seeded_and_bounded():
    x, group = blobs(36)
    places = tsne(x)
    assert np.array_equal(places, tsne(x))
    assert metrics.silhouette_score(places, group) > 0.3
    with pytest.raises(Refused, match=r"3,001 points .* Choose UMAP"):
        tsne(np.zeros((3_001, 2)))


def test_a_gpu_with_cuml_arranges_the_same_graph(monkeypatch):
    seen = {}

    class UMAP:
        def __init__(self, **given):
            seen.update(given)

        def fit_transform(self, vectors):
            return vectors[:, :2]

    module = types.ModuleType("cuml")
    module.__spec__ = types.SimpleNamespace(name="cuml")
    module.manifold = types.ModuleType("cuml.manifold")
    module.manifold.UMAP = UMAP
    monkeypatch.setitem(sys.modules, "cuml", module)
    monkeypatch.setitem(sys.modules, "cuml.manifold", module.manifold)
    monkeypatch.setattr(projection, "best_device", lambda: types.SimpleNamespace(kind="cuda", place="cpu"))
    x, _ = blobs()
    assert np.array_equal(umap(x, seed=3), x[:, :2])
    assert seen["random_state"] == 3 and seen["precomputed_knn"][0].shape == (60, 16)
    assert (seen["precomputed_knn"][0][:, 0] == np.arange(60)).all()


def test_more_rows_than_are_held_at_once_are_all_counted():
    chance = np.random.default_rng(5)
    groups = np.arange(4_200) % 3
    x = (chance.normal(size=(4_200, 5)) * [5, 3, 1, 1, 1] + groups[:, None]).astype(np.float32)
    wanted = decomposition.PCA(2, svd_solver="full").fit_transform(x.astype(np.float64))
    found = pca(x)
    assert np.allclose(np.abs(found), np.abs(wanted), atol=1e-2)
    asked = np.array([0, 4_095, 4_199])
    apart = map_scores._distances(x, asked)
    true = metrics.pairwise_distances(x[asked].astype(np.float64), x.astype(np.float64)) ** 2
    true[np.arange(3), asked] = np.inf
    assert np.allclose(apart, true, atol=1e-3)
    names = [str(group) for group in groups]
    assert silhouette(x, names) == pytest.approx(metrics.silhouette_score(x, groups, metric="cosine"), abs=1e-4)


def test_pca_gives_as_many_directions_as_are_asked_for():
    x = np.diag([3.0, 2.0, 1.0])
    x = np.vstack([x, -x])
    assert np.abs(pca(x, axes=3)) == pytest.approx(np.abs(x), abs=1e-5)
    assert np.allclose(pca(x, axes=3)[:, :2], pca(x))
