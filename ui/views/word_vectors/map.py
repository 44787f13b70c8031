"""The map of the words while they learn, the loss beside it, and the scores of what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from core.data.numbers import Numbers
from core.data.small_world import analogies, groups, kinds_shown
from core.figures.learning import curves
from core.learning.recordings import WordRun
from core.learning.words import WordVectors
from core.measures.word_vectors import analogies_score, neighbours_score
from ui import runs, saving, widgets
from ui.components.points.message import Frame, PointsSide, metadata, pack_points, tensors
from ui.components.points.view import points_view
from ui.views.word_vectors.common import PAGE, latest, learned, places_of, settings_row, titled, vectors_of

HEIGHT = 300
MOST_FRAMES = 60
CAREFUL = (
    "Two axes hold little of many numbers: words that touch on the map may be far apart in truth. "
    "The lines to a word’s neighbours, and the table under Neighbours, are exact."
)


def draw() -> None:
    settings_row()
    runs.followed(PAGE, pictures)
    run = learned()
    widgets.notes(*told(run))


def pictures() -> None:
    run = latest()
    last = run.frames[-1]
    runs.strip(PAGE, last.share, f"{last.share:.0%} read, {last.words_per_second:,.0f} words a second")
    left, right = st.columns([8.4, 3.6], gap="medium")
    with left:
        side = side_of(run, titled(run))
        points_view(pack_points([side], len(run.frames) - 1, HEIGHT, named=True, step="step"), key=PAGE.key("map"))
    with right:
        x, y = [f.share * run.settings.epochs for f in run.frames], [f.loss for f in run.frames]
        widgets.chart(curves({titled(run): (x, y)}, "epochs", "loss, nats a pair", 200), key="word_loss")
        st.html(facts(run))
        offer(learned())


def side_of(run: WordRun, title: str) -> PointsSide:
    """A run as points that walk from frame to frame."""
    kinds = kinds_shown()
    known = sum(word in kinds for word in run.shown) > len(run.shown) // 2
    columns = (("kind", tuple(kinds.get(word, "other") for word in run.shown)),) if known else ()
    frames = tuple(
        Frame(i, "PCA", f.places, scores_of(f.loss, f.words_per_second), f.neighbours, f.cosines)
        for i, f in enumerate(run.frames)
    )
    names = tuple(f"{i}: {f.share:.0%} read" for i, f in enumerate(run.frames))
    return PointsSide(title, names, run.shown, run.shown, np.arange(len(run.shown)), columns, frames)


def scores_of(loss: float, rate: float) -> tuple[tuple[str, str, str], ...]:
    return (
        ("loss", f"{loss:.2f}", "Nats a pair with its negatives, the mean since the step before."),
        ("words a second", f"{rate:,.0f}", "Of the text, since the run began."),
    )


@lru_cache(maxsize=16)
def quality(run: WordRun) -> tuple[float | None, tuple[float, int] | None]:
    """(neighbours' score, (share of analogies, how many)) of a finished run, where the lists meet its words."""
    vectors, places = vectors_of(run), places_of(run)
    return neighbours_score(vectors, places, groups()), analogies_score(vectors, places, analogies())


def facts(run: WordRun) -> str:
    """The run in numbers, as html."""
    last = run.frames[-1]
    rows = [("seconds of learning", f"{last.seconds:.1f}"), ("words a second", f"{last.words_per_second:,.0f}")]
    if run.result is not None:
        near, pairs = quality(run)
        size = run.settings.size
        rows = [
            ("words × numbers", f"{len(run.result.words):,} × {size}"),
            ("words of the text", f"{run.result.text_words:,}"),
            ("seconds", f"{run.result.seconds:.1f}"),
            ("words a second", f"{run.result.words_per_second:,.0f}"),
        ]
        if near is not None:
            rows.append(("neighbours of its kind", widgets.percent(near)))
        if pairs is not None:
            rows.append((f"of {pairs[1]} analogies", widgets.percent(pairs[0])))
    return table(rows)


def table(rows: Sequence[tuple[str, ...]], head: tuple[str, ...] = ()) -> str:
    top = "".join(f"<th>{escape(one)}</th>" for one in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="gaze-numbers">{f"<tr>{top}</tr>" if head else ""}{body}</table>'


def told(run: WordRun) -> tuple[str, str, str]:
    """What you see, try this, careful: with the numbers of this run."""
    first, last = run.frames[0], run.frames[-1]
    near, _ = quality(run) if run.result is not None else (None, None)
    see = f"Each word began at a place by chance; the loss fell from {first.loss:.2f} to {last.loss:.2f} nats a pair."
    if near is not None:
        see += (
            f" Now {widgets.percent(near)} of a listed word’s nearest are of its own kind, though nobody told it kinds."
        )
    attempt = (
        "Press ▶ and watch the kinds part: which ones part first? Then train with a window of 1 and compare: "
        "what do nearby words say, and what do distant ones?"
    )
    return see, attempt, CAREFUL


def offer(run: WordRun) -> None:
    """Vectors and words for the Embedding Projector, and as exact numbers."""
    result = run.result
    assert result is not None
    about = (("count", tuple(str(count) for count in result.counts)),)
    side = PointsSide("words", (), result.words, result.words, np.arange(len(result.words)), about, ())
    forms: saving.Forms = {
        "tensors.tsv": ("tensors.tsv", lambda _: tensors(result.vectors)),
        "metadata.tsv": ("metadata.tsv", lambda _: metadata(side)),
    }
    saving.offer_files("For the Embedding Projector", forms)
    saving.offer("Word vectors", lambda _: numbers_of(result))


def numbers_of(result: WordVectors) -> Numbers:
    """A row for each word; as arrays: words, counts and vectors [word, size]."""
    vectors = result.vectors
    table: dict[str, Any] = {"word": list(result.words), "count": result.counts}
    table |= {f"dimension {k + 1}": vectors[:, k] for k in range(vectors.shape[1])}
    return Numbers(table, {"words": np.array(result.words), "counts": np.asarray(result.counts), "vectors": vectors})
