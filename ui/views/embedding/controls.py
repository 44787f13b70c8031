"""What is chosen above the map of an embedding space, and the maps that come of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.texts import TextSet, bank, parallel, read_table
from core.errors import Refused
from core.store.shelf import SHELF, available_offline
from ui import state, widgets
from ui.views.embedding.map import (
    MapChoice,
    Mapped,
    Waiting,
    first_models,
    mapped,
)

FAMILIES = ("encoder", "decoder", "encoder-decoder")


ALONE = "no second model"


PARALLEL, BANK, TYPED, TABLE = "Ten languages", "One word: bank", "Your sentences", "Your table"


TEXTS = (PARALLEL, BANK, TYPED, TABLE)


UNITS, METHODS = ("sentences", "words", "pieces"), ("UMAP", "PCA", "t-SNE")


BEGIN = {"texts": PARALLEL, "units": "sentences", "method": "UMAP", "centre": False, "own": "", "only": ""}


SENTENCES = "The cat sleeps.\nA dog barks at the cat.\nI bought a new car.\nThe car is red.\nMy dog likes the garden."


BOUND = {"bind": "query-params"}


HIDDEN = {**BOUND, "label_visibility": "collapsed"}


CAREFUL = (
    "A flat map tears neighbours apart and pushes strangers together: trust and continuity say how much. "
    "In UMAP and t-SNE sizes of clusters and gaps mean nothing."
)


@lru_cache(maxsize=1)
def names() -> list[str]:
    """Models that read text, those that are here first."""
    here = set(available_offline())
    found = [name for name, card in SHELF.items() if card.family in FAMILIES]
    return sorted(found, key=lambda name: (SHELF[name].provenance != "built in", name not in here))


def fit_to_texts() -> None:
    """One word is looked at as a word, and six points need no UMAP."""
    word = st.session_state.texts == BANK
    st.session_state.units = "words" if word else "sentences"
    st.session_state.method = "PCA" if word else "UMAP"
    st.session_state.centre = False
    st.session_state.pop("_picked", None)


def take_table() -> None:
    """Read the file at once: it is shown, or advice says what is wrong with it."""
    given = st.session_state.get("file")
    st.session_state.pop("_wrong", None)
    if given is None:
        return
    try:
        st.session_state["_table"] = read_table(given.getvalue(), given.name)
        st.session_state.texts = TABLE
        fit_to_texts()
    except Refused as refusal:
        st.session_state["_wrong"] = str(refusal)


def choose() -> tuple[dict, DeltaGenerator, DeltaGenerator]:
    """What is asked, the room for provenance, and the room for the button that saves."""
    state.begin({**BEGIN, **dict(zip(("model", "beside"), first_models(), strict=True))})
    top = st.container(key="choose").columns([3, 3, 2.1, 1.2, 1.2], vertical_alignment="center", gap="small")
    picker = {"accept_new_options": True, **HIDDEN, "help": "Choose one, or type a Hugging Face id or a folder."}
    model = top[0].selectbox("Model", names(), key="model", **picker)
    beside = top[1].selectbox("Second model", [ALONE, *names()], key="beside", **picker)
    texts = top[2].selectbox("Texts", TEXTS, key="texts", on_change=fit_to_texts, **HIDDEN)
    bar = st.container(key="bar").columns([2.9, 2.4, 2.4, 3.3], vertical_alignment="center", gap="small")
    units = bar[0].segmented_control("Units", UNITS, key="units", required=True, **HIDDEN)
    method = bar[1].segmented_control("Projection", METHODS, key="method", required=True, **HIDDEN)
    centre = bar[2].toggle(
        "Centre per language",
        key="centre",
        help="Takes away what all texts of a language share: their mean.",
        **BOUND,
    )
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        more_options(texts)
    models = tuple(dict.fromkeys([model or first_models()[0]] + [beside] * (beside not in (None, ALONE))))
    return {"models": models, "kind": texts, "units": units, "method": method, "centre": centre}, bar[3].empty(), top[4]


def more_options(texts: str) -> None:
    """The user's own texts, and one word of them."""
    st.text_area(
        "Your sentences, one a line",
        key="own",
        placeholder=SENTENCES,
        height=130,
        max_chars=20_000,
        on_change=lambda: st.session_state.update(texts=TYPED),
        **BOUND,
    )
    st.text_input("Only this word", key="only", placeholder="any; with words", disabled=texts == BANK, **BOUND)
    st.file_uploader(
        "Your table: CSV or TSV, a line of titles, up to 50,000 rows",
        type=["csv", "tsv", "txt"],
        key="file",
        on_change=take_table,
        help="Column 'text' holds the texts; 'language' lets you centre, 'item' names translations of each other; "
        "all others with up to 60 different values can be shown as colours.",
    )


def texts_of(kind: str, units: str) -> TextSet:
    """The set that is chosen; Refused says what is missing."""
    only = st.session_state.get("only", "").strip() if units == "words" else ""
    if kind == BANK:
        found = bank()
        return found if units == "words" else replace(found, only="")
    if kind == TABLE:
        if "_table" not in st.session_state:
            raise Refused("There is no table yet: give a CSV or TSV file under More.")
        return replace(st.session_state["_table"], only=only)
    if kind == TYPED:
        return typed(st.session_state.get("own", "") or SENTENCES, only)
    return replace(parallel(), only=only)


@lru_cache(maxsize=8)
def typed(own: str, only: str) -> TextSet:
    lines = tuple(line.strip() for line in own.splitlines() if line.strip())
    if len(lines) < 2:
        raise Refused("One sentence makes no map: type two or more, one a line.")
    return TextSet("Your sentences", lines, (("sentence", tuple(str(i) for i in range(1, len(lines) + 1))),), only=only)


def position() -> int | None:
    said = str(st.session_state.get("_position", st.query_params.get("layer", "")))
    return int(said) if said.isdecimal() and len(said) < 4 else None


def stop() -> None:
    """What is there stays: PCA needs no waiting; vectors that were never made, the last good map."""
    if st.session_state.get("_reading"):
        models = dict(zip(("model", "beside"), first_models(), strict=True))
        st.session_state.update(models, texts=PARALLEL, units="sentences")
    st.session_state.method = "PCA"


def sides_of(asked: dict, waiting: Waiting) -> tuple[MapChoice, tuple[Mapped, ...]]:
    """The maps of what is chosen; or advice, and those of what was good before."""
    st.session_state["_reading"] = True
    try:
        texts = texts_of(asked["kind"], asked["units"])
        rest = {key: asked[key] for key in ("models", "units", "method", "centre")}
        chosen = MapChoice(texts=texts, position=position(), **rest)
        sides = tuple(mapped(chosen, model, waiting) for model in chosen.models)
    except Refused as refusal:
        widgets.advice(refusal)
        chosen = st.session_state.get("_good_space") or MapChoice(first_models(), parallel(), method=asked["method"])
        sides = tuple(mapped(chosen, model, waiting) for model in chosen.models)
    st.session_state["_good_space"] = chosen
    st.session_state["_reading"] = False
    return chosen, sides
