"""Heads over a corpus: what each does in many sentences, which heads do what is looked for, and which are alike."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data.head_cards import CARD_MEASURES, HeadCards, KindCards, Name, like
from core.data.kept_cards import kept_cards
from core.data.languages import NAMES
from core.data.sentences import SPOKEN, sentences
from core.measures.head_patterns import PATTERNS
from core.requests import HeadCardsRequest
from core.store.shelf import SHELF
from core.types import TextEncoding
from ui import saving, widgets
from ui.components.board.view import BoardSide, board_view
from ui.views.attention import finder
from ui.views.attention.controls import PAGE
from ui.views.attention.looked_at import HeadName, lead_to, look_at, looked_at, written

STYLE = Path(__file__).with_name("cards.css")
LEAST = 0.25  # share of the sentences from which on a pattern is named
MOST_ALIKE = 3
EDGES_HEIGHT = 146
CAREFUL = (
    "A name says what a head mostly does in these sentences, not what it is for. "
    "Other texts may call on it otherwise: look at yours under Heads."
)
TRY = "Move a slider under Find: which heads are left? Then look at one that is most like yours in another model."


def draw(encoding: TextEncoding) -> tuple[str, str, str]:
    """The board of heads over a corpus and the card of one; gives what to see, to try, and to be careful with."""
    st.html(STYLE)
    model = encoding.request.model
    bar = st.container(key="cards_bar").columns([2.2, 4, 1.6, 3.6], vertical_alignment="center", gap="small")
    language = widgets.choice(PAGE, bar[0], "Sentences in", "spoken", SPOKEN, "en", format_func=NAMES.get)
    cards = cards_for(model, language)
    if cards is None:
        count = len(sentences(language))
        return f"Each head is measured over {count:,} built-in sentences, once; then its card is kept.", TRY, CAREFUL
    shown = finder.colour_box(bar[1], cards)
    with bar[2], st.popover("Find", icon=":material/search:", width="stretch"):
        wanted = finder.sliders(cards)
    found = finder.fitting(cards, wanted)
    saving.offer("Cards of all heads", lambda _: finder.numbers(cards))
    bar[3].html(f'<div class="gaze-output"><small>{escape(finder.told(cards, wanted, found))}</small></div>')
    head = looked_at({one.kind: (one.numbers, len(one.strongest[0])) for one in cards.kinds}, beginning(cards, shown))
    left, right = st.columns([6, 5.4], gap="medium")
    with left:
        board(cards, shown, head, found if wanted else None)
        alike(cards, head)
    with right:
        card(cards, head)
    return sentence(cards, head), TRY, CAREFUL


def cards_for(model: str, language: str) -> HeadCards | None:
    """The cards, measured now where somebody asks for it."""
    found = kept_cards(model, language)
    if found is not None:
        return found
    room = st.empty()
    asked = (model, language)
    if PAGE.memory.get("measure") != asked:
        count = len(sentences(language))
        with room.container():
            st.caption(f"Nobody measured the heads of this model over {NAMES[language]} sentences here.")
            st.button(
                f"Measure over {count:,} sentences", key=PAGE.key("measure"), on_click=measure, args=asked,
                type="primary",
            )  # fmt: skip
        return None
    from ui.views.attention.effects import answered  # torch loads with it

    what = f"Heads over {NAMES[language]} sentences"
    cards: HeadCards | None = answered(HeadCardsRequest(model, language), what, "cards")
    return cards


def measure(model: str, language: str) -> None:
    PAGE.memory["measure"] = (model, language)


# --- the board --------------------------------------------------------------------------------------------------------


def board(cards: HeadCards, shown: str, head: HeadName, found: list[HeadName] | None) -> None:
    """All heads, coloured by what is asked for; those that do not fit stand back."""
    sides = []
    for one in cards.kinds:
        values = finder.values_of(one, shown)
        faint = set() if found is None else {(n, h) for n in one.numbers for h in range(values.shape[1])}
        faint -= {(number, at) for kind, number, at in found or () if kind == one.kind}
        chosen = frozenset({head[1:]}) if head[0] == one.kind else frozenset()
        sides.append(BoardSide(one.kind, values, chosen, one.numbers, frozenset(faint)))
    turn = PAGE.memory.get("cards turn", 0)
    event = board_view(sides, finder.unit_of(shown), key=PAGE.key("cards"), turn=turn, choosing=True)
    if event.off:
        PAGE.memory["cards turn"] = int(event.off["turn"])
        if event.off["heads"]:
            kind, layer, at = event.off["heads"][-1]
            look_at((str(kind), int(layer), int(at)))
        st.rerun()


def beginning(cards: HeadCards, shown: str) -> HeadName:
    """The head that has most of what the colours say."""
    best: tuple[float, HeadName] = (-1.0, (cards.kinds[0].kind, cards.kinds[0].numbers[0], 0))
    for one in cards.kinds:
        values = np.nan_to_num(finder.values_of(one, shown), nan=-1.0)
        layer, at = np.unravel_index(int(values.argmax()), values.shape)
        if values.max() > best[0]:
            best = float(values.max()), (one.kind, one.numbers[layer], int(at))
    return best[1]


# --- heads like this one ----------------------------------------------------------------------------------------------


def alike(cards: HeadCards, head: HeadName) -> None:
    """The heads whose maps are most like this one's, in this model and in another one, to be looked at."""
    if like(cards, place_of(cards, head), cards):
        said, rooms = alike_rooms("own")
        said.caption("Most like it here")
        buttons(rooms, cards, cards, head)
    others = [name for name in finder.models_with(cards.language) if name != cards.model]
    if not others:
        return
    said, rooms = alike_rooms("other")
    other = kept_cards(finder.other_box(said, others), cards.language)
    if other is not None:
        buttons(rooms, cards, other, head)


