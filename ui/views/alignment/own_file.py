"""A user's own file of pairs: aligned by both models, scored where it brings gold, and saved as CSV."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from core.analyses.alignment_links import Aligned, aligned
from core.data.pairs import MOST_PAIRS, lesson, parse, written
from core.measures.alignment import LinkScores, bootstrap, scores_of
from core.requests import Pair
from core.types import Refused, Stopped
from ui import jobs, widgets
from ui.views.alignment.common import PAGE, AlignmentChoice, badges, names_of
from ui.views.alignment.whole_set import pick_layer, within

COUNT_FROM = {"words from 0": 0, "words from 1": 1}
HELP = (
    "One pair a line: source ||| translation, and perhaps ||| links: 0-0 1p2 (sure 0-0, possible 1p2). "
    f"Words stand between spaces. UTF-8, up to {MOST_PAIRS:,} pairs."
)
CAREFUL = "Links are what the models find, right or not. Only pairs with gold of your own can tell how often."


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """What was aligned, and what came of it; a file that is stopped leaves the one before on the page."""

    key: str
    pairs: tuple[Pair, ...]
    first: int  # where the file counts words from
    name: str  # of the file; "" for the example
    names: list[str]  # of the models
    found: list[list[Aligned]]  # a list a model


def as_file(pairs: tuple[Pair, ...], first: int) -> str:
    """Pairs with gold as the text of a file."""
    lines = []
    for pair in pairs:
        possible = " ".join(f"{i + first}p{j + first}" for i, j in sorted(pair.gold.possible - pair.gold.sure))
        links = f"{written(pair, sorted(pair.gold.sure), first)} {possible}".strip()
        lines.append(f"{' '.join(pair.source)} ||| {' '.join(pair.target)} ||| {links}")
    return "\n".join(lines) + "\n"


def given(asked: AlignmentChoice) -> tuple[bytes, int, str]:
    """What is to be aligned: the file that was sent, or an example of one; where words count from; its name."""
    left, middle, right = st.columns([5, 2.6, 2], vertical_alignment="center", gap="medium")
    with left:
        sent = st.file_uploader(
            "Pairs", type=["txt", "tsv", "align"], key=PAGE.key("own"), help=HELP, label_visibility="collapsed"
        )
    with middle:
        first = COUNT_FROM[widgets.segments(PAGE, st, "Count", "count", list(COUNT_FROM))]
    example = as_file(lesson(asked.language), first)
    right.download_button("Example file", example, f"en-{asked.language}.txt", on_click="ignore", width="stretch")
    if sent is None:
        return example.encode(), first, ""
    return sent.getvalue(), first, sent.name


def work(
    key: str, asked: AlignmentChoice, layers: list[int], pairs: tuple[Pair, ...], first: int, name: str
) -> Done | None:
    """The links of both models, with a bar and a Stop; once it was stopped, those that were there before, or None."""
    kept: Done | None = PAGE.memory.get("aligned")
    if kept and kept.key == key:
        return kept
    advice = "Stopped." + (" Below are the pairs of before." if kept else "")
    found, names = [], names_of(asked.readings)
    try:
        with jobs.job(
            PAGE, st.empty(), "Reading", "own", mark=key, unit=" pairs", again="Align again", advice=advice
        ) as job:
            for model, reading, layer in zip(names, asked.readings, layers, strict=True):
                job.what = model
                found.append(aligned(reading, asked.way, layer, pairs, job.progress))
    except Stopped as refusal:
        widgets.advice(refusal)
        return kept
    PAGE.memory["aligned"] = Done(key, pairs, first, name, names, found)
    return PAGE.memory["aligned"]


def table_of(done: Done) -> pd.DataFrame:
    """A row for each pair: its words, the links of both models, and F1 where there is gold."""
    pairs, found = done.pairs, done.found
    table: dict[str, list] = {"pair": list(range(1, len(pairs) + 1))}
    if any(pair.gold for pair in pairs):
        for name, some in zip("AB", found, strict=True):
            table[f"F1 {name}"] = [scores_of([one.counts]).f1 if one.counts else None for one in some]
    table["source"] = [" ".join(pair.source) for pair in pairs]
    table["translation"] = [" ".join(pair.target) for pair in pairs]
    for name, some in zip("AB", found, strict=True):
        table[f"links {name}"] = [
            written(pair, sorted(one.links), done.first) for pair, one in zip(pairs, some, strict=True)
        ]
    return pd.DataFrame(table)


def judged(some: list[Aligned]) -> tuple[LinkScores, LinkScores, LinkScores] | None:
    """Scores over the pairs with gold, with their interval."""
    known = [one.counts for one in some if one.counts]
    return (scores_of(known), *bootstrap(known)) if known else None


def draw(asked: AlignmentChoice) -> None:
    data, first, name = given(asked)
    names = names_of(asked.readings)
    rooms = st.container(key="sliders").columns([4, 4, 4], gap="large", vertical_alignment="center")
    layers = [pick_layer(rooms[k], asked.readings[k], names[k], f"layer_{'ab'[k]}") for k in (0, 1)]
    rooms[2].html(f'<div class="gaze-output">{badges(asked.readings)}</div>')
    try:
        pairs = parse(data, first)
    except Refused as refusal:
        widgets.advice(refusal)
        data, name = as_file(lesson(asked.language), first).encode(), ""
        pairs = parse(data, first)
    pairs = tuple(replace(pair, language=asked.language) for pair in pairs)  # a translator has to know
    digest = hashlib.sha256(data).hexdigest()
    key = f"{digest} {first} {asked.language} {asked.readings} {asked.way} {layers}"
    done = work(key, asked, layers, pairs, first, name)
    if done is None:
        return
    table = table_of(done)
    scores = {f"F1 {one}": st.column_config.NumberColumn(format="%.2f") for one in "AB"}
    st.dataframe(table, hide_index=True, height=min(330, 38 + 35 * len(table)), column_config=scores)
    st.download_button(
        "Save as CSV", lambda: table.to_csv(index=False).encode("utf-8-sig"), "alignment.csv", "text/csv",
        on_click="ignore",
    )  # fmt: skip
    widgets.notes(notes(done), HELP, CAREFUL)


def notes(done: Done) -> str:
    count = len(done.pairs)
    of = f"{count:,} pairs of {done.name}" if done.name else f"{count} pairs of the example: send your own above"
    verdicts = [judged(some) for some in done.found]
    if not all(verdicts):
        same = sum(a.links == b.links for a, b in zip(*done.found, strict=True))
        return f"{of}. Both models link {same:,} of them alike; without gold there are no scores."
    told = "; ".join(
        f"{one}: F1 {within(*(s.f1 for s in scores))}, AER {within(*(s.error_rate for s in scores))}"
        for one, scores in zip(done.names, verdicts, strict=True)
    )
    return f"{of}. {told}."
