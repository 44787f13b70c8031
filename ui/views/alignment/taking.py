"""What of the alignments can be taken away, and rows of pairs that open in the view Pair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

from core.data.numbers import Numbers, as_csv
from core.data.pair_saving import Golds, as_bars, as_jsonl, as_pharaoh, as_tmx, as_tsv, link_table
from core.measures.alignment import LinkScores
from core.requests import AlignmentReader, Gold, Link, Pair
from ui import saving
from ui.saving import Picked
from ui.views.alignment.common import PAGE


def as_gold(links: Sequence[frozenset[Link]]) -> Golds:
    """What a model links, in the form of gold: all of it sure."""
    return [Gold(one, one) for one in links]


def offer_links(pairs: Sequence[Pair], kinds: Mapping[str, Callable[[Picked], Golds]], first: int = 0) -> None:
    """Have the menu save links in the forms that other tools read.

    kinds: whose links they are -> those of every pair, by what the address says; first: where words are counted from.
    """
    makers: dict[str, tuple[str, Callable[[Golds], bytes]]] = {
        "Pharaoh": ("align", lambda golds: as_pharaoh(golds, first).encode()),
        "CSV": ("csv", lambda golds: as_csv(link_table(pairs, golds))),
        "TMX": ("tmx", lambda golds: as_tmx(pairs, golds, first).encode()),
        "TXT": ("txt", lambda golds: as_bars(pairs, golds, first).encode()),
        "TSV": ("tsv", lambda golds: as_tsv(pairs, golds, first).encode()),
        "JSONL": ("jsonl", lambda golds: as_jsonl(pairs, golds).encode()),
    }
    for name, found in kinds.items():
        forms = {
            form: (ending, lambda picked, found=found, make=make: make(found(picked)))
            for form, (ending, make) in makers.items()
        }
        saving.offer_files(f"Links: {name}", forms)


def caption(pairs: Sequence[Pair], readings: Sequence[AlignmentReader], of: str = "") -> None:
    """Have a saved picture say that it is of so many pairs, not of the one in the boxes."""
    models = dict.fromkeys(saving.with_revision(reading.model) for reading in readings)
    saving.retell(f"{len(pairs):,} pair{'s' * (len(pairs) != 1)}{f' of {of}' if of else ''}", ", ".join(models))


def offer_table(title: str, table: pd.DataFrame) -> None:
    """Have the menu save a table as it is shown."""
    saving.offer(title, lambda _: Numbers({str(name): table[name].tolist() for name in table}))


def differing(one: frozenset[Link], other: frozenset[Link]) -> float:
    """The share of the links of both that only one of them has; 0 where neither has any."""
    every = one | other
    return len(one ^ other) / len(every) if every else 0.0


def pair_rows(
    pairs: Sequence[Pair], links: Sequence[Sequence[frozenset[Link]]], scores: Sequence[Sequence[LinkScores | None]]
) -> pd.DataFrame:
    """A row for each pair, those first where the two models differ most. links, scores: [model][pair]."""
    table: dict[str, list] = {"pair": list(range(1, len(pairs) + 1))}
    table["differ"] = [differing(*both) for both in zip(*links, strict=True)]
    for title, field in (("AER", "error_rate"), ("F1", "f1")):
        for name, some in zip("AB", scores, strict=True):
            if any(some):
                table[f"{title} {name}"] = [getattr(one, field) if one else None for one in some]
    table["source"] = [pair.source_text or " ".join(pair.source) for pair in pairs]
    table["translation"] = [pair.target_text or " ".join(pair.target) for pair in pairs]
    return pd.DataFrame(table).sort_values("differ", ascending=False, kind="stable")


def open_rows(
    table: pd.DataFrame, pairs: Sequence[Pair], name: str, height: int | Literal["stretch"] = "stretch"
) -> None:
    """Show such a table; a row that is chosen opens in the view Pair."""
    shares = ["differ", *(title for title in table if title.startswith(("AER", "F1")))]
    told = {title: st.column_config.NumberColumn(format="%.2f", help=MEANING[title.split()[0]]) for title in shares}

    def opened(key: str) -> None:
        rows = PAGE.get(key, {}).get("selection", {}).get("rows", [])
        if rows:
            pair = pairs[int(table["pair"].iloc[rows[0]]) - 1]
            PAGE.update(source=pair.source_text or " ".join(pair.source), view="Pair")
            PAGE["target"] = pair.target_text or " ".join(pair.target)

    st.dataframe(
        table, hide_index=True, height=height, column_config=told, key=PAGE.key(name), selection_mode="single-row",
        on_select=partial(opened, name),
    )  # fmt: skip


MEANING = {
    "differ": "Share of the links of both models that only one of them has.",
    "AER": "Alignment error rate against the links made by hand: 0 is best.",
    "F1": "Harmonic mean of precision and recall against the links made by hand: 1 is best.",
}
