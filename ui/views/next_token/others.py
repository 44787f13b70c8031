"""The other views of Next token: all heads, the logit lens, beam search, what is kept, and two models side by side."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from core.engine import ask
from core.measures.beams import Beams
from core.measures.sampling import Distributions
from core.requests import BeamRequest, DistributionsRequest, KeptRequest, LensRequest, Sampling, TextRequest
from core.store.families import families_that
from core.store.shelf import card_for
from core.types import Display, Refused
from ui import edits, state, widgets
from ui.components.heads.view import heads_view
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.components.tree.message import pack_tree
from ui.components.tree.view import tree_view
from ui.lens import lens_table, settled
from ui.views.next_token.common import HEIGHT, PAGE, go_to

if TYPE_CHECKING:  # torch and transformers load with the first question, not with the page
    from core.analyses.logit_lens import Lens
    from core.analyses.next_token import Kept

SECOND = "mini-gpt"
SHOWN = 8
FAR = 1e6


def heads(request: TextRequest, _: None) -> tuple[str, str]:
    """All heads over the text so far."""
    start = state.most_decisive_head(request, "decoder")
    event = heads_view(state.packed(request, Display(), None, start), key=PAGE.key("heads"), height=HEIGHT + 60)
    if chosen := getattr(event, "toggle_head", None):
        head = str(chosen["kind"]), int(chosen["layer"]), int(chosen["head"])
        PAGE.later("off", edits.switched(PAGE.get("off", ""), "decoder", head))
        st.rerun()
    return (
        "Every small square is one head over the text so far; the last row is the one behind the next token.",
        "Press Step: one row and one column join every square, and no row that was there changes.",
    )


def lens(request: TextRequest, _: None) -> tuple[str, str]:
    """The table of the logit lens: a row a layer, a column a token."""
    found: Lens = ask(LensRequest(request))
    st.html(lens_table(found, HEIGHT))
    return (
        f"A row is the model cut off after that layer. {settled(found, len(found.tokens) - 1)}",
        "Look down a column: where does the guess become the one of the last layer, and does it come all at once?",
    )


def choose_beams() -> tuple[int, int, float]:
    """(beams, tokens, length penalty)."""
    bar = st.container(key="sliders").columns(3, gap="medium")
    width = int(widgets.slider(PAGE, bar[0], "Beams", "beams", 1, 8, 3))
    steps = int(widgets.slider(PAGE, bar[1], "Tokens", "tokens", 2, 24, 8))
    penalty = widgets.slider(
        PAGE, bar[2], "Length penalty", "length", 0.0, 2.0, 1.0, step=0.1, help="Above 0 longer texts gain."
    )
    return width, steps, penalty


def beam(request: TextRequest, settings: tuple[int, int, float]) -> tuple[str, str]:
    """Beam search from the text so far."""
    width, steps, penalty = settings
    found: Beams = ask(BeamRequest(request, width, steps, penalty))
    event = tree_view(pack_tree(found, 260), key=PAGE.key("beam"))
    if clicked := getattr(event, "text", None):
        go_to((*request.chosen, *found.hypotheses[int(clicked["index"])].ids))
        PAGE.later("show", "Next")
        st.rerun()
    best = found.hypotheses[0]
    return (
        f"{width} hypotheses live at a time; {len(found.nodes)} tokens lived. Best is “{best.text.strip()}”: "
        f"{best.score:.2f}, the sum of logarithms by its {len(best.ids)} tokens.",
        "Set the beams to 1: that is greedy. Then click a text below the tree to go on from it.",
    )


def kept(request: TextRequest, _: None) -> tuple[str, str]:
    """Keys and values between two steps: an object that grows by a column with each token."""
    found: Kept = ask(KeptRequest(request))
    layers, heads_, count, width = found.shape
    rows, columns = tuple(f"layer {i + 1}" for i in range(layers)), tuple(one.text for one in found.tokens)
    panels_view(
        [
            Panel(
                f"{title}: [{layers} layers, {heads_} heads, {count} tokens, {width}]",
                values,
                rows,
                columns,
                axes=("layer", "token"),
                scale="weight",
                group=title,
                note="length of the vectors, mean over heads",
                square=False,
            )
            for title, values in zip(("Keys", "Values"), found.lengths, strict=True)
        ],
        key=PAGE.key("kept"),
        height=HEIGHT - 150,
    )
    st.html(kept_table(found))
    return (
        f"After {count} tokens {size(found.bytes)} of keys and values are kept, {size(found.bytes / count)} a token: "
        f"2 × {layers} layers × {heads_} heads × {width} numbers. The next step reads 1 token instead of {count + 1}.",
        "Press Step: one column joins, the others stay. Then set the mask to none, under More: why is nothing kept?",
    )


def kept_table(found: Kept) -> str:
    """What keeping saves, in numbers."""
    count = len(found.tokens)
    rows = [
        ("tokens read for the next one", "1", f"{count + 1:,}"),
        (f"tokens read for all {count + 1:,}, one by one", f"{count + 1:,}", f"{(count + 1) * (count + 2) // 2:,}"),
        ("time of the next step, here", f"{1000 * found.with_kept:.1f} ms", f"{1000 * found.without:.1f} ms"),
        ("memory for it", size(found.bytes), "0 kB"),
    ]
    cells = "".join(f"<tr><td>{what}</td><td>{one}</td><td>{other}</td></tr>" for what, one, other in rows)
    return f'<table class="gaze-numbers"><tr><th></th><th>kept</th><th>read anew</th></tr>{cells}</table>'


def size(count: float) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= FAR else f"{count / 1e3:,.1f} kB"


def choose_second() -> str:
    """The model on the right."""
    return widgets.model_box(PAGE, st.columns(2, gap="large")[1], families_that("continue"), SECOND, "second")


def two(request: TextRequest, second: str) -> tuple[str, str]:
    """The same beginning in two models."""
    left, right = st.columns(2, gap="large")
    how = Sampling()
    first: Distributions = ask(DistributionsRequest(request, how))
    text = written(request)
    left.html(side(request.model, first))
    attempt = "Type another model's id on the right, such as gpt2: does the larger one hesitate less?"
    if second == request.model:
        return f"Both sides are {card_for(second).title}: choose another decoder on the right to compare them.", attempt
    try:
        other: Distributions = ask(DistributionsRequest(TextRequest(second, text), how))
    except Refused as refusal:
        with right:
            widgets.advice(refusal)
        return f"{card_for(request.model).title} alone: the other one does not read this.", attempt
    right.html(side(second, other))
    tops = [
        f"{card_for(name).title} “{one.places[-1].candidates[0].text}” ({one.places[-1].entropy:.1f} bits)"
        for name, one in ((request.model, first), (second, other))
    ]
    return f"Both read “{text[-60:].strip()}”. First choices: {', '.join(tops)}.", attempt


def written(request: TextRequest) -> str:
    """The text with what was chosen, as another model reads it."""
    from core.models.tokenizer import open_tokenizer

    more = open_tokenizer(request.model).decode(list(request.chosen), skip_special_tokens=True)
    return request.text + more


def side(name: str, found: Distributions) -> str:
    """One model's candidates as html bars."""
    last = found.places[-1]
    most = last.candidates[0].share
    bars = "".join(
        f'<div class="gaze-bar"><code dir="auto">{escape(c.text)}</code>'
        f'<i style="width:{100 * c.share / most:.1f}%"></i>'
        f"<span>{widgets.percent(c.share)}</span></div>"
        for c in last.candidates[:SHOWN]
    )
    line = f"{len(found.tokens)} tokens · {last.entropy:.2f} bits"
    line += f" · perplexity of the text {found.perplexity:,.1f}" if found.perplexity else ""
    return f'<div class="gaze-guess"><div>{widgets.badge(name)}<p class="gaze-small">{line}</p>{bars}</div></div>'
