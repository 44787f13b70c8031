"""The other views of Translation: the bottleneck, beam search, how the models learned, and T5's hidden spans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from core.analyses.translation import filled, sentinels
from core.engine import ask
from core.figures.training import by_length, learned
from core.measures.beams import Beams
from core.requests import BeamRequest, Edit, TextRequest
from core.store.shelf import SHELF
from core.tokens import split
from core.types import Refused
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.components.tree.message import pack_tree
from ui.components.tree.view import tree_view
from ui.views.translation.common import HEIGHT, PAGE, RECURRENT, Sentence, answer, title_of

OFF = Edit(heads_off=(("cross", 0, 0),))  # the only one that a recurrent model has
FIFTH = "fifth"
MOST_PILLS = 40
T5 = "google-t5/t5-small"


def choose_one() -> str:
    """The model whose attention is switched off."""
    chosen: str = widgets.pills(PAGE, st, "Model", "bottleneck", RECURRENT, format_func=title_of)
    return chosen


def bottleneck(sentence: Sentence, model: str) -> tuple[str, str]:
    """One model with its context and without, on this sentence and against the length of sentences."""
    own = replace(sentence.asked(model), target="")
    texts = [answer(one).output for one in (own, replace(own, edit=OFF))]
    for name, text in zip(("with attention", "switched off"), texts, strict=True):
        st.html(f'<div class="gaze-output"><small>{name}</small><span dir="auto">{escape(text)}</span></div>')
    groups = SHELF[model].about.get("by_length") or ()
    if groups:
        names = [f"{int(a)}–{int(b)}" for a, b, *_ in groups]
        lines = {
            "with attention": (names, [g[3] for g in groups], False),
            "switched off": (names, [g[4] for g in groups], True),
        }
        twin = SHELF[model].about.get("without") or {}
        if twin:
            lengths = [f"{int(a)}–{int(b)}" for a, b, *_ in twin["by_length"]]
            lines["a twin trained without"] = (lengths, [g[3] for g in twin["by_length"]], False)
        widgets.chart(by_length(lines, HEIGHT - 90), key=PAGE.key("lengths"))
    return (
        "Without attention the decoder has one vector for the whole sentence: the encoder's last state. "
        + kept_of(SHELF[model].about),
        "Type a short sentence, then a long one. Which curve falls faster with the length, and why?",
    )


def kept_of(about: Mapping[str, Any]) -> str:
    """What the curves say, in numbers: shortest and longest sentences of the model, and of its twin without."""
    groups, twin = about.get("by_length") or (), (about.get("without") or {}).get("by_length") or ()
    if not groups or not twin:
        return ""
    (first, last), (alone, thread) = (groups[0], groups[-1]), (twin[0], twin[-1])
    return (
        f"From sentences of up to {int(first[1])} words to those of {int(last[0])} and more BLEU falls from "
        f"{first[3]:.0f} to {last[3]:.0f}; in a twin that never had attention, from {alone[3]:.0f} to {thread[3]:.0f}."
    )


def choose_beams() -> tuple[str, int, float]:
    """(a recurrent model or the fifth, beams, length penalty)."""
    bar = st.container(key="sliders").columns([2.4, 2, 2], vertical_alignment="bottom", gap="medium")
    names = (FIFTH, *RECURRENT)
    shown = {FIFTH: "the model chosen above"} | {name: title_of(name) for name in RECURRENT}
    model = widgets.choice(PAGE, bar[0], "Model", "beaming", names, format_func=shown.get, titled=True)
    width = int(widgets.slider(PAGE, bar[1], "Beams", "beams", 1, 8, 3))
    return model, width, widgets.slider(PAGE, bar[2], "Length penalty", "length", 0.0, 2.0, 1.0, step=0.1)


def beams(sentence: Sentence, settings: tuple[str, int, float]) -> tuple[str, str]:
    """Beam search of one model as a tree, with the attention of the text that is chosen."""
    model, width, penalty = settings
    model = sentence.other if model == FIFTH else model
    request = BeamRequest(replace(sentence.asked(model), target=""), width, 30, penalty)
    found: Beams = ask(request)
    chosen = PAGE.memory.get("text", (None, 0))
    index = chosen[1] if chosen[0] == request and chosen[1] < len(found.hypotheses) else 0
    left, right = st.columns([1.7, 1], gap="large")
    with left:
        event = tree_view(pack_tree(found, 290, index), key=PAGE.key("tree"))
    if clicked := getattr(event, "text", None):
        PAGE.memory["text"] = request, int(clicked["index"])
        st.rerun()
    one = found.hypotheses[index]
    if one.attention is not None:
        rows, columns = (tuple(t.text for t in some) for some in (one.tokens, found.source))
        with right:
            weights, title = choose_map(one.attention)
            panel = Panel(title, weights, rows, columns, ("written", "read"), "weight", "share", square=False)
            panels_view([panel], key=PAGE.key("hypothesis"), height=HEIGHT - 40)
    best = found.hypotheses[0]
    return (
        f"{len(found.nodes)} tokens lived in {width} beams. Best: “{best.text}”, score {best.score:.2f}: the sum of "
        f"logarithms divided by {len(best.ids)} tokens to the power {penalty:g}.",
        "Set the length penalty to 0, then to 2: which texts win? Click one below the tree to see its attention.",
    )


def choose_map(attention: np.ndarray) -> tuple[np.ndarray, str]:
    """(weights [target token, source token] of the layer and head that are chosen, what they are called)."""
    layers, heads = attention.shape[:2]
    if layers * heads == 1:
        return attention[0, 0], "its attention"
    left, right = st.columns(2, gap="small")
    numbers = list(range(layers, 0, -1))
    layer = widgets.choice(PAGE, left, "Layer", "beam_layer", numbers, format_func="layer {}".format)
    some = [0, *range(1, heads + 1)]
    head = widgets.choice(
        PAGE, right, "Head", "beam_head", some, format_func=lambda one: f"head {one}" if one else "mean of heads"
    )
    weights = attention[layer - 1]
    shown = weights[head - 1] if head else weights.mean(axis=0)
    return shown, f"its attention, layer {layer}, {f'head {head}' if head else 'mean of heads'}"


def training(_: Sentence, __: None) -> tuple[str, str]:
    """How the four scores learned, from the cards of the models."""
    cards = {name: SHELF[name] for name in RECURRENT if name in SHELF}
    left, right = st.columns([1.15, 1], gap="large")
    lines = {title_of(name): card.about.get("losses", ()) for name, card in cards.items()}
    with left:
        widgets.chart(learned(lines, HEIGHT - 40), key=PAGE.key("learned"))
    right.html(efficiency(cards))
    slow = max(cards.values(), key=lambda card: float(card.about.get("seconds_an_epoch", 0)))
    quick = min(cards.values(), key=lambda card: float(card.about.get("seconds_an_epoch", 0)))
    times = float(slow.about.get("seconds_an_epoch", 0)) / max(1e-9, float(quick.about.get("seconds_an_epoch", 0)))
    return (
        f"All four took {int(slow.about.get('steps', 0)):,} steps of the same batches. {title_of(slow.name)} takes "
        f"{times:.1f} times as long as {title_of(quick.name)}: it has a small network between each pair of states.",
        "Compare seconds an epoch with BLEU and the error rate: does the dearest score align best?",
    )


def efficiency(cards) -> str:
    """Parameters, time and scores of the four as a table."""
    rows = []
    for name, card in cards.items():
        about, scores = card.about, card.scores
        cells = (
            f"{card.parameters / 1e6:.2f} M",
            *(
                f"{float(about[name]):,.0f}\N{NO-BREAK SPACE}{unit}" if name in about else "–"
                for name, unit in (("seconds_an_epoch", "s"), ("microseconds_a_call", "µs"))
            ),
            f"{scores.get('BLEU en-fr', 0):.1f}",
            f"{scores.get('AER en-fr', 1):.2f}",
        )
        rows.append(f"<tr><td>{name.removeprefix('rnn-')}</td>{''.join(f'<td>{one}</td>' for one in cells)}</tr>")
    heads = ("score", "parameters", "an epoch", "a call", "BLEU", "error rate")
    one = next(iter(cards.values()))
    return (
        f'<div class="gaze-wide"><table class="gaze-numbers"><tr>{"".join(f"<th>{h}</th>" for h in heads)}</tr>'
        f"{''.join(rows)}</table></div>"
        f'<p class="gaze-small">An epoch: {escape(str(one.about.get("timed_on", "")))}. A call of the score: '
        f"{escape(str(one.about.get('called_on', '')))}. {escape(str(one.about.get('held_out', '')))}.</p>"
    )


def choose_spans() -> tuple[str, tuple[int, ...]]:
    """(model, places of the hidden words)."""
    left, right = st.columns([2, 5], gap="medium", vertical_alignment="bottom")
    model = widgets.model_box(PAGE, left, ("encoder-decoder",), T5, "t5")
    names = [f"{word} {place + 1}" for place, word in enumerate(split(PAGE["text"])[:MOST_PILLS])]
    if not names:
        return model, ()
    with right:
        hidden = widgets.several_pills(PAGE, st, "Hidden words", "hidden", names, names[1:2])
    return model, tuple(place for place, name in enumerate(names) if name in hidden)


def spans(sentence: Sentence, settings: tuple[str, tuple[int, ...]]) -> tuple[str, str]:
    """T5's own exercise: words hidden behind marks, and what it writes for each mark."""
    model, places = settings
    words = split(sentence.text)
    if len(words) < 2:
        raise Refused("One word cannot be hidden from itself. Type a sentence.")
    if sentence.text != PAGE["text"]:  # a picture from before, when the one asked for was refused
        places = (1,)
    if not places:
        raise Refused("No word is hidden. Press one of the words.")
    text = sentinels(words, places)
    truth = behind(words, places)
    st.html(f'<div class="gaze-output"><small>reads</small><code>{escape(text)}</code></div>')
    found: tuple[str, ...] = ()
    try:
        encoding = answer(TextRequest(model, text))
        if not any(token.text == "<extra_id_0>" for token in encoding.tokens):
            raise Refused(f"{title_of(model)} knows no marks for hidden spans: choose a T5, such as {T5}.")
        found = filled(encoding, len(truth))
    except Refused as refusal:
        PAGE.refuse(refusal)
    st.html(spans_table(truth, found))
    return (
        f"T5 learned to write what stood behind each mark: here {len(truth)}, for {len(places)} hidden words.",
        "Hide two neighbours, then two words apart: how many marks are there, and which is easier to fill?",
    )


def behind(words: Sequence[str], places: Sequence[int]) -> list[str]:
    """What stood behind each mark."""
    spans_: list[list[str]] = []
    for before, place in zip((-2, *places), places, strict=False):
        if place - before > 1:
            spans_.append([])
        spans_[-1].append(words[place])
    return [" ".join(one) for one in spans_]


def spans_table(truth: Sequence[str], found: Sequence[str]) -> str:
    """Marks, what stood there, and what the model writes, where there is one."""
    rows = []
    for number, stood in enumerate(truth):
        said = escape(found[number]) or "(nothing)" if found else "–"
        rows.append(
            f"<tr><td><code>&lt;extra_id_{number}&gt;</code></td><td dir='auto'>{escape(stood)}</td>"
            f"<td dir='auto'>{said}</td></tr>"
        )
    heads = "<tr><th>mark</th><th>stood there</th><th>the model writes</th></tr>"
    return f'<table class="gaze-numbers">{heads}{"".join(rows)}</table>'
