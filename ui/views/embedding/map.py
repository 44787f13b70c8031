"""The map of an embedding space on its page: what is asked, what is there already, what is computed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from streamlit.delta_generator import DeltaGenerator

from core.analyses import embedding
from core.analyses.vectors import fitting
from core.data.texts import TextSet, parallel
from core.engine import ask
from core.measures.projection import FEWEST, MOST_TSNE
from core.requests import EmbeddingRequest, OwnVectorsRequest, PlacesRequest, PointUnits, Projecting, ProjectionRequest
from core.store.opening import open_model
from core.store.revisions import kept
from core.store.shelf import SHELF
from core.types import Refused
from ui import jobs
from ui.components.points.message import Frame, layer_at
from ui.default_models import MBERT, XLMR, usual
from ui.session import Session

PAGE = Session("embedding")
HEIGHT = 338
UNKNOWN = 0.05  # share of pieces from which on a language is said to be unknown to a tokenizer
MEANING = {
    "trust": "Trustworthiness: are neighbours in the picture neighbours in truth? 1: all; about 0.5: as chance has it.",
    "continuity": "Are neighbours in truth neighbours in the picture? 1: all; about 0.5: as chance has it.",
    "translation found": "How often the nearest text of the other language is the translation; all pairs of languages.",
}


@dataclass(frozen=True, slots=True)
class MapChoice:
    """What the page asks for."""

    models: tuple[str, ...]
    texts: TextSet
    units: PointUnits = "sentences"
    method: Projecting = "UMAP"
    centre: bool = False
    position: int | None = None  # of the slider; None: where translations meet best in most models
    clusters: bool = False
    deep: bool = False  # whether PCA shows its third direction too
    own: OwnVectorsRequest | None = None  # vectors that are mapped in place of a model's

    @property
    def only(self) -> str:
        return self.texts.only


@dataclass(frozen=True, slots=True)
class Mapped:
    """One model's share of it, with its vectors there."""

    question: ProjectionRequest
    layer: int
    remark: str = ""


def title_of(source: embedding.Source, texts: TextSet) -> str:
    """What the picture of a source is called: its model, or the file that brought the vectors."""
    return texts.name if isinstance(source, OwnVectorsRequest) else display_name(source.model)


def display_name(model: str) -> str:
    return SHELF[model].title if model in SHELF else model.rstrip("/").rsplit("/", 1)[-1]


def first_models() -> tuple[str, str]:
    """Those that the page begins with."""
    return usual(MBERT), usual(XLMR)


def read_first() -> None:
    """Have the texts of the first picture read, so that nobody waits for it; by large models only when it is asked."""
    for model in first_models():
        if model in SHELF and SHELF[model].provenance == "built in":
            with suppress(Refused):  # the page says so to whoever opens it
                embedding.vectors(fitting(EmbeddingRequest(model, parallel().texts), 0))
                layer_names(model)


def mapped(chosen: MapChoice, model: str, room: DeltaGenerator, stop: Callable[[], None]) -> Mapped:
    """The vectors of one model; Refused says what does not go."""
    with jobs.fetching(PAGE, room, model, stop) as job:
        open_model(model, job.progress, job.cancelled)
    request = fitting(EmbeddingRequest(model, chosen.texts.texts, chosen.units, chosen.only), 0)
    names = layer_names(model)
    steps = steps_of(chosen)
    layer = layer_at(position_of(chosen), steps, len(names))
    if request.layer is not None:
        request = replace(request, layer=layer)
    with jobs.job(PAGE, room, f"{display_name(model)} reads", "map", stop=stop, unit=" texts") as job:
        made = ask(request, job.progress, job.cancelled)
    centre = embedding.centring(chosen.texts) if chosen.centre else ()
    method, remark = possible(chosen.method, len(made.labels))
    remarks = [remark, unknown(chosen.texts, made.unknown)]
    if made.empty and not chosen.only:
        remarks.append(f"{made.empty:,} texts without a point: nothing in them can be read.")
    return Mapped(ProjectionRequest(request, method, centre), layer, " ".join(r for r in remarks if r))


def mapped_own(chosen: MapChoice, own: OwnVectorsRequest, room: DeltaGenerator, stop: Callable[[], None]) -> Mapped:
    """The vectors that somebody brought; Refused says what does not go."""
    with jobs.job(PAGE, room, "Taking your vectors", "map", stop=stop) as job:
        made = ask(own, job.progress, job.cancelled)
    centre = embedding.centring(chosen.texts) if chosen.centre else ()
    method, remark = possible(chosen.method, len(made.labels))
    remarks = [remark]
    if made.empty:
        remarks.append(f"Rows without a vector, left out: {made.empty:,}.")
    flat = int((~made.values[0].any(axis=1)).sum())
    if flat:
        remarks.append(f"Vectors of zeros, without a direction: {flat:,}; their cosines are 0.")
    return Mapped(ProjectionRequest(own, method, centre), 0, " ".join(r for r in remarks if r))


