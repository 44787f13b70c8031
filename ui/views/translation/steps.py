"""Inside: a recurrent translator's attention as a diagram of shapes and this sentence's numbers, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.engine import ask
from core.requests import RecurrentStepsRequest
from ui import widgets
from ui.components.panels.message import Panel, Scale
from ui.components.panels.view import panels_view
from ui.views.translation.common import HEIGHT, PAGE, RECURRENT, Sentence, title_of

if TYPE_CHECKING:  # torch and transformers load with the first question, not with the page
    from core.analyses.recurrent_steps import RecurrentSteps

FORMULAS = {
    "additive": "score = v · tanh(W h + U e)",
    "dot": "score = h · e",
    "general": "score = h · W e",
    "scaled-dot": "score = h · e / √H",
}
ENERGY = {
    "additive": "energy: tanh(W h + U e)",
    "dot": "products: h × e, number by number",
    "general": "products: h × (W e), number by number",
    "scaled-dot": "products: h × e, number by number",
}
MOST_STEPS = 24  # that the slider reaches
ASKED = ("choose …", "decoder's state", "encoder's states", "neither")
RIGHT = {"query": ASKED[1], "keys": ASKED[2], "values": ASKED[2]}


def choose() -> tuple[str, int, dict[str, str]]:
    """(model, step of the decoder from 1, what each role was guessed to be)."""
    bar = st.container(key="sliders").columns([2.2, 3, 1.3, 1.3, 1.3], vertical_alignment="bottom", gap="small")
    model = widgets.choice(PAGE, bar[0], "Model", "recurrent", RECURRENT, format_func=title_of, titled=True)
    step = int(widgets.slider(PAGE, bar[1], "Word that is written", "step", 1, MOST_STEPS, 5))
    return model, step, {
        name: widgets.choice(PAGE, room, f"The {name}?", f"guess {name}", ASKED, titled=True, linked=False)
        for name, room in zip(RIGHT, bar[2:], strict=True)
    }  # fmt: skip


def inside(sentence: Sentence, chosen: tuple[str, int, dict[str, str]]) -> tuple[str, str]:
    """The diagram of one step."""
    model, step, guesses = chosen
    found: RecurrentSteps = ask(RecurrentStepsRequest(sentence.asked(model)))
    step = min(step, len(found.target)) - 1
    known = all(one != ASKED[0] for one in guesses.values())
    panels_view(diagram(found, step, known=known), key=PAGE.key("inside"), height=HEIGHT - 100, across=3)
    row = found.weights[step]
    most = int(row.argmax())
    return (
        f"{FORMULAS[found.score]}, {found.parameters:,} parameters. To write “{found.target[step].text}” the decoder "
        f"takes {widgets.percent(float(row[most]))} from “{found.source[most].text}”.",
        verdict(guesses) if known else "Which state is the query, which are the keys and the values? Choose all three.",
    )


def verdict(guesses: dict[str, str]) -> str:
    wrong = [name for name, one in guesses.items() if one != RIGHT[name]]
    if not wrong:
        return "All three are right: the decoder's state asks, the encoder's states answer, and are handed over too."
    again = " and the ".join(wrong)
    return f"Not yet: look at the {again} again. The query asks; keys answer; values are what is handed on."


def diagram(found: RecurrentSteps, step: int, *, known: bool) -> list[Panel]:
    """The six parts of a step, in the order in which they follow from each other."""
    width, count = found.keys.shape[1], len(found.source)
    inner = found.energy.shape[2]
    words, written = tuple(one.text for one in found.source), (found.target[step].text,)
    asks, answers = (" = query", " = keys = values") if known else ("", "")

    def strip(title: str, values: np.ndarray, rows: tuple[str, ...], group: str, note: str) -> Panel:
        return Panel(title, values, rows, (), ("word", "number"), "difference", group, note, square=False)

    def line(title: str, values: np.ndarray, scale: Scale, note: str) -> Panel:
        return Panel(title, values[None], written, words, ("written", "read"), scale, title, note, square=False)

    return [
        strip(f"1  h: decoder's state{asks}", found.queries[step][None], written, "state", f"[B, H] = [1, {width}]"),
        strip(f"2  e: encoder's states{answers}", found.keys, words, "state", f"[B, n, H] = [1, {count}, {width}]"),
        strip(f"3  {ENERGY[found.score]}", found.energy[step], words, "energy", f"[B, n, ·] = [1, {count}, {inner}]"),
        line("4  score", found.scores[step], "difference", f"[B, n] = [1, {count}]"),
        line("5  weight = softmax(score)", found.weights[step], "weight", f"[B, n] = [1, {count}], sums to 1"),
        strip("6  context = Σ weight × e", found.contexts[step][None], written, "state", f"[B, H] = [1, {width}]"),
    ]
