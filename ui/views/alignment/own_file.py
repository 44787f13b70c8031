"""A user's own file of pairs: aligned by both models, scored where it brings gold, and saved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from html import escape

import pandas as pd
import streamlit as st

from core.analyses.alignment_links import Aligned, aligned
from core.data.links import as_text
from core.data.pair_files import MOST_BYTES, MOST_PAIRS, File, PairFile, read_pairs
from core.data.pair_saving import Golds, as_bars
from core.data.pairs import lesson
from core.measures.alignment import LinkScores, bootstrap, scores_of
from core.requests import Pair
from core.types import Refused, Stopped
from ui import jobs, widgets
from ui.brought import bring, file_box
from ui.saving import Picked
from ui.views.alignment import comparison
from ui.views.alignment.common import PAGE, AlignmentChoice, badges, names_of
from ui.views.alignment.taking import as_gold, caption, offer_links, offer_table, open_rows, pair_rows
from ui.views.alignment.whole_set import pick_layer, within

COUNT_FROM = {"words from 0": 0, "words from 1": 1}
HELP = (
    "One pair a line: source ||| translation, perhaps ||| links: 0-0 1p2 (sure 0-0, possible 1p2); or TSV, JSONL, TMX; "
    f"or two files of as many lines, links in a third. UTF-8, up to {MOST_PAIRS:,} pairs."
)
ROWS = ("pairs", *comparison.VIEWS)
HEIGHT = 330
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
    said: tuple[str, ...] = ()  # how the file was read


def as_file(pairs: tuple[Pair, ...], first: int) -> str:
    """Pairs with gold as the text of a file."""
    return as_bars(pairs, [pair.gold for pair in pairs], first)


@lru_cache(maxsize=4)
def read(files: tuple[File, ...], first: int | None = None) -> PairFile:
    """The pairs of files, read once."""
    return read_pairs(files, first)


def given(asked: AlignmentChoice) -> tuple[tuple[File, ...], PairFile]:
    """What is to be aligned: the files that were sent, or an example of one, and how they were read.

    Where the links fit from 0 and from 1, somebody is asked; where the files are refused, the example stays.
    """
    left, middle, right = st.columns([5, 2.6, 2], vertical_alignment="center", gap="medium")
    mine = file_box(
        PAGE, left, "Pairs", "own", many=True, help=HELP, label_visibility="collapsed",
        max_upload_size=MOST_BYTES // 1_000_000,
    )  # fmt: skip
    example = as_file(lesson(asked.language), 0)
    if mine and not PAGE.get("own"):  # links by hand, or brought before: the box does not show it
        names = " and ".join(name for name, _ in mine)
        out = f"Take {names} out"
        right.button(out, on_click=bring, args=(PAGE, "own", ()), key=PAGE.key("take out"), width="stretch")
    else:
        right.download_button("Example file", example, f"en-{asked.language}.txt", on_click="ignore", width="stretch")
    ours = (("", example.encode()),)
    files: tuple[File, ...] = mine or ours
    try:
        found = read(files)
        if found.both:
            first = widgets.segments(PAGE, middle, "Count", "count", list(COUNT_FROM))
            found = read(files, COUNT_FROM[first])
    except Refused as refusal:
        widgets.advice(refusal)
        return ours, read(ours)
    return files, found


def work(
    key: str, asked: AlignmentChoice, layers: list[int], pairs: tuple[Pair, ...], read: PairFile, name: str
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
    PAGE.memory["aligned"] = Done(key, pairs, read.first, name, names, found, read.said)
    return PAGE.memory["aligned"]


def table_of(done: Done) -> pd.DataFrame:
    """A row for each pair, those first where the models differ most: scores where there is gold, and all links."""
    links = [[one.links for one in some] for some in done.found]
    scores = [[scores_of([one.counts]) if one.counts else None for one in some] for some in done.found]
    table = pair_rows(done.pairs, links, scores)
    for name, some in zip("AB", links, strict=True):
        table[f"links {name}"] = [as_text(some[number - 1], done.first) for number in table["pair"]]
    return table


def judged(some: list[Aligned]) -> tuple[LinkScores, LinkScores, LinkScores] | None:
    """Scores over the pairs with gold, with their interval."""
    known = [one.counts for one in some if one.counts]
    return (scores_of(known), *bootstrap(known)) if known else None


def draw(asked: AlignmentChoice) -> None:
    files, found = given(asked)
    names = names_of(asked.readings)
    rooms = st.container(key="sliders").columns([4, 4, 4], gap="large", vertical_alignment="center")
    layers = [pick_layer(rooms[k], asked.readings[k], names[k], f"layer_{'ab'[k]}") for k in (0, 1)]
    pairs = tuple(replace(pair, language=asked.language) for pair in found.pairs)  # a translator has to know
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + data for name, data in files)).hexdigest()
    key = f"{digest} {found.first} {asked.language} {asked.readings} {asked.way} {layers}"
    name = " and ".join(name for name, _ in files)
    done = work(key, asked, layers, pairs, found, name)
    if done is None:
        return
    caption(done.pairs, asked.readings, done.name or "the example")
    table = table_of(done)
    some = comparison.linked(done.pairs, done.found)
    hidden = any(reading.hide for reading in asked.readings)
    by = ROWS[0]
    if some and not hidden:
        by = widgets.segments(PAGE, rooms[2], "Rows", "file_rows", ROWS)
    if by == "groups":
        comparison.draw_groups(done.names, some, HEIGHT)
    elif by == "words":
        comparison.draw_words(some, HEIGHT)
    else:
        open_rows(table, done.pairs, "file rows", min(HEIGHT, 38 + 35 * len(table)))
    st.html(f'<div class="gaze-output">{badges(asked.readings)}</div>')
    if done.name and done.said:
        said = f"{done.name}: {'; '.join(done.said)}. Saved links count words from {done.first}; JSONL counts from 0."
        st.html(f'<div class="gaze-output"><small>{escape(said)}</small></div>')
    offer(done, table, shown=by == ROWS[0])
    said = notes(done)
    if some and not hidden:
        sure = comparison.verdict(done.names, some, done.name or "the example")
        said = f"{sure} {comparison.f1_told(done.found)}; {counted(done)}."
    widgets.notes(said, HELP, comparison.CAREFUL if by == "groups" else CAREFUL)


def offer(done: Done, table: pd.DataFrame, *, shown: bool = True) -> None:
    """What can be taken away: the links of either model, gold where there is any, and the table where it is shown."""
    kinds: dict[str, Callable[[Picked], Golds]] = {
        name: partial(links_of_file, some) for name, some in zip(done.names, done.found, strict=True)
    }
    if any(pair.gold for pair in done.pairs):
        kinds["gold"] = lambda _: [pair.gold for pair in done.pairs]
    offer_links(done.pairs, kinds, done.first)
    if shown:
        offer_table("This table", table)


def links_of_file(some: list[Aligned], _: Picked) -> Golds:
    return as_gold([one.links for one in some])


def counted(done: Done) -> str:
    """How many pairs there are, and of what."""
    count = len(done.pairs)
    if done.name:
        return f"{count:,} pair{'s' * (count > 1)} of {done.name}"
    return f"{count} pairs of the example: send your own above"


def notes(done: Done) -> str:
    of = counted(done)
    verdicts = [scores for some in done.found if (scores := judged(some))]
    if len(verdicts) < len(done.found):
        same = sum(a.links == b.links for a, b in zip(*done.found, strict=True))
        return f"{of}. Both models link {same:,} of them alike; without gold there are no scores."
    told = "; ".join(
        f"{one}: F1 {within(*(s.f1 for s in scores))}, AER {within(*(s.error_rate for s in scores))}"
        for one, scores in zip(done.names, verdicts, strict=True)
    )
    return f"{of}. {told}."
