"""Models: what is on the shelf, where it comes from, how good it is, what is here and what must be fetched."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from core.data.numbers import records
from core.device import describe
from core.store.cards import ModelCard
from core.store.families import FAMILIES
from core.store.opening import open_model
from core.store.shelf import CARD_PROBLEMS, SHELF, available_offline
from core.store.tried import OUTCOMES, TASKS, equal_of_all, tried
from core.types import Refused
from ui import jobs, saving, widgets
from ui.session import Session

PAGE = Session("models")
ALL, HERE, FETCHED = "All", "Here", "To fetch"
#: Where a kind of model is opened from its row: name of the page, how it is called, and what else its address says.
OPENED_IN: dict[str, tuple[str, str, dict[str, str]]] = {
    "encoder": ("blank", "Fill the blank", {}),
    "decoder": ("next_token", "Next token", {}),
    "encoder-decoder": ("attention", "Attention", {}),
    "recurrent": ("attention", "Attention", {}),
    "vision": ("vision", "Vision transformer", {}),
    "vision-language": ("vision", "Vision transformer", {"screen": "Words"}),
    "detector": ("vision", "Vision transformer", {"screen": "DETR"}),
    "clip": ("clip", "CLIP", {}),
}


def line(card: ModelCard, *, here: bool) -> None:
    """One model: name, numbers, whether it is here, and its card to unfold."""
    name, size, state = st.columns([5, 4, 2], vertical_alignment="center")
    name.html(f"<b>{escape(card.title)}</b> {widgets.badge(card.name)}<br><small>{escape(card.note)}</small>")
    parameters = f"{card.parameters / 1e6:,.{0 if card.parameters >= 1e6 else 1}f} M parameters"
    numbers = [parameters, f"{card.layers} layers" + (f" × {card.heads} heads" if card.heads else "")]
    if card.stands_for:
        numbers.append(f"a small stand-in for {card.stands_for}")
    size.html(f"<small>{escape(' · '.join(numbers))}<br><span translate='no'>{escape(card.licence)}</span></small>")
    if here:
        state.html("<small>✓ here, works offline</small>")
        page, title, more = OPENED_IN.get(card.family, ("", "", {}))
        if page and state.button(f"Open in {title}", key=PAGE.key(f"open {card.name}")):
            Session(page).go(f"../pages/{page}.py", model=card.name, **more)
    elif state.button(
        f"Fetch {card.megabytes:,.0f} MB" if card.megabytes else "Fetch", key=PAGE.key(f"fetch {card.name}")
    ):
        fetch(card)
    if card.about:
        with st.expander("Card: data, training, scores"):
            details(card)


def fetch(card: ModelCard) -> None:
    """Get a model's files with bytes and rate; Stop, or leaving the page, ends it."""
    room = st.empty()
    jobs.go_on(PAGE, "fetch")
    try:
        with st.spinner(f"Asking for {card.title} …"), jobs.fetching(PAGE, room, card.name) as job:
            open_model(card.name, job.progress, job.cancelled)
        st.rerun()
    except Refused as refusal:
        widgets.advice(refusal)


def details(card: ModelCard) -> None:
    """The card in words and tables."""
    about = card.about
    scores, curve = st.columns(2, gap="large")
    with scores:
        if card.scores:
            table = pd.DataFrame({"score": list(card.scores), "value": [str(v) for v in card.scores.values()]})
            st.dataframe(table, hide_index=True, width="stretch")
        st.caption(about.get("held_out", ""))
    with curve:
        if about.get("losses"):
            losses = pd.DataFrame(about["losses"], columns=["step", "training loss"]).set_index("step")
            st.line_chart(losses, height=190)
        facts = [f"{about[k]:,} {k}" for k in ("steps", "minutes") if k in about]
        facts += [f"{k} {about[k]}" for k in ("seed", "width", "vocabulary") if k in about]
        st.caption(" · ".join([*facts, about.get("machine", ""), about.get("date", "")]))
    for source in about.get("data", ()):
        said = f"{source['name']}, {source['licence']}. {source['attribution']}."
        st.html(f"<small>Data: <span translate='no'>{escape(said)}</span></small>")


def others() -> None:
    """What became of every model type of transformers, for those who bring a checkpoint of their own."""
    equal, giving = equal_of_all()
    if not giving:
        return
    st.subheader("Your own checkpoints")
    st.caption(
        f"Of {giving} model types of transformers that give attention, {equal} are shown here, each map equal to the "
        "one of transformers’ own eager class to 1e-5. The others, and those without maps, are refused with a sentence."
    )
    with st.expander("Every type"):
        rows = [(one.type, TASKS[one.task], OUTCOMES[one.outcome], one.sentence) for one in tried()]
        st.dataframe(pd.DataFrame(rows, columns=["type", "task", "outcome", "why"]), hide_index=True, width="stretch")


def filtered(here: set[str]) -> list[ModelCard]:
    """The cards that the widgets ask for, those that are here first."""
    row = st.container(key="bar").columns([6, 3, 3], vertical_alignment="center", gap="small")
    kinds = [kind for kind in FAMILIES if any(card.family == kind for card in SHELF.values())]
    kind = widgets.choice(PAGE, row[0], "Kind", "kind", [ALL, *kinds], format_func=title_of)
    where = widgets.segments(PAGE, row[1], "Where", "where", [ALL, HERE, FETCHED])
    told = widgets.toggle(PAGE, row[2], "With scores", "scores")
    cards = [card for card in SHELF.values() if kind in (ALL, card.family) and (card.scores or not told)]
    cards = [card for card in cards if where == ALL or (where == HERE) == (card.name in here)]
    return sorted(cards, key=lambda card: card.name not in here)


def title_of(kind: str) -> str:
    return "All kinds" if kind == ALL else FAMILIES[kind].title


def rows_of(cards: list[ModelCard], here: set[str]) -> list[dict[str, object]]:
    """A row for each model: its numbers, its scores, and whether it is here."""
    return [
        {"model": card.name, "kind": FAMILIES[card.family].title, "parameters": card.parameters, "layers": card.layers}
        | {"heads": card.heads, "megabytes": card.megabytes, "here": card.name in here, "licence": card.licence}
        | {name: str(value) for name, value in card.scores.items()}
        for card in cards
    ]


@PAGE.drawn()
def main() -> None:
    """Filters, then the models of each kind."""
    st.caption(describe())
    here = set(available_offline())
    for problem in CARD_PROBLEMS:
        widgets.advice(problem)
    cards = filtered(here)
    saving.offer("Models", lambda _: records(rows_of(cards, here)))
    if not cards:
        st.caption("No model is all of that: choose All.")
    for family, kind in FAMILIES.items():
        some = [card for card in cards if card.family == family]
        if some:
            st.subheader(kind.title, anchor=False)
        for card in some:
            with st.container(border=True):
                line(card, here=card.name in here)
    others()


main()
