"""Each mistake differs from the right code as the class is told, and the page tells nothing before the guess."""

import inspect
import math

import numpy as np
import pytest
import torch

from core.analyses.bug_numbers import TOKENS, material
from core.analyses.bugs import MISTAKES, numbers, order
from core.measures import attention, bugs, positions

#: name -> the right and the wrong function, whose lines the class is shown.
FUNCTIONS = {
    "waves": (bugs.waves, bugs.waves_doubled),
    "batch": (bugs.within_sentences, bugs.across_the_batch),
    "patches": (bugs.patches, bugs.patches_not_permuted),
    "layers": (bugs.many_layers, bugs.one_layer_repeated),
    "causal": (bugs.causal, bugs.without_mask),
    "clip": (bugs.clip_probabilities, bugs.clip_scaled_too_little),
    "twice": (bugs.softmax_once, bugs.softmax_twice),
    "rollout": (bugs.rolled_out, bugs.rolled_out_by_columns),
    "padding": (bugs.padding_hidden, bugs.padding_seen),
    "axis": (bugs.over_keys, bugs.over_queries),
    "heads": (bugs.split, bugs.split_not_transposed),
    "multiplied": (bugs.causal, bugs.multiplied_mask),
}


def both(name: str) -> tuple[np.ndarray, np.ndarray]:
    right, wrong, _ = numbers(name)
    return right, wrong


@pytest.mark.parametrize("name", MISTAKES)
def test_the_lines_shown_are_those_that_run(name):
    mistake = MISTAKES[name]
    for function, line, marked in zip(FUNCTIONS[name], mistake.code, mistake.marked, strict=True):
        lines = [one.strip() for one in inspect.getsource(function).splitlines()]
        assert lines.count(line) == 1
        assert marked in line
    assert mistake.code[0] != mistake.code[1] and any(mistake.marked)


@pytest.mark.parametrize("name", MISTAKES)
def test_wrong_can_be_seen_to_be_wrong(name):
    right, wrong = both(name)
    assert right.shape == wrong.shape
    assert np.isfinite(right).all() and np.isfinite(wrong).all()
    assert np.abs(right - wrong).max() > 0.25 * np.abs(right).max()


def test_waves_grow_twice_as_fast():
    right, wrong = both("waves")
    assert np.allclose(right, positions.sinusoidal(50, 512))
    still = [int((one.std(axis=0, ddof=1) < 0.01).sum()) for one in (right, wrong)]
    assert still == [162, 336]
    assert np.abs(right - wrong).max() == pytest.approx(2.0, abs=1e-3)
    assert bugs.waves(2, 4)[1, 2] == pytest.approx(0.0100, abs=5e-5)
    assert bugs.waves_doubled(2, 4)[1, 2] == pytest.approx(0.0001, abs=5e-7)


def test_only_the_wrong_batch_hears_of_the_exchange():
    right, wrong = both("batch")
    assert right.shape == (6, TOKENS)
    assert np.all(right[:-1] == 0) and np.all(right[-1] > 1)
    assert np.all(wrong > 0.3)


def test_a_sentence_alone_and_in_a_batch():
    x, projections = material().batch, material().projections
    alone = bugs.within_sentences(x[2:3], projections)
    assert np.allclose(alone[0], bugs.within_sentences(x, projections)[2], atol=1e-5)
    alone = bugs.across_the_batch(x[2:3], projections)
    assert np.abs(alone[0] - bugs.across_the_batch(x, projections)[2]).max() > 0.1


def test_attention_of_the_batch_by_hand():
    x, projections = np.random.default_rng(0).standard_normal((2, 3, 12)).astype(np.float32), None
    projections = np.random.default_rng(1).standard_normal((3, 12, 12)).astype(np.float32)
    q, k, v = ((x[1] @ w).reshape(3, 6, 2).transpose(1, 0, 2) for w in projections)
    by_hand = bugs.softmax(q @ k.transpose(0, 2, 1) / 2**0.5) @ v
    found = bugs.within_sentences(x, projections)[1]
    assert np.allclose(found, by_hand.transpose(1, 0, 2).reshape(3, 12), atol=1e-4)


def test_not_one_of_196_tokens_is_a_true_patch():
    picture = torch.rand(3, 224, 224, generator=torch.Generator().manual_seed(0))
    true = {
        picture[:, y : y + 16, x : x + 16].reshape(-1).numpy().tobytes()
        for y in range(0, 224, 16)
        for x in range(0, 224, 16)
    }
    for cut, expected in ((bugs.patches, 196), (bugs.patches_not_permuted, 0)):
        tokens = cut(picture)
        assert tokens.shape == (196, 768)
        assert sum(token.numpy().tobytes() in true for token in tokens) == expected


