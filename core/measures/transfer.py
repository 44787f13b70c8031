"""Zero-shot transfer: a linear probe fitted on one language and tried on the others, beside what it must be held to."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.measures.projection import units
from core.types import Refused

FOLDS = 5
MOST_FITTED = 2_000  # rows that a probe is fitted on
FEWEST = 4  # rows of a language
MOST_PAIRS = 2_000  # translations compared
Z = 1.959964  # of a 95 % interval
_FITTING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Score:
    """How many of so many were right."""

    right: int
    count: int

    @property
    def share(self) -> float:
        return self.right / self.count if self.count else float("nan")


@dataclass(frozen=True, slots=True)
class Row:
    """One language."""

    language: str
    chance: float  # one in so many labels
    majority: Score  # always the source's most frequent label
    zero_shot: Score  # fitted on the source language; for the source itself by cross-validation
    inside: Score | None  # fitted on this language by cross-validation; None: it has one label only


def interval(score: Score) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) without a trial."""
    n = score.count
    if not n:
        return 0.0, 1.0
    p, z = score.right / n, Z
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def folds(labels: np.ndarray, groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """The fold of each row: groups stay whole, labels are spread evenly. Refused: too little to divide."""
    from sklearn.model_selection import StratifiedGroupKFold

    least = min(np.unique(labels, return_counts=True)[1])
    count = int(min(FOLDS, least, len(set(groups))))
    if count < 2:
        raise Refused("A label has a single sentence: nothing is left to test on. Give each label two or more.")
    found = np.zeros(len(labels), dtype=int)
    division = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    for number, (_, held) in enumerate(division.split(np.zeros(len(labels)), labels, groups)):
        found[held] = number
    return found


def fit_and_guess(vectors: np.ndarray, labels: np.ndarray, others: np.ndarray, seed: int = 0) -> np.ndarray:
    """Labels that a linear probe, logistic regression over standardised vectors, gives to others.

    At most MOST_FITTED rows are fitted. Rows of one label alone make a probe that always says it.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    if len(set(labels)) == 1:
        return np.full(len(others), labels[0])
    if len(vectors) > MOST_FITTED:
        some = np.random.default_rng(seed).choice(len(vectors), MOST_FITTED, replace=False)
        vectors, labels = vectors[some], labels[some]
    scaler = StandardScaler().fit(vectors)
    known, asked = scaler.transform(vectors), scaler.transform(others)
    if len(known) < known.shape[1]:
        # The penalty keeps the weights inside the span of what is fitted: in its own axes nothing changes but the time.
        axes = np.linalg.svd(known, full_matrices=False)[2].T
        known, asked = known @ axes, asked @ axes
    # On matrices this small a second thread only waits for the first; the limit is the process's own, so one at a time.
    with _FITTING, threadpool_limits(1, user_api="blas"):
        return LogisticRegression(max_iter=1_000).fit(known, labels).predict(asked)


def evaluate(
    vectors: np.ndarray,
    languages: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str],
    source: str,
    *,
    inside: bool = True,
) -> list[Row]:
    """A row for each language in order of appearance.

    vectors [text, width]. Rows of one group, translations above all, are held out together: nobody is tested on the
    translation of what was fitted. Every probe is fitted on the other folds alone, so all have seen as many sentences.
    inside=False leaves out the fits in the other languages. Refused: one class only, or too few sentences.
    """
    names, wanted = np.asarray(languages), np.asarray(labels)
    whole = np.array([group or f"row {i}" for i, group in enumerate(groups)])
    at = {name: np.flatnonzero(names == name) for name in dict.fromkeys(languages)}
    check(at, wanted, source)
    fold_of = dict(zip(whole[at[source]], folds(wanted[at[source]], whole[at[source]]), strict=True))
    count = max(fold_of.values()) + 1
    kinds, sizes = np.unique(wanted[at[source]], return_counts=True)
    most = kinds[sizes.argmax()]
    rows = []
    zero = guesses(
        vectors, wanted, at[source], {name: _folds(whole[rows], fold_of, count) for name, rows in at.items()}, at
    )
    for name, places in at.items():
        own = None
        if inside and len(set(wanted[places])) > 1:
            own = Score(
                int((cross_validated(vectors[places], wanted[places], whole[places]) == wanted[places]).sum()),
                len(places),
            )
        rows.append(
            Row(
                name,
                1 / len(set(wanted)),
                Score(int((wanted[places] == most).sum()), len(places)),
                Score(int((zero[name] == wanted[places]).sum()), len(places)),
                own,
            )
        )
    return rows


def check(at: dict[str, np.ndarray], labels: np.ndarray, source: str) -> None:
    """Refused where a probe cannot be fitted or tried."""
    if source not in at:
        raise Refused(f"No sentence is in {source!r}: choose one of {', '.join(at)} to fit on.")
    if len(set(labels[at[source]])) < 2:
        raise Refused(
            f"All sentences in {source} are labelled {labels[at[source]][0]!r}: there is nothing to tell apart. "
            "Give two labels or more, or fit on another language."
        )
    few = [name for name, rows in at.items() if len(rows) < FEWEST]
    if few:
        raise Refused(f"{few[0]} has {len(at[few[0]])} sentences; {FEWEST} are the fewest. Add some, or leave it out.")
    if len(at) < 2:
        raise Refused(f"All sentences are in {source}: there is no language to transfer to. Add a second one.")


def _folds(groups: np.ndarray, fold_of: dict[str, int], count: int) -> np.ndarray:
    """Folds of another language's rows: its translations' own, else one after the other."""
    return np.array([fold_of.get(group, i % count) for i, group in enumerate(groups)])


def guesses(
    vectors: np.ndarray,
    labels: np.ndarray,
    source: np.ndarray,
    fold: dict[str, np.ndarray],
    at: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """What the probe of the source language says of every language's rows, each by the fit that held its fold out."""
    found = {name: np.empty(len(rows), dtype=labels.dtype) for name, rows in at.items()}
    own = next(fold[name] for name, rows in at.items() if np.array_equal(rows, source))
    for number in range(int(own.max()) + 1):
        held = {name: np.flatnonzero(some == number) for name, some in fold.items()}
        every = np.concatenate([at[name][rows] for name, rows in held.items()])
        said = fit_and_guess(vectors[source[own != number]], labels[source[own != number]], vectors[every])
        start = 0
        for name, rows in held.items():
            found[name][rows] = said[start : start + len(rows)]
            start += len(rows)
    return found


def cross_validated(vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Labels guessed for every row by a probe that did not see its group."""
    fold = folds(labels, groups)
    found = np.empty(len(labels), dtype=labels.dtype)
    for number in range(fold.max() + 1):
        held = fold == number
        found[held] = fit_and_guess(vectors[~held], labels[~held], vectors[held])
    return found


def retrieval(vectors: np.ndarray, languages: Sequence[str], same: Sequence[str], source: str) -> dict[str, float]:
    """For each other language the share of sentences whose translation is the nearest by cosine, both ways meant.

    same: sentences of one name are translations of each other. A language without two of them is left out.
    """
    found = {}
    for name, cosines in _to_source(vectors, languages, same, source):
        right = np.arange(len(cosines))
        found[name] = float(((cosines.argmax(0) == right).mean() + (cosines.argmax(1) == right).mean()) / 2)
    return found


def _to_source(
    vectors: np.ndarray, languages: Sequence[str], same: Sequence[str], source: str
) -> Iterator[tuple[str, np.ndarray]]:
    """For each other language the cosines [source sentence, its sentence], translations on the diagonal."""
    names = np.asarray(languages)
    every = units(vectors)
    first = {same[i]: i for i in np.flatnonzero(names == source)[:MOST_PAIRS].tolist() if same[i]}
    for name in dict.fromkeys(languages):
        pairs = [(first[same[i]], i) for i in np.flatnonzero(names == name).tolist() if same[i] in first]
        if name != source and len(pairs) > 1:
            a, b = (every[list(side)] for side in zip(*pairs, strict=True))
            yield name, a @ b.T


def margins(vectors: np.ndarray, languages: Sequence[str], same: Sequence[str], source: str) -> dict[str, float]:
    """For each other language how much closer, by cosine, a translation is than the source's other sentences.

    The same sentences as in retrieval; unlike it, this goes on growing when every translation is found.
    """
    found = {}
    for name, cosines in _to_source(vectors, languages, same, source):
        right = np.eye(len(cosines), dtype=bool)
        found[name] = float(cosines[right].mean() - cosines[~right].mean())
    return found


def correlation(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Pearson's r with its 95 % interval by Fisher's z; NaN where x or y does not vary, (-1, 1) below four points."""
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return float("nan"), -1.0, 1.0
    r = float(np.clip(np.corrcoef(a, b)[0, 1], -1, 1))
    if len(a) < 4:
        return r, -1.0, 1.0
    if abs(r) > 1 - 1e-12:
        return r, r, r
    half = Z / math.sqrt(len(a) - 3)
    return r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
