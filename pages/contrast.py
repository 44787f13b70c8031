"""Contrast: skip-gram, SimCLR and CLIP as one idea: pull what belongs together, push everything else away."""

from __future__ import annotations

import math

import streamlit as st

from ui import saving, widgets
from ui.components.forces.view import Point, forces_view
from ui.session import Session
from ui.views.contrast import numbers

PAGE = Session("contrast")
HEIGHT = 452
LOSSES = ("Skip-gram", "NT-Xent", "CLIP")
MODES = {"Skip-gram": "skip-gram", "NT-Xent": "simclr", "CLIP": "clip"}
THINGS = ("dog", "cup", "cloud", "bus", "moon", "loaf")
APART = (0.72, 1.3, 1.6, 0.45)  # of the way to the next pair: where partners begin, so that some are nearer to others
NEGATIVES = ("the", "stone", "Tuesday", "seven", "grey", "window", "of", "paper")
#: What the slider begins with: word2vec divides by nothing, SimCLR by .5, CLIP ends at .01 (too sharp for a few pairs).
BEGIN = {"Skip-gram": 1.0, "NT-Xent": 0.5, "CLIP": 0.2}
FORMULAS = {
    "Skip-gram": "−ln σ(u<sub>context</sub>·v) − Σ<sub>negatives</sub> ln σ(−u·v)",
    "NT-Xent": "−ln ( e<sup>cos(a, partner)/τ</sup> / Σ<sub>all others</sub> e<sup>cos(a, other)/τ</sup> )",
    "CLIP": "½ −ln ( e<sup>cos(p, own t)/τ</sup> / Σ<sub>texts</sub> e<sup>cos(p, t)/τ</sup> ) + "
    "½ −ln ( e<sup>cos(own p, t)/τ</sup> / Σ<sub>pictures</sub> e<sup>cos(p, t)/τ</sup> )",
}
#: What you see, try this, careful.
NOTES = {
    "Skip-gram": (
        "One true pair pulls, words drawn by chance push. Each is judged alone, by a sigmoid of its dot product, so "
        "length counts too.",
        "Drag the context away and press Play. Then drag a negative onto the centre: how much of the push is its?",
        "In word2vec each word has two vectors, as centre and as context; there is no temperature: leave it at 1.",
    ),
    "NT-Xent": (
        "Two views of a picture, dog and dog′, are partners, all others negatives. A softmax shares 100 % out among "
        "them, and only directions count: the points live on a circle.",
        "Lower the temperature: who does the pushing now? Play at .05 and at 2: how even do the pairs come to lie?",
        "A circle has room for few directions; real models use a hundred dimensions and more.",
    ),
    "CLIP": (
        "Circles are pictures, squares their texts. Each seeks its partner among those of the other kind: the loss is "
        "the mean of both directions.",
        "Drag all texts to one side: which gap is left after Play? Then swap two texts and play again.",
        "Pictures do not push pictures: nothing in this loss keeps the two kinds in one place.",
    ),
}
PLACES = {
    "Skip-gram": ("Word vectors", "word_vectors", {}),
    "NT-Xent": ("CLIP, SimCLR", "clip", {"screen": "SimCLR"}),
    "CLIP": ("CLIP, Matrix", "clip", {"screen": "Matrix"}),
}


def points(loss: str, count: int) -> list[Point]:
    """What there is to drag: count negatives, or count pairs."""
    if loss == "Skip-gram":
        others = [
            Point(
                name,
                -1,
                (1.5 - 0.08 * k) * math.cos(1.45 + 2.4 * k),
                (1.5 - 0.08 * k) * math.sin(1.45 + 2.4 * k),
                square=True,
            )
            for k, name in enumerate(NEGATIVES[:count])
        ]
        return [Point("cat", 0, 0.9, 0.55), Point("purrs", 0, -0.6, 1.2, square=True), *others]
    angles = [2 * math.pi * k / count + 0.5 for k in range(count)]
    away = [angle + 2 * math.pi / count * APART[k % len(APART)] for k, angle in enumerate(angles)]
    first = [Point(name, k, math.cos(a), math.sin(a)) for k, (name, a) in enumerate(zip(THINGS, angles, strict=False))]
    named = ("{}′" if loss == "NT-Xent" else "a {}").format
    second = [
        Point(named(name), k, math.cos(a), math.sin(a), square=loss == "CLIP")
        for k, (name, a) in enumerate(zip(THINGS, away, strict=False))
    ]
    return first + second


@PAGE.drawn()
def main() -> None:
    """The loss that is chosen, its points, and the page where it is at work."""
    bar = st.container(key="bar").columns([3.6, 3.4, 3], vertical_alignment="center", gap="medium")
    loss = widgets.segments(PAGE, bar[0], "Loss", "loss", LOSSES)
    if loss == "Skip-gram":
        count = int(widgets.slider(PAGE, bar[1], "Negatives", "negatives", 1, len(NEGATIVES), 5))
    else:
        count = int(widgets.slider(PAGE, bar[1], "Pairs", "pairs", 2, len(THINGS), 4))
    title, file, parameters = PLACES[loss]
    if bar[2].button(f"At work: {title}", type="tertiary", icon=":material/arrow_forward:", key=PAGE.key("at work")):
        Session(file).go(f"../pages/{file}.py", **parameters)
    st.html(f'<div class="gaze-output" dir="ltr">{FORMULAS[loss]}</div>')
    some, mode = points(loss, count), MODES[loss]
    forces_view(some, mode, BEGIN[loss], key=PAGE.key("forces"), height=HEIGHT)
    saving.offer("Points", lambda picked: numbers.places(some, numbers.places_of(some, mode, picked)))
    saving.offer(
        "Scores and shares",
        lambda picked: numbers.pairs(
            some, numbers.places_of(some, mode, picked), mode, numbers.temperature_of(BEGIN[loss], picked)
        ),
    )
    widgets.notes(*NOTES[loss])


main()
