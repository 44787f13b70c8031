"""One pair in two models: matrices, lines, gold, moving through the layers together."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.analyses.alignment import Compared
from core.analyses.alignment_links import gold_left, links_of
from core.data.numbers import Numbers, matrix
from core.data.pair_saving import Golds
from core.data.pairs import LANGUAGES
from core.engine import ask
from core.measures.alignment import LinkScores, counts, nearest_to_gold, scores_of, to_words
from core.requests import AlignmentReader, AlignmentRequest, LinkMethod, Pair
from core.store.revisions import kept
from ui import saving, widgets
from ui.components.pair.view import Label, PairSide, pair_payload, pair_view
from ui.saving import Picked
from ui.views.alignment.common import PAGE, AlignmentChoice, badges, built_in, default_layer, display_name, warnings
from ui.views.alignment.taking import as_gold, offer_links

HEIGHT = 510
#: What a link rests on, by what is compared.
LINKED = {"states": "two vectors are near", "attention": "two words give each other much attention"}


@kept
def side_of(reading: AlignmentReader, way: LinkMethod, pair: Pair) -> PairSide:
    """What one model finds, at every layer."""
    some = ask(AlignmentRequest(reading, pair))
    rows, columns = ([unit.word for unit in units] for units in (some.source, some.target))
    links = tuple(frozenset(links_of(some, way, k)) for k in range(len(some.layers)))
    words = tuple(frozenset(to_words(one, rows, columns)) for one in links)
    source, target = (tuple(Label(u.text, u.word, u.hidden) for u in units) for units in (some.source, some.target))
    return PairSide(
        display_name(reading.model),
        "cosine" if some.of == "states" else "share of attention",
        source,
        target,
        some.layers,
        some.layers.index(default_layer(reading)),
        some.values,
        links,
        words,
        scores_by_layer(some, words, pair),
    )


def scores_by_layer(some: Compared, words, pair: Pair) -> tuple[LinkScores, ...] | None:
    if pair.gold is None:
        return None
    gold = gold_left(pair.gold, some)
    return tuple(scores_of([counts(one, gold.sure, gold.possible)]) for one in words)


@kept
def packed(asked: AlignmentChoice) -> bytes:
    sides = tuple(side_of(reading, asked.way, asked.pair) for reading in asked.readings)
    gold = asked.pair.gold
    if gold and any(reading.hide for reading in asked.readings):
        gold = gold_left(gold, ask(AlignmentRequest(asked.readings[0], asked.pair)))
    names = ("English", LANGUAGES[asked.pair.language]) if asked.pair.gold else ("source", "translation")
    links = (gold.sure, gold.possible) if gold else None
    return pair_payload(asked.pair.source, asked.pair.target, sides, links, names)


def draw(asked: AlignmentChoice) -> None:
    some = tuple(ask(AlignmentRequest(reading, asked.pair)) for reading in asked.readings)
    shared = " and ".join(f"{one.shared} in {name}" for name, one in zip("AB", some, strict=True))
    said = f"pieces that both sides have{', hidden' if asked.readings[0].hide else ''}: {shared}"
    optional = f'<small class="gaze-optional">{said}</small>'
    st.html(f'<div class="gaze-output">{badges(asked.readings)} {optional}</div>')
    for sentence in warnings(some, asked):
        widgets.advice(sentence)
    offer(asked)
    pair_view(packed(asked), key=PAGE.key("matrices"), height=HEIGHT)
    widgets.notes(see(asked), attempt(asked), careful(asked))


def offer(asked: AlignmentChoice) -> None:
    """What can be taken away: the links of both models at the layers that are looked at, gold, and the matrices."""
    sides = [side_of(reading, asked.way, asked.pair) for reading in asked.readings]
    names = [f"{letter} {side.name}" for letter, side in zip("AB", sides, strict=True)]
    kinds: dict[str, Callable[[Picked], Golds]] = {
        name: partial(links_at, side, letter) for name, side, letter in zip(names, sides, "ab", strict=True)
    }
    if gold := asked.pair.gold:
        kinds["gold"] = lambda _: [gold]
    offer_links([asked.pair], kinds)
    for name, side, letter in zip(names, sides, "ab", strict=True):
        saving.offer(f"{side.measure[0].upper()}{side.measure[1:]}: {name}", partial(matrix_at, side, letter))


def place_of(side: PairSide, letter: str, picked: Picked) -> int:
    """Where among a side's layers the one stands that the address names; the one it begins with where it names none."""
    said = picked.get(f"layer_{letter}", "")
    return side.layers.index(int(said)) if said.isdecimal() and int(said) in side.layers else side.start


def links_at(side: PairSide, letter: str, picked: Picked) -> Golds:
    return as_gold([side.words[place_of(side, letter, picked)]])


def matrix_at(side: PairSide, letter: str, picked: Picked) -> Numbers:
    rows, columns = ([f"{label.text} ({k})" for k, label in enumerate(some)] for some in (side.rows, side.columns))
    return matrix("source", rows, columns, side.values[place_of(side, letter, picked)])


def see(asked: AlignmentChoice) -> str:
    """This picture in numbers."""
    sides = [side_of(reading, asked.way, asked.pair) for reading in asked.readings]
    links = [side.words[side.start] for side in sides]
    both = len(links[0] & links[1])
    said = f"{both} of {len(links[0] | links[1])} links are found by both models at the layers it opens with."
    if asked.pair.gold is None:
        return said + " Nobody aligned this pair by hand, so there is no gold."
    told = " and ".join(
        f"layer {side.layers[nearest_to_gold(side.scores)]} of {name} (F1 {max(one.f1 for one in side.scores):.2f})"
        for name, side in zip("AB", sides, strict=True)
        if side.scores
    )
    return f"{said} Nearest to gold here: {told.replace('layer 0', 'the input')}."


def careful(asked: AlignmentChoice) -> str:
    """What a link does not say."""
    grounds = LINKED[asked.readings[0].of]
    return (
        f"A link says that {grounds}, not that the model knows a translation. "
        "Scores of one pair jump: look at the whole set before you judge."
    )


def attempt(asked: AlignmentChoice) -> str:
    if asked.language in ("hi", "ar") and built_in(asked.readings):
        return "The built-in encoders were trained without this language: switch to one they know and compare."
    if asked.readings[0].of == "attention":
        return "Go through the layers: attention between the sentences follows translations in few of them."
    if asked.readings[0].hide:
        return "Which links survive although the pieces both sentences share were hidden? Switch it off again."
    return "Move the layers: at the input a piece is only itself; higher up it knows its sentence. Then tick “change”."
