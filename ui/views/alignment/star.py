"""One sentence in all languages at once: a word is followed from English into each of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache, partial
from html import escape
from pathlib import Path

import streamlit as st

from core.analyses.alignment_links import Aligned
from core.data.labelled import LESSONS
from core.data.languages import NAMES
from core.data.pairs import LANGUAGES, lesson, typed
from core.requests import Gold, Pair
from ui import widgets
from ui.views.alignment.common import PAGE, AlignmentChoice, badges, names_of, spinning
from ui.views.alignment.taking import offer_links
from ui.views.alignment.whole_set import found_in, links_in, pick_layer

STYLE = Path(__file__).with_name("star.css")
HEIGHT = 350
TRY = "Choose another word: is a name found more often than an article? Then move the layers."
CAREFUL = (
    "Green lines under words are links made by hand; sentences without gold tell only where both models agree. "
    "A language that a model never read shows what chance finds."
)


@lru_cache(maxsize=1)
def sentences() -> tuple[tuple[Pair, ...], ...]:
    """The sentences that come in several languages, English first: those with gold, then those without."""
    with_gold = list(zip(*(lesson(code) for code in LANGUAGES), strict=True))
    rows = json.loads((LESSONS / "parallel.json").read_text(encoding="utf-8"))["sentences"]
    others = [tuple(typed(row["en"], row[code], code) for code in (*LANGUAGES, "vi") if code in row) for row in rows]
    return (*with_gold, *others)


def draw(asked: AlignmentChoice) -> None:
    """The English words to choose from, and every language with what is linked to the chosen one by both models."""
    st.html(STYLE)
    names = names_of(asked.readings)
    some = sentences()
    opening = next((k for k, pairs in enumerate(some) if pairs[0].source_text == asked.pair.source_text), 0)
    rooms = st.container(key="sliders").columns([4.6, 3.7, 3.7], gap="large", vertical_alignment="center")
    texts = [f"{k + 1}  {pairs[0].source_text}" for k, pairs in enumerate(some)]
    number = widgets.choice(
        PAGE, rooms[0], "Sentence", "star", range(len(some)), opening, format_func=texts.__getitem__
    )
    layers = [pick_layer(rooms[k + 1], asked.readings[k], names[k], f"layer_{'ab'[k]}") for k in (0, 1)]
    pairs = some[number]
    words = numbered(pairs[0].source)
    begin = max(range(len(words)), key=lambda at: len(pairs[0].source[at]))
    at = widgets.pills(PAGE, st, "Word", f"word_{number}", range(len(words)), begin, format_func=words.__getitem__)
    with spinning(asked.readings):
        found = [
            found_in(reading, asked.way, layer, pairs) for reading, layer in zip(asked.readings, layers, strict=True)
        ]
    with widgets.tall(st, HEIGHT, "star"):
        st.html(table(pairs, found, at, names))
    offer_links(pairs, {name: partial(links_in, tuple(one)) for name, one in zip(names, found, strict=True)})
    st.html(f'<div class="gaze-output">{badges(asked.readings)}</div>')
    widgets.notes(said(pairs, found, at, names), TRY, CAREFUL)


def numbered(words: Sequence[str]) -> list[str]:
    """Words, the second time with a number behind them."""
    return [
        word if word not in words[:at] else f"{word} {words[: at + 1].count(word)}" for at, word in enumerate(words)
    ]


def table(pairs: Sequence[Pair], found: Sequence[Sequence[Aligned]], at: int, names: Sequence[str]) -> str:
    """A row for each language, a column for each model."""
    rows = [f"<tr><th></th>{''.join(f'<th>{escape(name)}</th>' for name in names)}</tr>"]
    for pair, *links in zip(pairs, *found, strict=True):
        cells = "".join(f'<td dir="auto">{marked(pair, one, at)}</td>' for one in links)
        rows.append(f"<tr><th>{escape(NAMES[pair.language])}</th>{cells}</tr>")
    return f'<div class="gaze-star"><table>{"".join(rows)}</table></div>'


def marked(pair: Pair, one: Aligned, at: int) -> str:
    """The translation with what is linked to a source word, and what should be by gold."""
    linked = {target for source, target in one.links if source == at}
    gold = pair.gold or Gold(frozenset(), frozenset())
    wanted = {target for source, target in gold.sure | gold.possible if source == at}
    return pieces(pair, linked, wanted)


def pieces(pair: Pair, linked: set[int], wanted: set[int]) -> str:
    """The text as it is written, words of these numbers marked."""
    text, cursor, parts = pair.target_text or " ".join(pair.target), 0, []
    for number, word in enumerate(pair.target):
        start = text.find(word, cursor)
        start = cursor if start < 0 else start
        kinds = " ".join(name for name, some in (("linked", linked), ("gold", wanted)) if number in some)
        shown = escape(word)
        parts += [escape(text[cursor:start]), f'<mark class="{kinds}">{shown}</mark>' if kinds else shown]
        cursor = start + len(word)
    return "".join(parts) + escape(text[cursor:])


def said(pairs: Sequence[Pair], found: Sequence[Sequence[Aligned]], at: int, names: Sequence[str]) -> str:
    """In how many languages the word is linked, and in how many rightly."""
    told = []
    for name, some in zip(names, found, strict=True):
        linked = [{link for link in one.links if link[0] == at} for one in some]
        if all(pair.gold for pair in pairs):
            right = sum(
                bool(links) and links <= (pair.gold.sure | pair.gold.possible)
                for pair, links in zip(pairs, linked, strict=True)
                if pair.gold
            )
            told.append(f"{name} links it in {sum(map(bool, linked))}, in {right} as people did")
        else:
            told.append(f"{name} links it in {sum(map(bool, linked))}")
    same = sum(
        {link for link in one.links if link[0] == at} == {link for link in other.links if link[0] == at}
        for one, other in zip(*found, strict=True)
    )
    return f"“{pairs[0].source[at]}” in {len(pairs)} languages: {'; '.join(told)}. Both say the same in {same}."
