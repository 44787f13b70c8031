"""Which of two models aligns a set better: one sentence, a table of groups, a table of words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.analyses.alignment_links import Aligned
from core.data.pairs import LANGUAGES
from core.measures.alignment import scores_of
from core.measures.comparing import ROUNDS, Difference, Group, Linked, WordErrors, groups, word_errors
from core.requests import Pair
from core.store.revisions import kept
from ui import widgets
from ui.views.alignment.taking import offer_table

VIEWS = ("groups", "words")
SIGNED = "%+.3f"
MOST_WORDS = 2_000  # rows of the table
CAREFUL = (
    "An interval holds 95 % of 1,000 resampled sets; pairs of one source are drawn together. "
    "Of twenty groups without a difference, one looks clear by chance."
)
HIDDEN = "Words and groups are counted where no pieces are hidden: switch that off under More."


@kept
def groups_of(some: tuple[Linked, ...]) -> tuple[Group, ...]:
    """The groups of a set, drawn once."""
    return tuple(groups(some, LANGUAGES))


def linked(pairs: Sequence[Pair], found: Sequence[Sequence[Aligned]]) -> tuple[Linked, ...]:
    """The pairs with gold, with what both models link."""
    return tuple(
        Linked(pair, pair.gold, first.links, second.links)
        for pair, first, second in zip(pairs, *found, strict=True)
        if pair.gold is not None
    )


def verdict(names: Sequence[str], some: Sequence[Linked], what: str) -> str:
    """One sentence: which model aligns better, by how much, how sure."""
    over = next(iter(groups_of(tuple(some))), None)  # all pairs
    if over is None:
        return "No pair has gold: nobody can tell which model aligns better."
    one = over.difference
    rates = f"AER {over.first:.3f} against {over.second:.3f}"
    if one.drawn < 2:
        return f"{names[0]} and {names[1]} reach {rates} over one sentence, which tells nothing of others."
    if not one.clear:
        return (
            f"Which model aligns {what} better cannot be told: {rates}, a difference of {signed(one)}, "
            f"which may as well be 0."
        )
    order = (0, 1) if one.value < 0 else (1, 0)
    rates = f"AER {(over.first, over.second)[order[0]]:.3f} against {(over.first, over.second)[order[1]]:.3f}"
    share = (one.first_better, one.second_better)[order[0]]
    return (
        f"{names[order[0]]} aligns {what} better than {names[order[1]]}: {rates}, a difference of {signed(one)}; "
        f"it is better in {widgets.percent(share)} of {ROUNDS:,} resampled sets."
    )


def f1_told(found: Sequence[Sequence[Aligned]]) -> str:
    """'F1 0.81 and 0.79', over the pairs with gold."""
    known = [[one.counts for one in some if one.counts] for some in found]
    return f"F1 {' and '.join(f'{scores_of(some).f1:.2f}' for some in known)}"


def signed(one: Difference) -> str:
    """'.031 (95 %: .012 to .050)', without its sign where 0 is left out."""
    low, high = sorted((abs(one.low), abs(one.high))) if one.clear else (one.low, one.high)
    value = abs(one.value) if one.clear else one.value
    return f"{value:.3f} (95 %: {low:.3f} to {high:.3f})"


def groups_table(names: Sequence[str], found: Sequence[Group]) -> pd.DataFrame:
    """A row for each group; the difference is A's error rate minus B's."""
    return pd.DataFrame(
        {
            "group": [one.title for one in found],
            "pairs": [one.pairs for one in found],
            "AER A": [one.first for one in found],
            "AER B": [one.second for one in found],
            "A - B": [one.difference.value for one in found],
            "from": [one.difference.low for one in found],
            "to": [one.difference.high for one in found],
            "better": [better(names, one.difference) for one in found],
        }
    )


def better(names: Sequence[str], one: Difference) -> str:
    """The model that is clearly better, by its letter and name; 'not clear' where none is."""
    if one.drawn < 2 or not one.clear:
        return "not clear"
    return names[0] if one.value < 0 else names[1]


def words_table(found: Sequence[WordErrors]) -> pd.DataFrame:
    """A row for each word about which a model errs."""
    columns: dict[str, list] = {
        "word": [one.word for one in found],
        "side": [one.side for one in found],
        "times": [one.times for one in found],
    }
    for k, name in enumerate("AB"):
        columns[f"errors {name}"] = [one.errors[k] for one in found]
        columns[f"missed {name}"] = [one.missed[k] for one in found]
        columns[f"wrong {name}"] = [one.wrong[k] for one in found]
    return pd.DataFrame(columns)


MEANING = {
    "A - B": "A's alignment error rate minus B's: below 0, A aligns better.",
    "from": "Least of the middle 95 % of 1,000 resampled sets; pairs of one source are drawn together.",
    "to": "Greatest of the middle 95 % of 1,000 resampled sets.",
    "better": "Where the interval leaves 0 out.",
    "errors": "Links missed and links wrong, together.",
    "missed": "Sure links of the word that the model does not find.",
    "wrong": "Links of the word that the model finds and that are not even possible.",
}


def draw_groups(names: Sequence[str], some: Sequence[Linked], height: int) -> None:
    table = groups_table(names, groups_of(tuple(some)))
    offer_table("This table", table)
    told = {
        title: st.column_config.NumberColumn(format="%.3f" if title.startswith("AER") else SIGNED,
                                             help=MEANING.get(title))
        for title in ("AER A", "AER B", "A - B", "from", "to")
    }  # fmt: skip
    told["better"] = st.column_config.TextColumn(help=MEANING["better"])
    show(table, told, "groups", height)


def draw_words(some: Sequence[Linked], height: int) -> None:
    table = words_table(word_errors(some))
    offer_table("This table", table)
    told = {
        title: st.column_config.NumberColumn(help=MEANING[title.split()[0]])
        for title in table
        if title.split()[0] in MEANING
    }
    show(table.head(MOST_WORDS), told, "words", height)


def show(table: pd.DataFrame, told: dict, name: str, height: int) -> None:
    with widgets.tall(st, height, name):
        st.dataframe(table, hide_index=True, height="stretch", column_config=told)
