"""Which layer aligns best: scores against gold at every layer of both models."""

from __future__ import annotations

import streamlit as st

from core.analyses.alignment import layers_of
from core.analyses.alignment_links import counted_set
from core.figures.alignment import Curve, by_layer
from core.measures.alignment import bootstrap, nearest_to_gold, scores_of
from core.requests import AlignmentReader, LinkMethod, Pair
from core.store.revisions import kept
from ui import widgets
from ui.views.alignment.common import PAGE, SETS, AlignmentChoice, badges, built_in, names_of, set_of, spinning

HEIGHT = 470


@kept
def curve(name: str, reading: AlignmentReader, way: LinkMethod, pairs: tuple[Pair, ...]) -> Curve:
    """Scores over all pairs, and where they would lie with others, at every layer."""
    table = list(zip(*counted_set(reading, way, pairs), strict=True))  # [layer][pair]
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
    chosen = widgets.segments(PAGE, right, "Over", "over", SETS, SETS[1])
    left.html(f'<div class="gaze-output">{badges(asked.readings)}</div>')
    pairs = set_of(chosen, asked.language)
    with spinning(asked.readings):
        curves = tuple(
            curve(name, reading, asked.way, pairs)
            for name, reading in zip(names_of(asked.readings), asked.readings, strict=True)
        )
    widgets.chart(by_layer(curves, HEIGHT), "by layer")
    best = [nearest_to_gold(one.scores) for one in curves]
    told = "; ".join(
        f"{one.name}: {'the input' if one.layers[k] == 0 else f'layer {one.layers[k]}'} with F1 "
        f"{one.scores[k].f1:.2f}, AER {one.scores[k].error_rate:.2f}"
        for one, k in zip(curves, best, strict=True)
    )
    widgets.notes(
        f"Best over {len(pairs)} pairs: {told}.",
        attempt(asked),
        f"Grey bands hold 95 % of {1000:,} resampled sets. With so few pairs two layers whose bands overlap are alike.",
    )
