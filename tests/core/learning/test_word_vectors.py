"""Word vectors that learn: against a plain loop, the same for a seed, on the built-in text, and what is refused."""

import numpy as np
import pytest
import torch

from core.data.small_world import analogies, groups, small_world
from core.learning.word_vectors import LONGEST, Learner, train
from core.learning.words import WordFrame, WordVectors, corpus_of, words_in
from core.measures.word_vectors import analogies_score, loss_and_gradients, neighbours_score
from core.requests.learning import WordVectorTraining
from core.types import Refused

SMALL = "the cat sleeps\nthe dog sleeps\nthe cat eats and the dog eats\na cat and a dog\n"


def forever():
    return True


def test_words_are_read_without_signs():
    assert words_in("It's 3 o’clock, Käthe: co-op!") == ["it's", "3", "o’clock", "käthe", "co-op"]
    assert words_in("猫は cat") == ["猫", "は", "cat"]


def test_a_text_becomes_numbers_by_frequency():
    corpus = corpus_of("b a\na c a", fewest=1)
    assert (corpus.words, corpus.counts.tolist()) == (("a", "b", "c"), [3, 1, 1])
    assert (corpus.ids.tolist(), corpus.sentences.tolist()) == ([1, 0, 0, 2, 0], [0, 0, 1, 1, 1])
    assert corpus_of("b a\na c a c", fewest=2).rare == 1


@pytest.mark.parametrize("text", ["", " \n", "... !"])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(Refused, match="holds no word"):
        corpus_of(text)


def test_one_word_is_refused_by_name():
    for text in ("cat", "cat Cat\ncat"):
        with pytest.raises(Refused, match="one word, “cat”"):
            corpus_of(text)
    with pytest.raises(Refused, match="Fewer than two words occur 2 times"):
        corpus_of("cat dog", fewest=2)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"size": 1}, "The size is 1: choose 2 to 300"),
        ({"window": 11}, "1 to 10"),
        ({"text": "a" * 2_000_001}, "2.0 MB"),
    ],
)
def test_what_is_out_of_bounds_is_refused(given, says):
    with pytest.raises(Refused, match=says):
        WordVectorTraining(**({"text": SMALL} | given))


def test_a_window_longer_than_the_text_takes_all_of_it():
    *_, last = train(WordVectorTraining("a b\na b", window=10, epochs=1), forever)
    assert isinstance(last, WordVectors) and np.isfinite(last.vectors).all()


def plain(learner, centre, positive, negatives, rate):
    """One pair's step by the closed form, in numpy: another implementation."""
    centres, outputs = learner.centres.numpy().copy(), learner.outputs.numpy().copy()
    kept = [n for n in negatives if n != positive]
    _, of_centre, of_positive, of_negatives = loss_and_gradients(centres[centre], outputs[positive], outputs[kept])
    centres[centre] -= rate * of_centre
    outputs[positive] -= rate * of_positive
    np.subtract.at(outputs, kept, rate * of_negatives)
    return centres, outputs


@pytest.mark.parametrize("negatives", [[0, 2, 2], [1, 3, 0]])  # one drawn twice; the positive itself drawn
def test_a_step_is_the_closed_form_s(monkeypatch, negatives):
    learner = Learner(corpus_of(SMALL, 1), WordVectorTraining(SMALL, size=4, negatives=3))
    learner.outputs.normal_(generator=learner.chance)
    monkeypatch.setattr(Learner, "noise_words", lambda self, count: torch.tensor(negatives))
    wanted = plain(learner, 4, 1, negatives, 0.1)
    learner._move(torch.tensor([[4]]), torch.tensor([[True]]), torch.tensor([1]), 0.1)
    np.testing.assert_allclose(learner.centres.numpy(), wanted[0], atol=1e-6)
    np.testing.assert_allclose(learner.outputs.numpy(), wanted[1], atol=1e-6)


def test_cbow_moves_by_the_mean_of_its_context(monkeypatch):
    learner = Learner(corpus_of(SMALL, 1), WordVectorTraining(SMALL, size=4, negatives=2, method="CBOW"))
    learner.outputs.normal_(generator=learner.chance)
    monkeypatch.setattr(Learner, "noise_words", lambda self, count: torch.tensor([0, 2]))
    before = learner.centres.numpy().copy()
    hidden = before[[3, 4]].mean(axis=0)
    outputs = learner.outputs.numpy().copy()
    _, of_hidden, of_positive, _ = loss_and_gradients(hidden, outputs[1], outputs[[0, 2]])
    mask = torch.tensor([[True, False, True]])
    learner._move(torch.tensor([[3, 5, 4]]), mask, torch.tensor([1]), 0.1)
    np.testing.assert_allclose(learner.centres.numpy()[[3, 4]], before[[3, 4]] - 0.1 * of_hidden, atol=1e-6)
    np.testing.assert_allclose(learner.centres.numpy()[5], before[5])
    np.testing.assert_allclose(learner.outputs.numpy()[1], outputs[1] - 0.1 * of_positive, atol=1e-6)


def test_no_batch_moves_a_word_far():
    learner = Learner(corpus_of(SMALL, 1), WordVectorTraining(SMALL, size=4))
    learner.centres.fill_(30)
    before = learner.outputs.clone()
    many = torch.ones(600, dtype=torch.long)
    learner._move(many[:, None], torch.ones(600, 1, dtype=torch.bool), many * 0, 1.0)
    assert (learner.outputs - before).norm(dim=1).max() <= LONGEST + 1e-5


def test_a_seed_gives_the_same_numbers():
    def run(seed):
        *frames, last = list(train(WordVectorTraining(SMALL, size=8, epochs=4, seed=seed), forever))[1:]
        return [f.loss for f in frames], last.vectors

    losses, found = run(3)
    again, same = run(3)
    assert losses == again and (found == same).all()
    assert not np.allclose(found, run(4)[1])


def test_it_ends_when_it_is_told_to():
    left = iter([True] * 5)
    shown, *frames, last = train(WordVectorTraining(small_world()[:50_000], epochs=50), lambda: next(left, False))
    assert len(shown) == 160 and all(isinstance(f, WordFrame) for f in frames)
    assert 0 < last.share < 0.1


@pytest.mark.slow
@pytest.mark.parametrize(("method", "likeness", "right"), [("skip-gram", 0.9, 0.6), ("CBOW", 0.75, 0.5)])
def test_the_built_in_text_teaches_its_groups(method, likeness, right):
    *_, last = train(WordVectorTraining(small_world(), method), forever)
    places = {word: i for i, word in enumerate(last.words)}
    assert neighbours_score(last.vectors, places, groups()) > likeness
    share, count = analogies_score(last.vectors, places, analogies())
    assert count == 236 and share > right
    chance = np.random.RandomState(0).randn(*last.vectors.shape)
    assert neighbours_score(chance, places, groups()) < 0.15


def test_the_built_in_text_is_the_same_and_holds_its_groups():
    text = small_world()
    assert 400_000 < len(text) < 600_000 and text == small_world.__wrapped__()
    words = set(words_in(text))
    assert {word for some in groups().values() for word in some} <= words
    assert "{" not in text
