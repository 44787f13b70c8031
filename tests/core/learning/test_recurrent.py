"""The recurrent trainer: what it tells after every epoch, that it learns, and what it refuses."""

import numpy as np
import pytest

from core.learning.recurrent import END, Vocabulary, train
from core.requests.learning import RecurrentTraining
from core.types import Refused

PAIRS = (
    ("the cat sleeps", "le chat dort"),
    ("the dog sleeps", "le chien dort"),
    ("the cat eats", "le chat mange"),
    ("the dog eats", "le chien mange"),
)


def settings(**more):
    return RecurrentTraining(
        **({"pairs": PAIRS, "score": "dot", "sentence": PAIRS[0], "width": 32, "embedding": 16} | more)
    )


def forever():
    return True


@pytest.mark.parametrize(
    "score", ["dot", *(pytest.param(one, marks=pytest.mark.slow) for one in ("additive", "general", "scaled-dot"))]
)
def test_it_learns_four_pairs_by_heart(score):
    steps = list(train(settings(score=score, epochs=300), forever))
    assert [s.epoch for s in steps] == list(range(301))
    assert steps[-1].loss < 0.6 * steps[0].loss
    assert steps[-1].written == "le chat dort"
    for step in (steps[0], steps[-1]):
        assert step.weights.shape == (len(step.target), len(step.source))
        np.testing.assert_allclose(step.weights.sum(axis=1), 1, atol=1e-5)
    assert steps[0].source[-1] == steps[0].target[-1] == "end"


def test_a_seed_gives_the_same_numbers():
    first, again = (list(train(settings(epochs=3), forever)) for _ in range(2))
    other = list(train(settings(epochs=3, seed=1), forever))
    assert [s.loss for s in first] == [s.loss for s in again] != [s.loss for s in other]
    assert (first[-1].weights == again[-1].weights).all()


def test_it_ends_when_it_is_told_to():
    left = iter([True, True, False])
    steps = list(train(settings(epochs=50), lambda: next(left, False)))
    assert 1 <= len(steps) < 5


def test_pieces_are_numbered_anew_and_read_back():
    vocabulary = Vocabulary(["le chat dort", "le chien dort"])
    (row,) = vocabulary.rows(["le chien dort"])
    assert all(END < place < len(vocabulary) for place in row)
    assert vocabulary.text([*row, END]) == "le chien dort"
    assert vocabulary.names(row)[-1] == "end"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"pairs": PAIRS[:1]}, "1 pairs: training here takes 2 to 2,000. Add some."),
        ({"pairs": PAIRS * 501}, "2,004 pairs"),
        ({"pairs": (*PAIRS, ("a", " "))}, "Pair 5 has an empty side"),
        ({"sentence": ("", "x")}, "The sentence whose map is shown has an empty side"),
        ({"pairs": (("a", "b"), ("a", "b"))}, "All pairs are the same"),
    ],
)
def test_what_cannot_be_learned_is_refused(given, says):
    with pytest.raises(Refused, match=says):
        settings(**given)


def test_what_is_too_long_is_left_out_and_told():
    long = ("word " * 60, "mot " * 60)
    steps = list(train(settings(pairs=(*PAIRS, long), epochs=1), forever))
    assert (steps[0].pairs, steps[0].left_out) == (4, 1)
    with pytest.raises(Refused, match="The sentence that is shown"):
        next(train(settings(sentence=long), forever))
    with pytest.raises(Refused, match="Fewer than 2 pairs"):
        next(train(settings(pairs=(long, (long[0], "x"))), forever))
