"""What is chosen above the map of an embedding space, and the maps that come of it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.texts import Roles, TextSet, bank, parallel
from core.requests import OwnVectorsRequest
from core.store.families import families_that
from core.store.shelf import SHELF, available_offline
from core.types import Refused
from ui import widgets
from ui.views.embedding import own_table
from ui.views.embedding.drawn import clusters_of
from ui.views.embedding.map import (
    PAGE,
    MapChoice,
    Mapped,
    first_models,
    mapped,
    mapped_own,
)
from ui.views.embedding.own_table import TABLE

FAMILIES = ("encoder", *families_that("continue"), "encoder-decoder")
ALONE = "no second model"


PARALLEL, BANK, TYPED = "Ten languages", "One word: bank", "Your sentences"


TEXTS = (PARALLEL, BANK, TYPED, TABLE)


UNITS, METHODS = ("sentences", "words", "pieces"), ("UMAP", "PCA", "t-SNE")


SENTENCES = "The cat sleeps.\nA dog barks at the cat.\nI bought a new car.\nThe car is red.\nMy dog likes the garden."
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
    word = PAGE["texts"] == BANK
    PAGE.update(units="words" if word else "sentences", method="PCA" if word else "UMAP", centre=False)
    PAGE.memory.pop("picked", None)


def choose() -> tuple[dict, DeltaGenerator]:
    """What is asked, and the room for provenance."""
    first, second = first_models()
    top = st.container(key="choose").columns([3.3, 3.3, 2.4, 1.3], vertical_alignment="center", gap="small")
    bar = st.container(key="bar").columns([2.75, 2.3, 2.25, 1.35, 2.6], vertical_alignment="center", gap="small")
    texts = widgets.choice(PAGE, top[2], "Texts", "texts", TEXTS, on_change=fit_to_texts)
    table, roles = columns_of(texts)
    own = bool(roles.vectors)  # no model is asked
    model = widgets.model_box(PAGE, top[0], FAMILIES, first, disabled=own)
    others, help_ = [ALONE, *names()], "Choose one, or type a Hugging Face id or a folder."
    beside = widgets.choice(
        PAGE, top[1], "Second model", "beside", others, second, accept_new_options=True, help=help_, disabled=own
    )
    units = widgets.segments(PAGE, bar[0], "Units", "units", UNITS, disabled=own)
    method = widgets.segments(PAGE, bar[1], "Projection", "method", METHODS)
    centre_help = "Takes away what all texts of a language share: their mean."
    centre = widgets.toggle(PAGE, bar[2], "Centre per language", "centre", help=centre_help)
    clusters_help = "Dense groups in the vectors, found by HDBSCAN and named by the words that stand out in them."
    grouped = widgets.toggle(PAGE, bar[3], "Clusters", "clusters", help=clusters_help)
    with top[3], st.popover("More", icon=":material/tune:", width="stretch"):
        more_options(texts)
        deep = widgets.toggle(PAGE, st, "3D", "deep", help="PCA's third direction too: hold Shift and drag to turn it.")
    models = tuple(dict.fromkeys([model] + [beside] * (beside != ALONE)))
    asked = {"models": models, "kind": texts, "units": units, "method": "PCA" if deep else method}
    asked |= {"centre": centre, "clusters": grouped, "deep": deep}
    return asked | {"table": table, "roles": roles}, bar[4].empty()


def columns_of(texts: str) -> tuple[str, Roles]:
    """The visitor's table and what its columns are for; ('', no roles) where none is chosen, or it is gone."""
    table = own_table.table_name()
    try:
        return table, own_table.choosers(table) if texts == TABLE and table else Roles()
    except Refused:
        return table, Roles()  # what is asked of it says so


def more_options(texts: str) -> None:
    """The user's own texts, and one word of them."""
    widgets.text_area(
        PAGE,
        st,
        "Your sentences, one a line",
        "own",
        titled=True,
        placeholder=SENTENCES,
        height=130,
        max_chars=20_000,
        on_change=lambda: PAGE.update(texts=TYPED),
    )
    placeholder, bank_alone = "any; with words", texts == BANK
    widgets.text_box(PAGE, st, "Only this word", "only", titled=True, placeholder=placeholder, disabled=bank_alone)
    own_table.upload()


def texts_of(kind: str, units: str, table: str, roles: Roles) -> TextSet:
    """The set that is chosen; Refused says what is missing."""
    only = PAGE.get("only", "").strip() if units == "words" else ""
    if kind == BANK:
        found = bank()
        return found if units == "words" else replace(found, only="")
    if kind == TABLE:
        if not table:
            raise Refused("There is no table yet: give a file under More.")
        return replace(own_table.set_of(table, roles), only="" if roles.vectors else only)
    if kind == TYPED:
        return typed(PAGE.get("own", "") or SENTENCES, only)
    return replace(parallel(), only=only)


@lru_cache(maxsize=8)
def typed(own: str, only: str) -> TextSet:
    lines = tuple(line.strip() for line in own.splitlines() if line.strip())
    if len(lines) < 2:
        raise Refused("One sentence makes no map: type two or more, one a line.")
    return TextSet("Your sentences", lines, (("sentence", tuple(str(i) for i in range(1, len(lines) + 1))),), only=only)


def position() -> int | None:
    """Where the slider stands: where it came to rest, else as the address says."""
    asked = PAGE.asked("layer")
    if asked is not None or "position" not in PAGE.memory:
        PAGE.memory["position"] = asked or ""
    said = str(PAGE.memory["position"])
    PAGE.note("layer", [said] if said.isdecimal() else [])
    return int(said) if said.isdecimal() and len(said) < 4 else None


def stop() -> None:
    """What is there stays: PCA needs no waiting; vectors that were never made, the last good map."""
    if PAGE.memory.get("reading"):
        model, beside = first_models()
        PAGE.update(model=model, beside=beside, texts=PARALLEL, units="sentences")
    PAGE["method"] = "PCA"


def sides_of(asked: dict, room: DeltaGenerator) -> tuple[MapChoice, tuple[Mapped, ...]]:
    """The maps of what is chosen; or advice, and those of what was good before."""
    PAGE.memory["reading"] = True

    def wanted() -> MapChoice:
        roles: Roles = asked["roles"]
        texts = texts_of(asked["kind"], asked["units"], asked["table"], roles)
        rest = {key: asked[key] for key in ("models", "method", "centre", "clusters", "deep")}
        if roles.vectors:
            return MapChoice(texts=texts, own=OwnVectorsRequest(asked["table"], roles.vectors), **rest)
        return MapChoice(texts=texts, units=asked["units"], position=position(), **rest)

    def answer(chosen: MapChoice) -> tuple[Mapped, ...]:
        if chosen.own:
            made: tuple[Mapped, ...] = (mapped_own(chosen, chosen.own, room, stop),)
        else:
            made = tuple(mapped(chosen, model, room, stop) for model in chosen.models)
        for one in made if chosen.clusters else ():
            clusters_of(one, chosen.texts)
        return made

    first = lambda: MapChoice(first_models(), parallel(), method=asked["method"])  # noqa: E731
    chosen, sides = PAGE.ask_or_last_good(wanted, answer, first, "map")
    PAGE.memory["reading"] = False
    return chosen, sides
