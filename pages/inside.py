"""Inside one head: the formula step by step, by hand and in a model; why it is scaled, masked, split and ordered."""

from __future__ import annotations

import streamlit as st

from ui import along, widgets
from ui.views.inside.common import PAGE

SCREENS = ("Steps", "Scale", "Masks", "Kinds", "Heads", "Order", "Stream", "Break it")
BOTH = ("Steps", "Heads", "Stream")  # by hand, and in a model
IN_A_MODEL = (
    "A head of a real model: its matrices are read while it runs, every step is computed again and meets its own map.",
    "Press Numbers to read every value; walk along a row with the arrow keys and watch which products make the score.",
    "A large score says that two tokens meet here, not that the model needs it: switch the head off on Attention.",
)
MADE_UP = "The numbers are made up: the steps are right, the pattern means nothing."
#: What you see, try this, careful.
NOTES = {
    "Steps": (
        "Each step makes the matrix on the right from those on the left; the line below writes the chosen cell out.",
        "Choose a cell of X or W_Q, type another number, and walk on with Next or Page Down: what changed?",
        MADE_UP,
    ),
    "Scale": (
        "The wider the head, the larger its scores: not divided by √d one weight takes all and learning stops.",
        "Switch the division off and push d up. Then make all scores of a row alike: what does its gradient do?",
        "Trained queries and keys are no unit normals: models learn the size of their scores too.",
    ),
    "Masks": (
        "−∞ in M makes a weight exactly 0; the row’s other weights share the rest, so it still sums to 1.",
        "Click cells of M to draw your own mask. Hide a whole row: why can its weights not sum to 1?",
        "A mask hides keys in this layer only: over two layers a word can see through its neighbours.",
    ),
    "Kinds": (
        "BERT sees the full square, GPT-2 the lower triangle, a translator both and a rectangle between two texts.",
        "Choose a cell in the rectangle: which text does the row belong to, and which one the column?",
        MADE_UP,
    ),
    "Heads": (
        "Heads cost the same as one wide head, and each has a map of its own; their average blurs what they do.",
        "Find a head that looks at one place only, then find that place in the average.",
        "nn.MultiheadAttention returns the average, unless average_attn_weights=False is said.",
    ),
    "Order": (
        "Without positions a shuffled sentence gives the same numbers, re-indexed: attention is equivariant to order.",
        "Switch positions on and shuffle again. Then see the second step: why does the order of (K, V) never matter?",
        "Equivariant, not invariant: the rows move along with the words.",
    ),
    "Stream": (
        "Each layer adds to the stream; pre-norm lets it grow, post-norm cuts it back to one length after every layer.",
        "Compare what attention adds with what the feed-forward adds, layer by layer.",
        "A long update is not an important one: a later norm may take the length away again.",
    ),
    "Break it": (
        "The same text through the same model four times: what was changed is above, what it predicts below.",
        "Raise the temperature until the prediction breaks. Which goes first: a common word or a rare one?",
        "A model that was never trained with such an edit is out of its depth: that is not what the head is for.",
    ),
}


def draw(screen: str, side: str) -> None:
    """One screen; those that ask a model load torch when they are drawn."""
    from ui.views.inside import edited, heads, kinds, masks, order, scale, steps, stream

    if screen == "Steps" and side == "In a model":
        from ui.views.inside import in_model

        in_model.draw()
    elif screen in BOTH:
        lesson = {"Steps": steps, "Heads": heads, "Stream": stream}[screen]
        (lesson.by_hand if side == "By hand" else lesson.in_a_model)()
    else:
        {"Scale": scale, "Masks": masks, "Kinds": kinds, "Order": order, "Break it": edited}[screen].draw()


@PAGE.drawn()
def main() -> None:
    """The screen that is chosen, and what to see in it."""
    top = st.container(key="bar").columns([7.4, 2.6], vertical_alignment="center", gap="small")
    screen = widgets.segments(PAGE, top[0], "Screen", "screen", SCREENS)
    side = "By hand"
    if screen in BOTH:
        side = widgets.segments(PAGE, top[1], "Where", "where", ("By hand", "In a model"))
    draw(screen, side)
    widgets.notes(*(IN_A_MODEL if (screen, side) == ("Steps", "In a model") else NOTES[screen]))
    if side == "In a model":
        along.links(PAGE, PAGE["text"], PAGE["model"])


main()
