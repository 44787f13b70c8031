"""Links against pencil and against simalign, scores against their definition on hand-made cases and on gold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.measures.alignment import (
    METHODS,
    Counts,
    argmax,
    bootstrap,
    both_ways,
    corpus_error_rate,
    counts,
    diagonal,
    distorted,
    error_rate,
    from_attention,
    itermax,
    linked,
    match,
    one_way,
    scores_of,
    softmax,
    to_words,
    uncertain,
    without_null,
)
from core.requests import LinkMethod
from training.gold import pairs


@pytest.mark.parametrize(
    ("found", "sure", "possible", "rate"),
    [
        ({(0, 0), (1, 1)}, {(0, 0), (1, 1)}, set(), 0.0),
        ({(0, 1)}, {(0, 0)}, set(), 1.0),
        ({(0, 0), (1, 0)}, {(0, 0)}, {(1, 0)}, 0.0),  # 1 - (1 + 2) / (2 + 1)
        ({(0, 0), (2, 2)}, {(0, 0), (1, 1)}, {(1, 2)}, 0.5),  # 1 - (1 + 1) / (2 + 2)
        (set(), {(0, 0)}, set(), 1.0),
        (set(), set(), set(), 0.0),
    ],
)
def test_error_rate_by_pencil(found, sure, possible, rate):
    assert error_rate(found, sure, possible) == pytest.approx(rate)


def test_over_sentences_links_are_counted_before_dividing():
    # sentence 1: 1 of 1 right; sentence 2: 0 of 3 right with 1 sure: 1 - (1 + 1) / (4 + 2)
    found = [{(0, 0)}, {(0, 1), (1, 1), (2, 1)}]
    assert corpus_error_rate(found, [{(0, 0)}, {(0, 0)}], [set(), set()]) == pytest.approx(1 - 2 / 6)


def test_links_of_attention():
    weights = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]])
    assert from_attention(weights) == {(1, 0), (0, 1), (1, 2)}


def test_the_diagonal_of_equal_lengths_and_of_others():
    assert diagonal(3, 3) == {(0, 0), (1, 1), (2, 2)}
    assert diagonal(2, 4) == {(0, 0), (0, 1), (1, 2), (1, 3)}


def test_argmax_keeps_links_that_both_directions_choose():
    similarity = np.array([[0.9, 0.1, 0.3], [0.8, 0.2, 0.1], [0.0, 0.7, 0.6]])
    assert argmax(similarity) == {(0, 0), (2, 1)}  # row 1 chooses column 0, which chooses row 0
    assert argmax(np.zeros((0, 3))) == set()
    assert argmax(np.ones((2, 2))) == {(0, 0)}  # ties go to the first


def test_pieces_become_words():
    assert to_words({(0, 0), (1, 0), (2, 2)}, [0, 0, 1], [0, 1, 1]) == {(0, 0), (1, 1)}


# --- methods against simalign's own -----------------------------------------------------------------------------------


def random_matrices(count: int) -> list[np.ndarray]:
    draw = np.random.default_rng(0)
    return [draw.random(draw.integers(1, 17, size=2)) for _ in range(count)]


def cells(matrix: np.ndarray) -> set[tuple[int, int]]:
    return {(int(i), int(j)) for i, j in np.argwhere(matrix > 0)}


@pytest.fixture(scope="module")
def theirs():
    return pytest.importorskip("simalign").SentenceAligner


@pytest.mark.parametrize(("kappa", "count"), [(0.0, 200), (0.5, 40)])
def test_argmax_itermax_and_match_equal_simalign(theirs, kappa, count):
    second_rounds = 0
    for matrix in random_matrices(count):
        bent = theirs.apply_distortion(matrix, kappa)
        assert np.allclose(distorted(matrix, kappa), bent)
        forward, backward = theirs.get_alignment_matrix(bent)
        assert linked(LinkMethod("argmax", kappa=kappa), matrix, matrix) == cells(forward * backward)
        assert linked(LinkMethod("itermax", kappa=kappa), matrix, matrix) == cells(theirs.iter_max(bent))
        second_rounds += itermax(matrix) != argmax(matrix)
        ours, total = match(bent), bent[theirs.get_max_weight_match(bent) > 0].sum()
        assert sum(bent[link] for link in ours) == pytest.approx(total)
        assert len({i for i, _ in ours}) == len({j for _, j in ours}) == len(ours) == min(bent.shape)
    assert second_rounds > count / 2


@pytest.mark.parametrize("rounds", [1, 2, 3, 5])
def test_itermax_by_rounds_equals_simalign(theirs, rounds):
    ties = [(one > 0.85).astype(float) for one in random_matrices(80)]  # and rows without anything
    for matrix in random_matrices(40) + ties:
        assert itermax(matrix, rounds) == cells(theirs.iter_max(matrix, rounds))


def test_itermax_by_pencil():
    similarity = np.array([[0.9, 0.1, 0.2], [0.1, 0.9, 0.3], [0.2, 0.8, 0.1]])
    assert argmax(similarity) == {(0, 0), (1, 1)}
    # Row 2 and column 2 are free. Row 2 prefers column 1 (.8 * .9) to column 2 (.1); column 1 has no other cell left.
    # Column 2 prefers row 1 (.3 * .9) to row 0 (.2 * .9) and row 2 (.1); row 1 has no other cell left.
    assert itermax(similarity) == {(0, 0), (1, 1), (2, 1), (1, 2)}


def test_match_gives_up_the_best_for_the_sum():
    similarity = np.array([[0.9, 0.8], [0.8, 0.1]])
    assert argmax(similarity) == {(0, 0)}
    assert match(similarity) == {(0, 1), (1, 0)}  # 1.6 against 1.0


def test_softmax_links_what_both_directions_keep():
    products = np.log(np.array([[0.98, 0.02], [0.5, 0.5]]))
    forward, backward = both_ways(products)
    assert np.allclose(forward, [[0.98, 0.02], [0.5, 0.5]])
    assert np.allclose(backward, [[0.98 / 1.48, 0.02 / 0.52], [0.5 / 1.48, 0.5 / 0.52]])
    assert softmax(products, 0.1) == {(0, 0), (1, 0), (1, 1)}
    assert softmax(products, 0.5) == {(0, 0)}  # above it, not at it
    assert softmax(np.array([[1e4, -1e4]]), 0.5) == {(0, 0)}  # no overflow


def test_one_way_gives_every_target_word_a_source_word():
    assert one_way(np.array([[0.9, 0.6, 0.1], [0.2, 0.5, 0.3]])) == {(0, 0), (0, 1), (1, 2)}


def test_uncertain_words_lose_their_links():
    similarity = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 0.5]])
    found = uncertain(similarity)
    # Row 0 knows its column: entropy 0. Column 2 has one cell: 0. In 2-0 the row says 1, the column H(2/3, 1/3) / ln 3.
    assert found[0, 0] == 0 and found[2, 2] == pytest.approx(0)
    column = -(2 / 3 * np.log(2 / 3) + 1 / 3 * np.log(1 / 3)) / np.log(3)
    assert found[2, 0] == pytest.approx(column)
    assert without_null({(0, 0), (2, 0)}, similarity, 0.5) == {(0, 0)}
    assert without_null({(0, 0), (2, 0)}, similarity, 0.0) == {(0, 0), (2, 0)}


SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8)
MATRICES = hnp.arrays(np.float64, SHAPES, elements=st.floats(0, 1, width=16))


@settings(max_examples=60, deadline=None)
@given(MATRICES)
def test_what_holds_for_any_matrix(similarity):
    m, n = similarity.shape
    for method in METHODS:
        links = linked(LinkMethod(method), similarity, similarity)
        assert all(0 <= i < m and 0 <= j < n for i, j in links)
        if method != "one way":
            turned = np.ascontiguousarray(similarity.T)
            if method in ("argmax", "itermax", "softmax") and len(np.unique(similarity)) == similarity.size:
                assert {(j, i) for i, j in links} == linked(LinkMethod(method), turned, turned)
    assert argmax(similarity) <= itermax(similarity)
    assert (
        sum(similarity[link] for link in match(similarity))
        >= sum(similarity[link] for link in argmax(similarity)) - 1e-9
    )


# --- scores -----------------------------------------------------------------------------------------------------------


def test_scores_by_pencil():
    # found 4: two sure ones, one possible, one wrong; 5 sure ones wanted.
    sure = {(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)}
    found = {(0, 0), (1, 1), (5, 5), (9, 9)}
    one = counts(found, sure, {(5, 5)})
    assert one == Counts(found=4, sure=5, found_sure=2, found_possible=3)
    scores = scores_of([one])
    assert (scores.precision, scores.recall) == (0.75, 0.4)
    assert scores.f1 == pytest.approx(2 * 0.75 * 0.4 / 1.15)
    assert scores.error_rate == pytest.approx(1 - (2 + 3) / (4 + 5)) == error_rate(found, sure, {(5, 5)})
    nothing = scores_of([counts(set(), set(), set())])
    assert (nothing.precision, nothing.recall, nothing.f1, nothing.error_rate) == (1, 1, 1, 0)
    assert scores_of([counts(set(), {(0, 0)}, set())]).f1 == 0


def test_scores_over_sentences_add_counts_up():
    first, second = Counts(1, 1, 1, 1), Counts(3, 1, 0, 0)
    assert scores_of([first, second]) == scores_of([first + second])
    assert scores_of([first, second]).error_rate == pytest.approx(1 - 2 / 6)


def test_bootstrap_holds_the_score_and_is_the_same_every_time():
    some = [Counts(4, 4, k % 5, k % 5) for k in range(40)]
    low, high = bootstrap(some)
    assert low.f1 < scores_of(some).f1 < high.f1 and low.error_rate < scores_of(some).error_rate < high.error_rate
    assert bootstrap(some) == (low, high) != bootstrap(some, seed=1)
    alike = [Counts(4, 4, 3, 3)] * 10
    assert bootstrap(alike) == (scores_of(alike), scores_of(alike))
    # The mean of n draws of 0 or 1: 95 % lie within 1.96 standard errors of one half.
    coins = [Counts(1, 1, k % 2, k % 2) for k in range(400)]
    low, high = bootstrap(coins, rounds=10_000)
    assert high.recall - 0.5 == pytest.approx(1.96 * 0.5 / 20, rel=0.07)
    assert 0.5 - low.recall == pytest.approx(1.96 * 0.5 / 20, rel=0.07)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_error_rate_on_pairs_aligned_by_hand_by_its_definition(language):
    found, sure, possible = [], [], []
    total = np.zeros(4)
    for pair in pairs(language):
        links = diagonal(len(pair["source_words"]), len(pair["target_words"]))
        allowed = pair["possible"] - pair["sure"]  # a sure link is possible, too, whether or not a file says so
        found.append(links), sure.append(pair["sure"]), possible.append(allowed)
        total += [len(links & pair["sure"]), len(links & pair["possible"]), len(links), len(pair["sure"])]
    assert len(found) == 40 and total[1] > total[0] > 100
    assert corpus_error_rate(found, sure, possible) == pytest.approx(1 - (total[0] + total[1]) / (total[2] + total[3]))
    assert corpus_error_rate(sure, sure, possible) == 0