def alike_rooms(name: str) -> tuple[Any, list[Any]]:
    said, *rooms = st.container(key=f"alike_{name}").columns(
        [3.2, *MOST_ALIKE * [2.3]], gap="small", vertical_alignment="center"
    )
    return said, rooms


def buttons(rooms: list[Any], cards: HeadCards, other: HeadCards, head: HeadName) -> None:
    """The heads of `other` that are most like this one, each a button that leads to its card."""
    found = like(cards, place_of(cards, head), other)[:MOST_ALIKE]
    if not found:
        rooms[0].caption("none reads the same words")
    for room, (share, name) in zip(rooms, found, strict=False):
        named = named_in(other, name)
        room.button(
            f"{named[1] + 1}.{named[2] + 1} · {widgets.percent(share)}",
            key=PAGE.key(f"alike {other.model} {written(named)}"), width="stretch",
            on_click=partial(go, other.model, named),
            help=f"{written(named).capitalize()}: its rows over the same words; 1 - their Jensen-Shannon divergence",
        )  # fmt: skip


def go(model: str, head: HeadName) -> None:
    """Look at a head of this model or of another one."""
    if PAGE.get("model") != model:
        PAGE["model"] = model
    look_at(head)


def place_of(cards: HeadCards, head: HeadName) -> Name:
    kind = cards.of(head[0])
    assert kind is not None
    return head[0], kind.numbers.index(head[1]), head[2]


def named_in(cards: HeadCards, name: Name) -> HeadName:
    kind = cards.of(name[0])
    assert kind is not None
    return name[0], kind.numbers[name[1]], name[2]


# --- one card ---------------------------------------------------------------------------------------------------------


def card(cards: HeadCards, head: HeadName) -> None:
    """What one head does: measures, words, the strongest edges; with ways to its picture."""
    kind, (_, layer, at) = cards.of(head[0]), place_of(cards, head)
    assert kind is not None
    top = st.columns([3.2, 3.4, 3.4], vertical_alignment="center", gap="small")
    top[0].html(f'<b class="gaze-card-title">{head[0].capitalize()} head {head[1] + 1}.{head[2] + 1}</b>')
    edges = kind.strongest[layer][at]
    if edges:
        open_box(top[1], cards, head)
    top[2].button("Show in Heads", on_click=lead_to, args=(head,), key=PAGE.key("to heads"), width="stretch")
    words = words_line("given most", "by a word on average", kind.given[layer][at])
    words += words_line("take most", "from all other words together", kind.taking[layer][at])
    st.html(measures_table(kind, layer, at) + words)
    rows = "".join(edge_row(cards, head[0], edge) for edge in edges)
    with widgets.tall(st, EDGES_HEIGHT, "edges"):
        st.html(f'<div class="gaze-edges" tabindex="0">{rows}</div>')  # a keyboard scrolls it


