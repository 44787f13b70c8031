"""Which layer aligns best: scores against gold at every layer of both models, over our pairs or a visitor's own."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from core.analyses.alignment import layers_of
from core.analyses.alignment_links import aligned, counted_set
from core.data.numbers import records
from core.data.pair_saving import Golds
from core.figures.alignment import Curve, by_layer
from core.measures.alignment import Counts, bootstrap, nearest_to_gold, scores_of
from core.requests import AlignmentReader, Pair
from core.types import Refused, Stopped
from ui import jobs, saving, widgets
from ui.brought import brought
from ui.saving import Picked
from ui.views.alignment.common import (
    PAGE,
    SETS,
    AlignmentChoice,
    badges,
    built_in,
    display_name,
    names_of,
    set_of,
)
from ui.views.alignment.own_file import COUNT_FROM, read
from ui.views.alignment.taking import as_gold, caption, offer_links

HEIGHT = 470
OWN = "your file"
MOST_READ = 1_000  # pairs of a file: every layer of them is aligned
AT_ONCE = 32  # pairs between two steps of the bar
MANY = 200  # pairs from which on a set is not called small


def curve(name: str, reading: AlignmentReader, counted: list[tuple[Counts, ...]]) -> Curve:
    """Scores over all pairs, and where they would lie with others, at every layer. counted: [pair][layer]."""
    table = list(zip(*counted, strict=True))  # [layer][pair]
    return Curve(
        name,
        layers_of(reading),
        tuple(scores_of(layer) for layer in table),
        tuple(bootstrap(layer) for layer in table),
    )


def attempt(asked: AlignmentChoice) -> str:
    """What to try; what a model never read is known of those that come with Gaze alone."""
    known = built_in(asked.readings)
    if asked.language in ("hi", "ar"):
        if known:
            return "Now choose French: the same sentences, a language that the built-in models have read."
        return "Now choose French: the same sentences. Is another layer best there?"
    if known:
        return "Compare Hindi or Arabic with French: no layer aligns a language that a model never read in pairs."
    return "Compare Hindi or Arabic with French: does any layer align a language in another script as well?"


def draw(asked: AlignmentChoice) -> None:
    left, right = st.columns([7.4, 3.6], vertical_alignment="center")
    own = gold_in_file()
    options = [*SETS, *([OWN] if own else [])]
    chosen = widgets.segments(PAGE, right, "Over", "over", options, SETS[1])
    left.html(f'<div class="gaze-output">{badges(asked.readings)}</div>')
    pairs = own if chosen == OWN else set_of(chosen, asked.language)
    pairs = tuple(replace(pair, language=pair.language or asked.language) for pair in pairs)
    caption(pairs, asked.readings, "your file" if chosen == OWN else "")
    names = names_of(asked.readings)
    try:
        curves = tuple(
            curve(name, reading, read_all(reading, asked, pairs))
            for name, reading in zip(names, asked.readings, strict=True)
        )
    except Stopped as refusal:
        widgets.advice(refusal)
        return
    widgets.chart(by_layer(curves, HEIGHT), "by layer")
    best = [nearest_to_gold(one.scores) for one in curves]
    offer(asked, pairs, curves, best)
    told = "; ".join(
        f"{one.name}: {'the input' if one.layers[k] == 0 else f'layer {one.layers[k]}'} with F1 "
        f"{one.scores[k].f1:.2f}, AER {one.scores[k].error_rate:.2f}"
        for one, k in zip(curves, best, strict=True)
    )
    widgets.notes(
        f"Best over {len(pairs):,} pair{'s' * (len(pairs) != 1)}: {told}.",
        attempt(asked),
        f"Grey bands hold 95 % of {1000:,} resampled sets. With so few pairs two layers whose bands overlap are alike."
        if len(pairs) < MANY
        else f"Grey bands hold 95 % of {1000:,} resampled sets: two layers whose bands overlap are alike.",
    )


def gold_in_file() -> tuple[Pair, ...]:
    """The pairs of the visitor's own file that bring links, as many as are read; none where there is no such file."""
    files = brought(PAGE, "own")
    if not files:
        return ()
    try:
        found = read(files)
        if found.both:
            found = read(files, COUNT_FROM.get(str(PAGE.get("count", "")), found.first))
    except Refused:
        return ()  # the view File says so
    return tuple(pair for pair in found.pairs if pair.gold)[:MOST_READ]


def read_all(reading: AlignmentReader, asked: AlignmentChoice, pairs: tuple[Pair, ...]) -> list[tuple[Counts, ...]]:
    """Counts [pair][layer], some pairs at a time, so that a long file has a bar and can be stopped."""
    found: list[tuple[Counts, ...]] = []
    advice = "Stopped. Go on, or choose fewer pairs."
    with jobs.job(
        PAGE,
        st.empty(),
        f"{display_name(reading.model)} reads",
        "layers",
        mark=(asked, pairs),
        unit=" pairs",
        advice=advice,
    ) as job:
        while len(found) < len(pairs):
            found += counted_set(reading, asked.way, pairs[len(found) : len(found) + AT_ONCE])
            job.progress(len(found), len(pairs))
    return found


def offer(asked: AlignmentChoice, pairs: tuple[Pair, ...], curves: tuple[Curve, ...], best: list[int]) -> None:
    """What can be taken away: the scores of every layer, and the links of both models where each is best."""
    rows = [
        {"model": one.name, "layer": layer}
        | {"precision": scores.precision, "recall": scores.recall, "F1": scores.f1, "AER": scores.error_rate}
        | {"F1 from": low.f1, "F1 to": high.f1, "AER from": low.error_rate, "AER to": high.error_rate}
        for one in curves
        for layer, scores, (low, high) in zip(one.layers, one.scores, one.intervals, strict=True)
    ]
    saving.offer("Scores of every layer", lambda _: records(rows))

    def links(reading: AlignmentReader, layer: int, _: Picked) -> Golds:
        return as_gold([one.links for one in aligned(reading, asked.way, layer, pairs)])

    kinds = {
        f"{one.name}, layer {one.layers[k]}": partial(links, reading, one.layers[k])
        for one, k, reading in zip(curves, best, asked.readings, strict=True)
    }
    offer_links(pairs, kinds)
