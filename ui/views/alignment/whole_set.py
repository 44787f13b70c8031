"""All pairs that come with Gaze: scores of both models for every language, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import pandas as pd
import streamlit as st

from core.analyses.alignment import layers_of
from core.analyses.alignment_links import Aligned, aligned, counted_set
from core.data.pair_saving import Golds
from core.data.pairs import LANGUAGES, lesson
from core.measures.alignment import LinkScores, bootstrap, corpus_error_rate, diagonal, scores_of
from core.requests import AlignmentReader, LinkMethod, Pair
from core.store.revisions import kept
from ui import widgets
from ui.saving import Picked
from ui.views.alignment import comparison
from ui.views.alignment.common import PAGE, AlignmentChoice, badges, default_layer, names_of, spinning
from ui.views.alignment.taking import as_gold, caption, offer_links, offer_table, open_rows, pair_rows

HEIGHT = 350


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


@kept
def found_in(reading: AlignmentReader, way: LinkMethod, layer: int, pairs: tuple[Pair, ...]) -> tuple[Aligned, ...]:
    """What a model links in every pair of a set."""
    return tuple(aligned(reading, way, layer, pairs))


def draw(asked: AlignmentChoice) -> None:
    names = names_of(asked.readings)
    rooms = st.container(key="sliders").columns([4, 4, 4], gap="large", vertical_alignment="center")
    layers = [pick_layer(rooms[k], asked.readings[k], names[k], f"layer_{'ab'[k]}") for k in (0, 1)]
    by = widgets.segments(PAGE, rooms[2], "Rows", "rows", ROWS)
    pairs = tuple(pair for language in LANGUAGES for pair in lesson(language))
    caption(pairs, asked.readings)
    with spinning(asked.readings):
        tables = [rows_of(reading, asked.way, layer) for reading, layer in zip(asked.readings, layers, strict=True)]
        found = [
            found_in(reading, asked.way, layer, pairs) for reading, layer in zip(asked.readings, layers, strict=True)
        ]
    kinds: dict[str, Callable[[Picked], Golds]] = {
        name: partial(links_in, some) for name, some in zip(names, found, strict=True)
    }
    offer_links(pairs, kinds | {"gold": lambda _: [pair.gold for pair in pairs]})
    some = comparison.linked(pairs, found)
    if by == "languages":
        by_language(tables)
    elif by == "pairs":
        by_pair(pairs, found)
    elif any(reading.hide for reading in asked.readings):
        st.caption(comparison.HIDDEN)
    elif by == "groups":
        comparison.draw_groups(names, some, HEIGHT)
    else:
        comparison.draw_words(some, HEIGHT)
    said = notes(names, tables)
    if not any(reading.hide for reading in asked.readings):
        said = comparison.verdict(names, some, "these pairs")
    st.html(f'<div class="gaze-output">{badges(asked.readings)}</div>')
    widgets.notes(said, ATTEMPTS[by], comparison.CAREFUL if by == "groups" else CAREFUL)


def links_in(some: tuple[Aligned, ...], _: Picked) -> Golds:
    return as_gold([one.links for one in some])


def by_pair(pairs: tuple[Pair, ...], found: Sequence[tuple[Aligned, ...]]) -> None:
    """A row for each pair, those first where the models differ most."""
    links = [[one.links for one in some] for some in found]
    scores = [[scores_of([one.counts]) if one.counts else None for one in some] for some in found]
    table = pair_rows(pairs, links, scores)
    table.insert(1, "language", [LANGUAGES[pairs[number - 1].language] for number in table["pair"]])
    offer_table("This table", table)
    with widgets.tall(st, HEIGHT, "pairs"):
        open_rows(table, pairs, "set rows")


def by_language(tables: Sequence[tuple[tuple[str, LinkScores, LinkScores, LinkScores], ...]]) -> None:
    """A row for each language, with intervals."""
    table: dict[str, list] = {"language": [row[0] for row in tables[0]]}
    numbers: dict[str, list] = dict(table)
    for name, some in zip("AB", tables, strict=True):
        for field, title in (("f1", "F1"), ("error_rate", "AER")):
            table[f"{name} {title}"] = [within(*(getattr(one, field) for one in row[1:])) for row in some]
            for place, end in enumerate(("", " from", " to"), start=1):
                numbers[f"{name} {title}{end}"] = [getattr(row[place], field) for row in some]
        for field in ("precision", "recall"):
            table[f"{name} {field}"] = numbers[f"{name} {field}"] = [getattr(row[1], field) for row in some]
    table["diagonal AER"] = numbers["diagonal AER"] = list(diagonals())
    offer_table("This table", pd.DataFrame(numbers))
    plain = [name for name, some in table.items() if isinstance(some[0], float)]
    told = {name: st.column_config.NumberColumn(format="%.2f") for name in plain}
    with widgets.tall(st, HEIGHT, "set"):
        st.dataframe(pd.DataFrame(table), hide_index=True, height="stretch", column_config=told)


ROWS = ("languages", "pairs", *comparison.VIEWS)
ATTEMPTS = {
    "languages": "Change the method under the sentences: which finds more, which errs less?",
    "pairs": "The pairs on which the models differ most stand first: tick one, and it opens as a picture.",
    "groups": "Is the difference the same in every language? Look where the interval from–to leaves 0 out.",
    "words": "Which words does only one model get wrong? Click the head of a column to sort by it.",
}
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
