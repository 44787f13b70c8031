"""Skip-gram and CBOW with negative sampling in plain torch, and what the map shows while they learn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from core.learning.words import Corpus, WordFrame, WordVectors, corpus_of
from core.measures import projection
from core.measures import word_vectors as measures
from core.requests.learning import WordVectorTraining

SHOWN = 160  # words on the map
FEWEST_LISTED = 30  # of a list that must occur, else the most frequent words are shown
FRAMES = 40  # pictures of the map in a run
NEAREST = 5
BATCH = 512  # centres
LONGEST = 1.0  # length of what one batch adds to a vector
LEAST_RATE = 0.01  # share of the first rate at the end


def shown_words(corpus: Corpus, listed: tuple[str, ...] = ()) -> np.ndarray:
    """Which words the map shows: those of a list that occur, else the most frequent, the commonest few left out."""
    places = corpus.places
    found = [places[word] for word in listed if word in places]
    if len(found) < FEWEST_LISTED:
        skip = min(len(places) // 10, 20)  # "the", "of": they say little
        found = list(range(skip, min(len(places), skip + SHOWN)))
    return np.array(found[:SHOWN])


def train(
    settings: WordVectorTraining, running: Callable[[], bool]
) -> Iterator[tuple[str, ...] | WordFrame | WordVectors]:
    """Learn until the epochs are done or running() says no: the words shown, then frames, then what was learned.

    The numbers depend on the settings alone while running() says yes. Refused: there is nothing to learn from.
    """
    torch.set_num_threads(1)  # of products as small as these: a second thread waits more than it works
    corpus = corpus_of(settings.text, settings.fewest)
    shown = shown_words(corpus, settings.shown)
    yield tuple(corpus.words[place] for place in shown)
    learner = Learner(corpus, settings)
    clock = _Clock()
    before = None
    frame, before = _frame(learner, shown, before, clock, 0.0)
    yield frame
    next_frame = 1 / FRAMES
    share = 0.0
    for share in learner.steps():
        if not running():
            break
        if share >= next_frame or share >= 1:
            frame, before = _frame(learner, shown, before, clock, share)
            yield frame
            next_frame = share + 1 / FRAMES
    seconds = time.monotonic() - clock.began - clock.away
    vectors = learner.centres.numpy().copy()
    loss, rate = frame.loss, learner.seen / max(seconds, 1e-9)
    yield WordVectors(corpus.words, corpus.counts, vectors, seconds, share, loss, rate, corpus.rare, len(corpus.ids))


class _Clock:
    """Seconds of learning: what drawing the map takes is not counted."""

    def __init__(self) -> None:
        self.began, self.away = time.monotonic(), 0.0


def _frame(
    learner: Learner, shown: np.ndarray, before: np.ndarray | None, clock: _Clock, share: float
) -> tuple[WordFrame, np.ndarray]:
    start = time.monotonic()
    seconds = start - clock.began - clock.away
    one = projection.units(learner.centres[torch.from_numpy(shown)].numpy())
    places = projection.pca(one).astype(np.float32)
    if before is not None:
        places = projection.procrustes(places, before)
    cosines = one @ one.T
    np.fill_diagonal(cosines, -2)
    near = np.argsort(-cosines, axis=1, kind="stable")[:, : min(NEAREST, len(shown) - 1)]
    loss = learner.mean_loss()
    rate = learner.seen / max(seconds, 1e-9) if seconds else 0.0
    found = WordFrame(share, seconds, loss, rate, places, near, np.take_along_axis(cosines, near, axis=1))
    clock.away += time.monotonic() - start
    return found, places


class Learner:
    """Vectors of centres and of contexts, and the steps that improve them."""

    def __init__(self, corpus: Corpus, settings: WordVectorTraining) -> None:
        self.corpus, self.settings = corpus, settings
        self.chance = torch.Generator().manual_seed(settings.seed)
        shape = len(corpus.words), settings.size
        self.centres = (torch.rand(shape, generator=self.chance) - 0.5) / settings.size
        self.outputs = torch.zeros(shape)
        self.noise = torch.from_numpy(measures.noise(corpus.counts))
        self.kept = torch.from_numpy(measures.kept_share(corpus.counts, settings.threshold))
        self.seen = 0  # words of the text
        self._loss, self._pairs = 0.0, 0

    def mean_loss(self) -> float:
        """Since it was asked last; before the first step what the first vectors cost."""
        if not self._pairs:
            return float((1 + self.settings.negatives) * np.log(2))
        found = self._loss / self._pairs
        self._loss, self._pairs = 0.0, 0
        return found

    def steps(self) -> Iterator[float]:
        """Learn, a batch a step; gives the share of the run that is done."""
        settings, ids = self.settings, torch.from_numpy(self.corpus.ids)
        total = settings.epochs * len(ids)
        for epoch in range(settings.epochs):
            stay = torch.rand(len(ids), generator=self.chance) < self.kept[ids]
            text = ids[stay]
            around = torch.from_numpy(measures.contexts(self.corpus.sentences[stay.numpy()], settings.window))
            order = torch.randperm(len(text), generator=self.chance)
            for start in range(0, len(text), BATCH):
                done = (epoch + start / max(1, len(text))) / settings.epochs
                rows = order[start : start + BATCH]
                self.learn(text, rows, around[rows], settings.rate * max(LEAST_RATE, 1 - done))
                self.seen = round(total * (epoch + min(1, (start + BATCH) / len(text))) / settings.epochs)
                yield self.seen / total

    def learn(self, text: torch.Tensor, rows: torch.Tensor, around: torch.Tensor, rate: float) -> None:
        """One step over the words at rows, around [row, 2 window] their contexts' places, -1 for none."""
        there = around >= 0
        context = text[around.clamp(min=0)]
        if self.settings.method == "skip-gram":
            centre, positive = text[rows][:, None].expand_as(context)[there], context[there]
            if len(centre):
                self._move(centre[:, None], torch.ones(len(centre), 1, dtype=torch.bool), positive, rate)
        else:
            some = there.any(dim=1)
            if bool(some.any()):
                self._move(context[some], there[some], text[rows][some], rate)

    def _move(self, inputs: torch.Tensor, mask: torch.Tensor, positive: torch.Tensor, rate: float) -> None:
        """Downhill by the gradients of loss_and_gradients, of all pairs at once.

        inputs [pair, n]: words whose mean is the hidden vector, where mask says so; positive [pair]. As in word2vec's
        own program each of several words moves by the hidden vector's whole gradient, not by its share.
        """
        k = self.settings.negatives
        drawn = self.noise_words(len(positive) * k).view(-1, k)
        words = torch.cat([positive[:, None], drawn], dim=1)
        share = mask.float() / mask.sum(dim=1, keepdim=True)
        hidden = (self.centres[inputs] * share[..., None]).sum(dim=1)
        outputs = self.outputs[words]
        scores = torch.bmm(outputs, hidden[..., None])[..., 0]
        label = torch.zeros_like(scores)
        label[:, 0] = 1
        counts = torch.ones_like(scores)
        counts[:, 1:] = (drawn != positive[:, None]).float()  # a negative that is the positive teaches nothing
        self._loss += float((torch.nn.functional.softplus(torch.where(label == 1, -scores, scores)) * counts).sum())
        self._pairs += len(positive)
        slope = (torch.sigmoid(scores) - label) * counts
        of_hidden = torch.bmm(slope[:, None], outputs)[:, 0]
        _add(self.outputs, words, -rate * slope, hidden)
        _add(self.centres, inputs, -rate * mask.float(), of_hidden)

    def noise_words(self, count: int) -> torch.Tensor:
        """Negatives drawn by unigram^0.75, with repeats."""
        return torch.multinomial(self.noise, count, replacement=True, generator=self.chance)


def _add(table: torch.Tensor, words: torch.Tensor, shares: torch.Tensor, vectors: torch.Tensor) -> None:
    """table[words[i, j]] += shares[i, j] vectors[i], however often a word is there.

    The sums as a product with a sparse matrix: forty times faster than index_add_ on a CPU. What a word gets from one
    batch is no longer than LONGEST, else a frequent one swings ever wider.
    """
    few = len(table) <= words.numel()  # then no word is looked for among those of the batch
    rows, place = (slice(None), words) if few else torch.unique(words, return_inverse=True)
    pairs = torch.arange(len(words))[:, None].expand_as(words)
    where = torch.stack([place.flatten(), pairs.flatten()])
    size = (len(table[rows]), len(words))
    sums = torch.sparse_coo_tensor(where, shares.flatten(), size, check_invariants=False) @ vectors
    table[rows] += sums * (LONGEST / sums.norm(dim=1, keepdim=True).clamp(min=LONGEST))