def test_the_right_patches_make_the_picture_again():
    right, _ = both("patches")
    assert np.array_equal(right, bugs.small_picture().permute(1, 2, 0).numpy())


def test_one_layer_is_every_layer():
    right, wrong = both("layers")
    assert np.allclose(np.diag(right), 1, atol=1e-5)
    assert np.abs(right - np.diag(np.diag(right))).max() < 0.1
    assert np.allclose(wrong, 1, atol=1e-5)


def test_without_a_mask_a_word_sees_what_it_is_to_guess():
    right, wrong = both("causal")
    assert np.all(np.triu(right, 1) == 0)
    assert np.allclose(right.sum(1), 1) and np.allclose(wrong.sum(1), 1, atol=1e-6)
    assert np.triu(wrong, 1).sum(1).mean() > 0.5
    changed = material().decoder_scores.copy()
    changed[:, -1] += 3
    assert np.array_equal(bugs.causal(changed)[:-1], right[:-1])
    assert not np.array_equal(bugs.without_mask(changed)[:-1], wrong[:-1])


def test_clip_as_it_is_told():
    cosines = np.where(np.eye(4) == 1, 0.3, 0.0)
    assert bugs.clip_probabilities(cosines)[0, 0] == pytest.approx(0.960, abs=5e-4)
    assert bugs.clip_scaled_too_little(cosines)[0, 0] == pytest.approx(0.315, abs=5e-4)
    right, wrong = both("clip")
    assert np.array_equal(right.argmax(1), np.arange(6))
    assert np.abs(wrong - 1 / 6).max() < 0.06


def test_softmax_twice_cannot_be_sharp():
    right, wrong = both("twice")
    assert np.allclose(wrong.sum(1), 1, atol=1e-6)
    assert (wrong.max(1) / wrong.min(1)).max() <= math.e
    assert (right.max(1) / right.min(1)).max() > 100
    sharp = np.array([[100.0, 0, 0]])
    assert bugs.softmax_once(sharp)[0, 0] == 1
    assert bugs.softmax_twice(sharp)[0, 0] == pytest.approx(math.e / (math.e + 2))


def test_rollout_of_the_house_and_its_columns():
    right, wrong = both("rollout")
    assert np.allclose(right, attention.rollout(material().encoder).values, atol=1e-6)
    assert np.allclose(right.sum(1), 1)
    assert np.allclose(wrong.sum(0), 1)
    assert np.abs(wrong.sum(1) - 1).max() > 0.3


def test_padding_counts_only_where_it_is_not_hidden():
    right, wrong = both("padding")
    words = len(material().words)
    assert np.all(right[:, words:] == 0) and np.allclose(right.sum(1), 1)
    assert wrong[:words, words:].sum(1).max() > 0.2
    longer = np.pad(material().padded_scores, ((0, 0), (0, 5)))
    assert np.allclose(bugs.padding_hidden(longer, words)[:, :words], right[:, :words])
    assert not np.allclose(bugs.padding_seen(longer, words)[:, :words], wrong[:, :words])


def test_softmax_over_queries_sums_columns_to_one():
    right, wrong = both("axis")
    assert np.allclose(right.sum(1), 1, atol=1e-6)
    assert np.allclose(wrong.sum(0), 1, atol=1e-6)
    assert wrong.sum(1).max() > 1.5 and wrong.sum(1).min() < 0.5


def test_the_right_head_is_the_model_s_own():
    right, _ = both("heads")
    from core.analyses.bug_numbers import HEAD, LAYER

    assert np.allclose(right, material().encoder.weights[LAYER, HEAD], atol=1e-5)
    joined = np.arange(24.0).reshape(4, 6)
    assert bugs.split(joined, 3)[1].tolist() == [[2, 3], [8, 9], [14, 15], [20, 21]]
    assert bugs.split_not_transposed(joined, 3)[1].tolist() == [[8, 9], [10, 11], [12, 13], [14, 15]]


def test_a_mask_behind_the_softmax_loses_weight():
    right, wrong = both("multiplied")
    assert np.all(np.triu(wrong, 1) == 0)
    assert wrong.sum(1).min() < 0.5 and wrong.sum(1).max() < 1 + 1e-6
    assert right[0, 0] == 1 and wrong[0, 0] < 0.5


@pytest.mark.parametrize("seed", [1, 2, 122, 9_999])
def test_an_order_is_fair_and_always_the_same(seed):
    panels = order(seed)
    assert sorted(panel.mistake.name for panel in panels) == sorted(MISTAKES)
    assert sum(panel.wrong == "A" for panel in panels) == len(MISTAKES) // 2
    order.cache_clear()
    assert order(seed) == panels
    assert order(seed + 1) != panels
