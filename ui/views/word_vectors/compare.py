"""Two runs side by side with what was changed between them: quality against effort as a table."""

from __future__ import annotations

import streamlit as st

from core.figures.learning import curves
from core.learning.recordings import WordRun
from ui import runs, widgets
from ui.components.points.message import pack_points
from ui.components.points.view import points_view
from ui.views.word_vectors.common import PAGE, changed, latest, recording, settings_row, titled
from ui.views.word_vectors.map import quality, side_of, table

HEIGHT = 300


def draw() -> None:
    settings_row()
    runs.followed(PAGE, pictures)
    one, other = both()
    widgets.notes(*told(one, other))


def both() -> tuple[WordRun, WordRun]:
    """(the run before, the last run); of the recordings both where there is no run yet."""
    if runs.current(PAGE) is None:
        return recording("skip-gram"), recording("CBOW")
    before = PAGE.memory.get("before")
    return (before if isinstance(before, WordRun) else recording("skip-gram")), latest()


def pictures() -> None:
    one, other = both()
    last = other.frames[-1]
    runs.strip(PAGE, last.share, f"{last.share:.0%} read, {last.words_per_second:,.0f} words a second")
    runs_of = {"A": one, "B": other}
    sides = [side_of(run, f"{name}: {titled(run)}") for name, run in runs_of.items()]
    steps = max(len(one.frames), len(other.frames))
    left, right = st.columns([8.4, 3.6], gap="medium")
    with left:
        points_view(pack_points(sides, steps - 1, HEIGHT, named=True, step="step"), key=PAGE.key("two"))
    lines = {
        name: ([f.share * run.settings.epochs for f in run.frames], [f.loss for f in run.frames])
        for name, run in runs_of.items()
    }
    with right:
        widgets.chart(curves(lines, "epochs", "loss, nats a pair", 250), key="two_losses")
        columns = [row(name, run) for name, run in runs_of.items()]
        st.html(table(list(zip(("", "neighbours of its kind", "analogies", "seconds", "loss"), *columns, strict=True))))


def row(name: str, run: WordRun) -> tuple[str, ...]:
    last = run.frames[-1]
    if run.result is None:
        return (name, "…", "…", f"{last.seconds:.1f}", f"{last.loss:.2f}")
    near, pairs = quality(run)
    shares = (widgets.percent(near) if near is not None else "—", widgets.percent(pairs[0]) if pairs else "—")
    return (name, *shares, f"{run.result.seconds:.1f}", f"{run.result.loss:.2f}")


def told(one: WordRun, other: WordRun) -> tuple[str, str, str]:
    differ = changed(one.settings, other.settings)
    see = f"From A to B: {', '.join(differ[:4])}." if differ else "A and B have the same settings and the same seed."
    if one.result is not None and other.result is not None:
        near = [widgets.percent(share) for run in (one, other) if (share := quality(run)[0]) is not None]
        if len(near) == 2:
            see += f" Of a listed word’s nearest, {near[0]} and {near[1]} are of its kind."
    return (
        see,
        "Change one setting above and press Train: the last run becomes A. Which costs more time: a larger size, or a "
        "wider window?",
        "One run each: another seed moves these scores by a few per cent. A loss of other settings is another measure, "
        "so compare losses only where method and negatives are the same.",
    )
