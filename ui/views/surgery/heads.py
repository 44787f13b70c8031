"""Heads under the knife: the board, what its choice does to loss and prediction, and the loss along an order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import streamlit as st

from core.analyses import pruning_curves
from core.analyses.surgery import heads_of, importance, loss, small_set
from core.engine import ask
from core.measures.attention import layer_numbers
from core.measures.surgery import best_kept, changed
from core.requests import Edit, HeadsCurveRequest, TextRequest
from core.types import Attention, Refused, Stopped, TextEncoding
from ui import edits, jobs, state, widgets
from ui.components.board.view import BoardSide, board_view
from ui.views.surgery.common import PAGE, notes

COLOURS = {"worth": "Colour: what it is worth", "moved": "Colour: how far its map moved"}
CAREFUL = (
    "The loss is that of 24 short sentences: enough to see a head that matters, too few to rank those that hardly do. "
    "A head that can go here may matter for other texts."
)


def take(event) -> None:
    """What was clicked on the board goes where the heads that are off are written."""
    if event.off:
        PAGE.memory["turn"] = int(event.off["turn"])
        off = [(str(kind), int(layer), int(head)) for kind, layer, head in event.off["heads"]]
        PAGE.memory["off"] = in_words(tuple(off))
        st.rerun()


def in_words(off: tuple) -> str:
    return ", ".join(f"{kind} {layer + 1}.{head + 1}" for kind, layer, head in sorted(off))


def chosen_off(request: TextRequest) -> tuple:
    """The heads that are off, as typed or clicked; advice says which does not exist."""
    there = heads_of(request.model, request.language)
    text = PAGE.coming("off")
    try:
        off = tuple(dict.fromkeys(edits.heads_off(text, there[-1][0])))
        strange = [head for head in off if head not in there]
        if strange:
            kind, layer, head = strange[0]
            raise Refused(
                f"There is no {kind} head {layer + 1}.{head + 1}: this model has {len(there)} heads. "
                f"Its last {there[-1][0]} head is {there[-1][1] + 1}.{there[-1][2] + 1}."
            )
        return off
    except Refused as refusal:
        PAGE.refuse(refusal)
        return PAGE.memory.get("good heads", ())


def draw(request: TextRequest) -> None:
    """The board, what the heads that are off do to loss and prediction, and the curve of an order."""
    bar = st.container(key="bar").columns([3.1, 1.9, 3.6, 1.5, 1.5], vertical_alignment="bottom", gap="small")
    there = heads_of(request.model, request.language)
    kinds = list(dict.fromkeys(kind for kind, _, _ in there))
    titles = {name: title for name, (title, _) in pruning_curves.ORDERS.items()}
    how = widgets.choice(
        PAGE, bar[0], "Order in which they go", "order", list(titles), titled=True, format_func=titles.get
    )
    names = ["all heads", *kinds] if len(kinds) > 1 else ["all heads"]
    among = widgets.choice(PAGE, bar[1], "Among", "among", names, titled=True)
    kind = "" if among == "all heads" else among
    slider, whole, sixteen = bar[2].empty(), bar[3], bar[4]
    if whole.button("All on", key=PAGE.key("all on"), width="stretch"):
        move(())
    one_help = "Only the head that is worth most stays on in each layer."
    if sixteen.button("One a layer", key=PAGE.key("one a layer"), width="stretch", help=one_help):
        move(best_kept(importance(request.model, request.language)))
    off = chosen_off(request)
    PAGE.memory["good heads"] = off
    left, right = st.columns([6.6, 4.8], gap="medium")
    before = state.answered(request)
    edited = state.answered(replace(request, edit=Edit(heads_off=off))) if off else None
    with left:
        colour = PAGE.get("colour", "worth")
        board = sides(request, off, before, colour)
        take(board_view(board, unit_of(colour), key=PAGE.key("board"), turn=PAGE.memory.get("turn", 0)))
        under = st.columns([4.6, 1.6], vertical_alignment="center", gap="small")
        widgets.segments(PAGE, under[0], "Colour", "colour", list(COLOURS), format_func=COLOURS.get)
        with under[1]:
            typed()
        line = st.empty()
    total = loss(request.model, request.language, ())
    now = loss(request.model, request.language, off)
    line.html(notes(before, edited, total, now, f"{len(off)} of {len(there)} heads off" if off else ""))
    with right:
        room, place = st.empty(), st.empty()
    notes_room = st.container()
    with notes_room:
        explain(request, off, total, now)
    curve(request, how, kind, (len(off), now), total, slider, room, place)


def unit_of(colour: str) -> str:
    return "worth by the gradient, greatest = 1" if colour == "worth" else "share of its attention that moved"


def move(off: tuple) -> None:
    PAGE.memory["off"] = in_words(off)
    st.rerun()


def typed() -> None:
    """The same choice as text, which the address carries."""
    with st.popover("Type heads", icon=":material/edit:"):
        widgets.text_box(PAGE, st, "Heads off", "off", titled=True, placeholder="encoder 1.2, cross 3.4")


def sides(request: TextRequest, off: tuple, before: TextEncoding, colour: str) -> list[BoardSide]:
    """The board's squares: what a head is worth, or how far its map moved when the others went."""
    worth = importance(request.model, request.language)
    most = max(worth.values()) or 1.0
    after = before
    if colour == "moved":
        # The same words on both sides, or the maps could not be laid on each other.
        same = replace(request, target=before.output)
        before = state.answered(same)
        after = state.answered(replace(same, edit=Edit(heads_off=off))) if off else before
    found = []
    for was, now in zip(before.attentions, after.attentions, strict=True):
        heads = was.weights.shape[1]
        own = layer_numbers(was)
        if colour == "moved":
            values = moved(was, now)
        else:
            values = [np.array([worth[was.kind, at, head] / most for head in range(heads)]) for at in own]
        mine = frozenset((layer, head) for kind, layer, head in off if kind == was.kind)
        found.append(BoardSide(was.kind, np.array(values), mine, own))
    return found


