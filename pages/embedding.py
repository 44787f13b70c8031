"""Embedding space: sentences, words or pieces as points, layer by layer, two models side by side, and their scores."""

from __future__ import annotations

import streamlit as st

from core.analyses import embedding
from core.measures.clusters import alike
from core.requests import OwnVectorsRequest
from ui import saving, widgets
from ui.components.points.view import points_view
from ui.views.embedding.controls import CAREFUL, choose, sides_of, stop
from ui.views.embedding.drawn import clusters_of, message
from ui.views.embedding.map import PAGE, MapChoice, Mapped, arrange, position_of, steps_of, title_of
from ui.views.embedding.table import heard, offer, table, vectors_of

LOOP = "Draw a loop round a cluster and read in the table what its points share."


def explain(chosen: MapChoice, sides: tuple[Mapped, ...]) -> None:
    if chosen.only:
        made = [embedding.prepared(*vectors_of(one)) for one in sides]
        apart = " and ".join(f"{float((v @ v.T).min()):.2f}" for v in made)
        widgets.notes(
            f"One point for each “{chosen.only}”. In the static layer all are one; here the two least alike have "
            f"cosine {apart}.",
            "Walk through the layers: at which one do the senses part? Type your own word and sentences under More.",
            CAREFUL,
        )
        return
    widgets.notes(
        told_of_clusters(chosen, sides) if chosen.clusters else seen(chosen, sides[0]),
        LOOP
        if chosen.own
        else "Walk through the layers with ▶: where do translations meet, and what does the last layer do? "
        "Then centre per language."
        if chosen.texts.items
        else f"Walk through the layers with ▶. {LOOP}",
        CAREFUL,
    )


def own_badge(chosen: MapChoice, own: OwnVectorsRequest) -> str:
    """Where the numbers come from when no model gave them."""
    count, width = embedding.vectors(own).values.shape[1:]
    return widgets.provenance_badge("own vectors", f"{chosen.texts.name}, {count:,} × {width:,}")


def seen(chosen: MapChoice, one: Mapped) -> str:
    """What the vectors of the layer say, with their numbers."""
    request = one.question.embedding
    silhouettes, found, _ = embedding.truth(request, one.question.centre, chosen.texts, one.layer)
    told = sorted(((value, name) for name, value in silhouettes if value is not None), reverse=True)
    best = " and ".join(f"by {name} {value:.2f}".replace("-", "−") for value, name in told[:2])
    if chosen.own:
        say = "Each point is a row of your vectors, compared by cosine: their length does not count."
        say += f" They are parted {best}." if best else ""
    elif best:
        layer, model = embedding.vectors(request).names[one.layer], title_of(request, chosen.texts)
        say = f"Layer {layer} of {model} parts the {chosen.units} {best}."
    else:
        say = f"Each point is one of the {chosen.units}."
    if found is not None:
        say += f" In {widgets.percent(found)} of cases the nearest text in another language is the translation."
    return say


def told_of_clusters(chosen: MapChoice, sides: tuple[Mapped, ...]) -> str:
    """How many clusters each side has, how many points are in none, and how alike the two are."""
    found = [clusters_of(one, chosen.texts) for one in sides]
    said = " and ".join(
        f"{len(names)} clusters in {title_of(one.question.embedding, chosen.texts)} "
        f"({widgets.percent(float((labels < 0).mean()))} of the points in none)"
        for one, (labels, names) in zip(sides, found, strict=True)
    )
    say = f"HDBSCAN finds {said}, each named by the words that stand out in it."
    if len(found) == 2 and len(found[0][0]) == len(found[1][0]):
        index = alike(found[0][0], found[1][0])
        say += f" The two groupings are alike by {index:.2f} (adjusted Rand index: 1 the same, 0 as by chance)."
    return say.replace("-", "\N{MINUS SIGN}") if "-0." in say else say


@PAGE.drawn()
def main() -> None:
    """Choose, read, draw what is there, explain; then arrange what is not there yet, and draw again."""
    asked, room = choose()
    if "wrong" in PAGE.memory:
        PAGE.refuse(PAGE.memory["wrong"])
    chosen, sides = sides_of(asked, room)
    saving.tell(chosen.texts.name)
    there = tuple(embedding.ready(one.question) for one in sides)
    steps = steps_of(chosen)
    shown = {"words": chosen.units != "sentences", "clusters": chosen.clusters, "deep": chosen.deep}
    data = message(sides, there, chosen.texts, position_of(chosen), steps, **shown)
    heard(points_view(data, key=PAGE.key("map")), chosen, sides)
    table(chosen, sides)
    offer(chosen, sides)
    explain(chosen, sides)
    if arrange(sides, chosen.texts, room, stop):
        st.rerun()
    badges = own_badge(chosen, chosen.own) if chosen.own else "".join(widgets.badge(model) for model in chosen.models)
    room.html(f'<div class="gaze-badges">{badges}</div>')


main()