@kept
def layer_names(model: str) -> tuple[str, ...]:
    """The names of a model's layers, from what it makes of one word."""
    return embedding.vectors(EmbeddingRequest(model, ("one",))).names


def steps_of(chosen: MapChoice) -> int:
    """Steps of the slider: the layers of the deepest model; one for vectors that somebody brought."""
    return 1 if chosen.own else max(len(layer_names(model)) for model in chosen.models)


def position_of(chosen: MapChoice) -> int:
    """Where the slider stands: what was chosen, kept within the layers there are, else the middle."""
    steps = steps_of(chosen)
    return round(0.55 * (steps - 1)) if chosen.position is None else max(0, min(chosen.position, steps - 1))


def possible(method: Projecting, points: int) -> tuple[Projecting, str]:
    """The method for so many points, and why it is another one."""
    if method != "PCA" and points < FEWEST:
        return "PCA", f"{points} points are too few for {method}: PCA is shown."
    if method == "t-SNE" and points > MOST_TSNE:
        return (
            "UMAP",
            f"{points:,} points are too many for t-SNE (up to {MOST_TSNE:,}): UMAP is shown. {sampled(points)}",
        )
    return method, sampled(points) if method == "UMAP" else ""


def sampled(points: int) -> str:
    """What UMAP does with more points than it arranges, in words; empty where it arranges all."""
    if points <= embedding.MOST_ARRANGED:
        return ""
    some = f"{embedding.MOST_ARRANGED:,} of {points:,} points, drawn by chance"
    return f"UMAP arranges {some}; the others stand among their nearest."


def unknown(texts: TextSet, shares) -> str:
    """Which languages the tokenizer turns into unknowns, in words."""
    groups = texts.languages or ("these texts",) * len(texts.texts)
    found = []
    for name in dict.fromkeys(groups):
        own = [share for share, group in zip(shares, groups, strict=True) if group == name]
        mean = float(sum(own) / len(own))
        if mean >= UNKNOWN:
            found.append(f"{name} {100 * mean:.0f} %")
    return f"unknown pieces: {', '.join(found)}" if found else ""


@kept
def frame(question: ProjectionRequest, texts: TextSet, layer: int, *, judged: bool = True) -> Frame:
    """One layer's picture, of places that are there; not judged, without scores and neighbours, which take longer."""
    if not judged:
        none = np.zeros((len(embedding.places_of(question, layer)), 0), np.float32)
        return Frame(layer, question.method, embedding.places_of(question, layer), (), none, none)
    indices, cosines = embedding.neighbours(question.embedding, question.centre, layer)
    return Frame(
        layer=layer,
        method=question.method,
        places=embedding.places_of(question, layer),
        scores=in_words(embedding.scores(question, texts, layer)),
        neighbours=indices,
        cosines=cosines,
    )


def in_words(scores: embedding.MapScores) -> tuple[tuple[str, str, str], ...]:
    found = [("trust", scores.trustworthiness), ("continuity", scores.continuity)]
    said = [(name, f"{value:.2f}", MEANING[name]) for name, value in found if value is not None]
    if scores.retrieval is not None and scores.chance is not None:
        share = f"{100 * scores.retrieval:.0f} % (chance {100 * scores.chance:.2g} %)"
        said.append(("translation found", share, MEANING["translation found"]))
    for name, value in scores.silhouettes:
        if value is not None:
            meaning = f"Silhouette by {name}, of the vectors: 1 parted wholly, 0 mixed, below 0 nearer to others."
            said.append((f"parted by {name}", f"{value:.2f}".replace("-", "−"), meaning))
    return tuple(said)


def arrange(sides: tuple[Mapped, ...], texts: TextSet, room: DeltaGenerator, stop: Callable[[], None]) -> bool:
    """Compute what is missing, the layers that are looked at first; whether anything new is there to be drawn."""
    for one in sides:
        if one.layer not in embedding.ready(one.question):
            compute(one, texts, one.layer, room, stop)
            if one is sides[-1]:
                return True
    missing = [
        (one, layer)
        for one in sides
        for layer in embedding.wanted(one.question, one.layer)
        if layer not in embedding.ready(one.question)
    ]
    for one, layer in missing:
        compute(one, texts, layer, room, stop)
    return bool(missing)


def compute(one: Mapped, texts: TextSet, layer: int, room: DeltaGenerator, stop: Callable[[], None]) -> None:
    """Have one layer arranged."""
    source = one.question.embedding
    what = f"{one.question.method} of {title_of(source, texts)}"
    if not isinstance(source, OwnVectorsRequest):
        what += f", layer {embedding.vectors(source).names[layer]}"
    with jobs.job(PAGE, room, what, "map", stop=stop, unit=jobs.SHARE) as job:
        ask(PlacesRequest(one.question, layer), job.progress, job.cancelled)
