"""What is trained in class: word vectors beside gensim on the same sentences, and small transformers until they can."""

from __future__ import annotations

import os
import time

import numpy as np

from benchmarks.report import Row
from core.data.small_world import analogies, groups, small_world
from core.learning.transformer import train as train_transformer
from core.learning.word_vectors import train as train_words
from core.learning.words import WordVectors, corpus_of
from core.measures.word_vectors import analogies_score, neighbours_score
from core.requests.learning import TransformerTraining, WordVectorTraining

TASKS = {"copy": "to copy", "sort": "to sort", "addition": "addition"}
ENOUGH = 0.95  # of the held-out rows right
MOST_SECONDS = 90.0
TIMES_SLOWER = 3  # than gensim, at most
SEEDS = (0, 1, 2)
NOISE = 0.1  # between two runs of the same settings


def measure() -> list[Row]:
    """Seconds on this machine; both learners of words with one thread."""
    return [*words(), *(until_right(task) for task in TASKS)]


def words() -> list[Row]:
    """Skip-gram on the built-in text: seconds, and the share of neighbours of the same kind; means of three seeds."""
    settings = [WordVectorTraining(small_world(), seed=seed) for seed in SEEDS]
    ours = [learned(one) for one in settings]
    quality = float(np.mean([score(one.words, one.vectors) for one in ours]))
    seconds = float(np.mean([one.seconds for one in ours]))
    try:
        theirs = [with_gensim(one) for one in settings]
    except ImportError:
        return [
            Row("skip-gram, built-in text", "s", seconds, note=f"neighbours {quality:.2f}; gensim is not installed")
        ]
    rival = float(np.mean([taken for taken, *_ in theirs]))
    other = float(np.mean([score(names, vectors) for _, names, vectors in theirs]))
    return [
        Row(
            "skip-gram, built-in text", "s", seconds, rival=rival, factor=1 / TIMES_SLOWER,
            right=quality >= other - NOISE,
            note=f"beside gensim; neighbours of the same kind {quality:.2f}, gensim {other:.2f}; "
            f"analogies {analogy(ours[0].words, ours[0].vectors)}, gensim {analogy(*theirs[0][1:])}",
        )
    ]  # fmt: skip


def learned(settings: WordVectorTraining) -> WordVectors:
    """What our learner gives at last."""
    *_, last = train_words(settings, lambda: True)
    assert isinstance(last, WordVectors)
    return last


def with_gensim(settings: WordVectorTraining) -> tuple[float, tuple[str, ...], np.ndarray]:
    """(seconds, words, vectors) of gensim's skip-gram on the same sentences and settings."""
    from gensim.models import Word2Vec

    corpus = corpus_of(settings.text, settings.fewest)
    lines: dict[int, list[str]] = {}
    for number, line in zip(corpus.ids, corpus.sentences, strict=True):
        lines.setdefault(int(line), []).append(corpus.words[number])
    start = time.perf_counter()
    model = Word2Vec(
        list(lines.values()), vector_size=settings.size, window=settings.window, negative=settings.negatives,
        sample=settings.threshold, epochs=settings.epochs, min_count=settings.fewest, alpha=settings.rate,
        min_alpha=settings.rate / 100, sg=1, workers=1, seed=settings.seed + 1,
    )  # fmt: skip
    return time.perf_counter() - start, tuple(model.wv.index_to_key), model.wv.vectors


def score(names: tuple[str, ...], vectors: np.ndarray) -> float:
    """Share of the nearest listed words that are of the same kind."""
    return neighbours_score(vectors, {name: place for place, name in enumerate(names)}, groups()) or 0.0


def analogy(names: tuple[str, ...], vectors: np.ndarray) -> str:
    """Share of the listed analogies that are solved."""
    found = analogies_score(vectors, {name: place for place, name in enumerate(names)}, analogies())
    return f"{100 * found[0]:.0f} %" if found else "–"


def until_right(task: str) -> Row:
    """Seconds of learning until a built-in task is right on 95 % of the held-out rows."""
    settings, name = TransformerTraining(task=task), f"a transformer learns {TASKS[task]}"  # type: ignore[arg-type]
    best = 0.0
    for frame in train_transformer(settings, lambda: True):
        best = max(best, getattr(frame, "right", 0.0))
        if best >= ENOUGH:
            return Row(
                f"a transformer learns to {task}", "s", frame.seconds, MOST_SECONDS, note=f"on {os.cpu_count()} cores"
            )
    return Row(name, "s", None, MOST_SECONDS, note=f"{100 * best:.0f} % right at the end")
