"""A table of the visitor's own: taken in under More, its columns chosen in a row above the map."""

from __future__ import annotations

from functools import lru_cache
from html import escape

import pandas as pd
import streamlit as st

from core.data.delimited import MOST_BYTES
from core.data.tables import TYPES, Table
from core.data.texts import Roles, TextSet, guessed, point_set, text_set
from core.data.uploads import add_table, own_table
from core.public import uploaded
from core.types import Refused
from ui import address, widgets
from ui.session import Session

PAGE = Session("embedding")
TABLE = "Your table"  # among the sets of texts
ROWS, NO_LABEL = "row numbers", "no label"
SHOWN = 100  # rows of the preview
HELP = (
    "CSV, TSV, TXT, JSONL, XLSX or Parquet; your own vectors in a column, as .npy or .npz, as GloVe or word2vec text, "
    "or as two files: vectors and their metadata, as the Embedding Projector takes them. "
    "Column 'language' lets you centre, 'item' names translations of each other."
)


def upload() -> None:
    """The room for files; what is given is read at once."""
    st.file_uploader(
        "Your table, or your vectors",
        type=list(TYPES),
        accept_multiple_files=True,
        key=PAGE.key("file"),
        on_change=take_files,
        max_upload_size=uploaded(MOST_BYTES) // 1_000_000,
        help=HELP,
    )


def take_files(*, titled: bool | None = None) -> None:
    """Read the files at once: their table is shown, or advice says what is wrong with it.

    titled: whether the first line holds titles; None: as it looks.
    """
    given = PAGE.get("file") or []
    PAGE.memory.pop("wrong", None)
    if not given:
        return
    try:
        PAGE["table"] = add_table([(one.name, one.getvalue()) for one in given], titled=titled)
    except Refused as refusal:
        PAGE.memory["wrong"] = str(refusal)
        return
    for name in ("text", "label", "vectors"):
        del PAGE[name]
    PAGE["texts"] = TABLE
    PAGE.memory.pop("picked", None)
    PAGE.update(units="sentences", method="UMAP", centre=False)


def table_name() -> str:
    """The name of the table that was taken in, '' without one; a choice like any other, in address and history."""
    form = address.text(64)
    PAGE.begin("table", form, "")
    name = str(PAGE["table"])
    PAGE.end("table", form, "", name)
    return name


def choosers(name: str) -> Roles:
    """What the columns of a table are for, as somebody chooses; to begin with as they look."""
    table = own_table(name)
    begin, cells = guessed(table), [title for title, _ in table.cells]
    rooms = st.container(key="columns").columns([2.4, 2.2, 3.6, 1.3], vertical_alignment="bottom", gap="small")
    text = widgets.choice(PAGE, rooms[0], "Text", "text", [*cells, ROWS], begin.text or ROWS, titled=True)
    labels = [title for title in cells if title != text]
    label = begin.label if begin.label in labels else ""
    label = widgets.choice(PAGE, rooms[1], "Label", "label", [*labels, NO_LABEL], label or NO_LABEL, titled=True)
    numbers = [title for title, _ in table.numbers]
    vectors = widgets.several(
        PAGE, rooms[2], "Own vectors", "vectors", numbers, begin.vectors, titled=True,
        placeholder="none: a model reads the text" if numbers else "no columns of numbers", disabled=not numbers,
    )  # fmt: skip
    with rooms[3], st.popover("Rows", icon=":material/table:", width="stretch"):
        st.dataframe(preview(table), hide_index=True, width=640, height=320)
        if table.titled is not None and len(PAGE.get("file") or []) == 1:
            other = "The first line is a row like the others" if table.titled else "The first line holds the titles"
            again = {"titled": not table.titled}
            st.button(other, key=PAGE.key("titled"), on_click=take_files, kwargs=again, width="stretch")
    said = f"{table.name}: {table.count:,} rows; {'; '.join(table.said)}."
    st.html(f'<div class="gaze-output"><small>{escape(said)}</small></div>')
    return Roles("" if text == ROWS else text, "" if label == NO_LABEL else label, tuple(vectors))


def preview(table: Table) -> pd.DataFrame:
    """The first rows, vectors as their first numbers."""
    found: dict[str, list[str]] = {title: list(values[:SHOWN]) for title, values in table.cells}
    for title, values in table.numbers:
        if title not in found:
            more = " …" if values.shape[1] > 4 else ""
            found[title] = [", ".join(f"{x:.3g}" for x in row[:4]) + more for row in values[:SHOWN]]
    return pd.DataFrame(found)


@lru_cache(maxsize=8)
def set_of(name: str, roles: Roles) -> TextSet:
    """The texts of a table with what is told of each."""
    table = own_table(name)
    return point_set(table, roles) if roles.vectors else text_set(table, roles)