def moved(was: Attention, now: Attention) -> list[np.ndarray]:
    return [changed(was.weights[layer], now.weights[layer]) for layer in range(was.weights.shape[0])]


def slide(order: tuple) -> None:
    """The slider takes away so many heads, along the order."""
    PAGE.memory["off"] = in_words(order[: PAGE["along"]])


def curve(request: TextRequest, how: str, kind: str, here: tuple, total: float, slider, room, place) -> None:
    """The loss along an order: drawn as far as it is known, with progress, until somebody stops it."""
    key = (request.model, request.language, how, kind)
    lines: dict[tuple, tuple] = PAGE.memory.setdefault("lines", {})
    known = {
        pruning_curves.ORDERS[h][0]: line for (m, la, h, k), line in lines.items() if (m, la, k) == (*key[:2], kind)
    }
    title = pruning_curves.ORDERS[how][0]

    def draw(points: tuple) -> None:
        from core.figures.surgery import losses  # plotly loads with the first curve

        drawn = known | ({title: tuple(zip(*points, strict=True))} if points else {})
        widgets.chart(losses(drawn, here, total, "heads off", 400), room=room)

    unit, again = " passes over the sentences", f"Go on with: {title}"
    if jobs.is_stopped(PAGE, "heads curve", key):
        draw(())
    with suppress(Stopped), jobs.job(PAGE, place, title, "heads curve", mark=key, unit=unit, again=again) as job:
        drawn: list[tuple] = []

        def progress(done: float, passes: int, doing: str = "waiting", points: tuple = ()) -> None:
            job.what = f"{title}, {doing}"
            job.progress(done, passes)
            if not drawn:
                drawn.append(())
                draw(())
            if points and points != drawn[-1] and (how == "greedy" or len(points) % 6 == 0):
                drawn[-1] = points
                draw(points)

        found = ask(HeadsCurveRequest(*key), progress, job.cancelled)
        lines[key] = tuple(zip(*found.points, strict=True))
        draw(found.points)
        PAGE["along"] = len(set(found.order) & set(PAGE.memory.get("good heads", ())))
        label, along = f"Heads off, {title.lower()}", PAGE.key("along")
        slider.slider(label, 0, len(found.order), key=along, on_change=slide, args=(found.order,))


def explain(request: TextRequest, off: tuple, total: float, now: float) -> None:
    worth = importance(request.model, request.language)
    best = max(worth, key=worth.__getitem__)
    least = sum(1 for value in worth.values() if value < worth[best] / 20)
    widgets.notes(
        f"{best[0]} head {best[1] + 1}.{best[2] + 1} is worth most; {least} of {len(worth)} heads are worth less than "
        f"a twentieth of it. Whole, the model loses {total:.2f} nats a piece over {len(small_set())} sentences.",
        "Move the slider until what the model says breaks; then click single heads back on. "
        "Compare greedy with chance: how many heads are free to go?",
        CAREFUL,
    )