def open_box(room, cards: HeadCards, head: HeadName) -> None:
    """One of the strongest sentences, to be opened in Heads with its edge held."""
    kind, (_, layer, at) = cards.of(head[0]), place_of(cards, head)
    assert kind is not None
    edges = kind.strongest[layer][at]

    def put(number: int) -> None:
        edge = edges[number]
        lead_to(head, cards.texts[edge.sentence].text, edge.query, edge.key)

    labels = [cards.texts[edge.sentence].text for edge in edges]
    widgets.example_box(PAGE, room, labels, put, "edge", "Open a sentence")


def measures_table(kind: KindCards, layer: int, head: int) -> str:
    """Mean and spread of each measure over the sentences, with a bar for shares."""
    rows = []
    for name, (title, what) in CARD_MEASURES.items():
        if name not in kind.means:
            continue
        mean, spread = float(kind.means[name][layer, head]), float(kind.spreads[name][layer, head])
        says = f"{what}; over {kind.counts[name]:,} sentences"
        if name in ("entropy", "distance"):
            unit, most = ("bits", 6.0) if name == "entropy" else ("tokens", 8.0)
            numbers = f"{mean:.1f} ± {spread:.1f} {unit}"
        else:
            most = 1.0
            numbers = f"{100 * mean:.0f} ± {100 * spread:.0f} %"
        share = 100 * min(1.0, mean / most)
        rows.append(
            f'<span title="{escape(says, quote=True)}" style="--share: {share:.0f}%"><span>{escape(title)}</span>'
            f"<span>{numbers}</span></span>"
        )
    return f'<div class="gaze-card">{"".join(rows)}</div>'


def words_line(title: str, what: str, some: tuple[tuple[str, float], ...]) -> str:
    """Words with what they are given, or take: as many as one line holds."""
    said = "".join(
        f'<span dir="auto">{escape(word)} <small>{widgets.percent(share)}</small></span>' for word, share in some
    )
    nobody = "<small>no word comes often enough</small>"
    return f'<div class="gaze-words"><b title="{what}">{title}</b>{said or nobody}</div>'


def edge_row(cards: HeadCards, kind: str, edge) -> str:
    """One sentence with its edge marked: who asks, and what it looks at."""
    sides = cards.texts[edge.sentence].sides
    asks, answers = {"encoder": ("read", "read"), "decoder": ("written", "written"), "cross": ("written", "read")}[kind]
    asks, answers = (side if side in sides else next(iter(sides)) for side in (asks, answers))
    if asks == answers:
        line = tokens(sides[asks], {edge.query: "asks", edge.key: "answers"})
    else:
        line = f"{tokens(sides[asks], {edge.query: 'asks'})} ← {tokens(sides[answers], {edge.key: 'answers'})}"
    return f"<span>{widgets.percent(edge.weight)}</span><span>{line}</span>"


def tokens(texts: tuple[str, ...], marks: dict[int, str]) -> str:
    """Tokens as words, some of them marked; a space in front begins a word."""
    some = []
    for at, text in enumerate(texts):
        shown = escape(text.removeprefix(" "))
        some.append(
            " " * text.startswith(" ") + (f'<mark class="{marks[at]}">{shown}</mark>' if at in marks else shown)
        )
    return f'<bdi dir="auto">{"".join(some).strip()}</bdi>'


def sentence(cards: HeadCards, head: HeadName) -> str:
    """What the head mostly does, as a share of the sentences; never more than that."""
    kind, (_, layer, at) = cards.of(head[0]), place_of(cards, head)
    assert kind is not None
    shares = {name: float(values[layer, at]) for name, values in kind.edges.items()}
    of = f"{cards.sentences:,} {NAMES[cards.language]} sentences" + corpus(cards)
    best = max(shares, key=lambda name: shares[name])
    if shares[best] < LEAST:
        return f"No pattern here names {written(head)}: in {of}, its strongest edge varies."
    told = f"In {widgets.percent(shares[best])} of {of}, the strongest edge of {written(head)} is {PATTERNS[best][1]}."
    others = [name for name in shares if name != best and shares[name] >= LEAST]
    if others:
        second = max(others, key=lambda name: shares[name])
        told += f" In {widgets.percent(shares[second])} it is {PATTERNS[second][1]}."
    return told


def corpus(cards: HeadCards) -> str:
    """Who wrote the sentences, and what became of them, in brackets."""
    known = SHELF.get(cards.model)
    parts = []
    if cards.own < cards.sentences:
        parts.append(f"{cards.own:,} written by people, the others by a grammar")
    if cards.of("cross") and known and known.languages:
        parts.append(f"translated into {NAMES[known.languages[0]]} by the model itself")
    return f" ({'; '.join(parts)})" if parts else ""
