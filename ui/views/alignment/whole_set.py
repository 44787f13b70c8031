"""All pairs that come with Gaze: scores of both models for every language, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import pandas as pd
import streamlit as st

from core.analyses.alignment import layers_of
from core.analyses.alignment_links import counted_set
from core.data.pairs import LANGUAGES, lesson
from core.measures.alignment import LinkScores, bootstrap, corpus_error_rate, diagonal, scores_of
from core.requests import AlignmentReader, LinkMethod, Pair
from core.store.revisions import kept
from ui import widgets
from ui.views.alignment.common import PAGE, AlignmentChoice, badges, default_layer, names_of, spinning


@kept
def rows_of(
    reading: AlignmentReader, way: LinkMethod, layer: int
) -> tuple[tuple[str, LinkScores, LinkScores, LinkScores], ...]:
    """(language, scores, least, greatest) for every language and for all together."""
    place = layers_of(reading).index(layer)
    found, together = [], []
    for language, title in LANGUAGES.items():
        some = [one[place] for one in counted_set(reading, way, lesson(language))]
        found.append((title, scores_of(some), *bootstrap(some)))
        together += some
    return (*found, ("all", scores_of(together), *bootstrap(together)))


@lru_cache(maxsize=1)
def diagonals() -> tuple[float, ...]:
    """AER of links along the diagonal, which read nothing: for every language and for all."""
    sets = [lesson(language) for language in LANGUAGES]
    sets.append(tuple(pair for some in sets for pair in some))
    return tuple(diagonal_error_rate(some) for some in sets)


def diagonal_error_rate(pairs: Sequence[Pair]) -> float:
    """AER of the diagonal over pairs that were all aligned by hand."""
    golds = [pair.gold for pair in pairs if pair.gold]
    found = [diagonal(len(pair.source), len(pair.target)) for pair in pairs]
    return corpus_error_rate(found, [gold.sure for gold in golds], [gold.possible for gold in golds])


def pick_layer(room, reading: AlignmentReader, name: str, key: str) -> int:
    layers = layers_of(reading)
    start, shown = default_layer(reading), lambda one: str(one or "input")
    return widgets.stops(PAGE, room, f"Layer of {name}", key, layers, start, format_func=shown)


def within(value: float, low: float, high: float) -> str:
    return f"{value:.2f}  ({low:.2f}–{high:.2f})"


def draw(asked: AlignmentChoice) -> None:
    names = names_of(asked.readings)
    rooms = st.container(key="sliders").columns([4, 4, 4], gap="large", vertical_alignment="center")
    layers = [pick_layer(rooms[k], asked.readings[k], names[k], f"layer_{'ab'[k]}") for k in (0, 1)]
    rooms[2].html(f'<div class="gaze-output">{badges(asked.readings)}</div>')
    with spinning(asked.readings):
        tables = [rows_of(reading, asked.way, layer) for reading, layer in zip(asked.readings, layers, strict=True)]
    table: dict[str, list] = {"language": [row[0] for row in tables[0]]}
    for name, some in zip("AB", tables, strict=True):
        for field, title in (("f1", "F1"), ("error_rate", "AER")):
            table[f"{name} {title}"] = [within(*(getattr(one, field) for one in row[1:])) for row in some]
        table[f"{name} precision"] = [row[1].precision for row in some]
        table[f"{name} recall"] = [row[1].recall for row in some]
    table["diagonal AER"] = list(diagonals())
    plain = [name for name, some in table.items() if isinstance(some[0], float)]
    numbers = {name: st.column_config.NumberColumn(format="%.2f") for name in plain}
    with widgets.tall(st, 350, "set"):
        st.dataframe(pd.DataFrame(table), hide_index=True, height="stretch", column_config=numbers)
    widgets.notes(
        notes(names, tables), "Change the method under the sentences: which finds more, which errs less?", CAREFUL
    )


CAREFUL = (
    "In brackets: 95 % of 1,000 resampled sets of sentences. Eight sentences a language tell languages apart, "
    "not models that are alike."
)


def notes(names: list[str], tables) -> str:
    """Which model is nearer to gold, and whether the set is large enough to say so."""
    first, second = (some[-1] for some in tables)
    clear = first[2].f1 > second[3].f1 or second[2].f1 > first[3].f1
    said = f"{names[0]} reaches F1 {first[1].f1:.2f} over all 64 pairs, {names[1]} {second[1].f1:.2f}"
    return f"{said}: {'their intervals do not overlap' if clear else 'their intervals overlap'}."
