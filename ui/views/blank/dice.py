"""Dice: which pieces training hides, in which of three ways, and what the model makes of each."""

from __future__ import annotations

import math
from functools import lru_cache
from html import escape

import streamlit as st

from core.analyses.blank import MaskedText
from core.engine import ask
from core.measures import masking
from core.requests import MaskingRequest
from ui import widgets
from ui.views.blank.common import PAGE, BlankChoice, by_model, heading

NAMES = {"mask": "[MASK]", "random": "a random piece", "unchanged": "left as it is"}
MANY = 1_000  # chosen pieces for the shares
PASSES = 3  # throws shown, as in three passes over the text


def choose() -> None:
    """The number of the throw, and the share that is chosen."""
    number, rate = st.columns([1, 2], vertical_alignment="center", gap="medium")
    widgets.number_box(PAGE, number, "Throw", "throw", 1, 9_999, 3)
    widgets.slider(PAGE, rate, "Share chosen", "rate", 5, 60, 15, titled=False, step=5, format="%d %% chosen")


def draw(asked: BlankChoice) -> tuple[str, str]:
    first, rate = int(PAGE["throw"]), PAGE["rate"] / 100
    throws = range(first, first + PASSES)
    found = by_model(asked, lambda name: [ask(MaskingRequest(name, asked.text, seed, rate)) for seed in throws])
    for room, (name, some) in zip(st.columns(len(found), gap="large"), found.items(), strict=True):
        strips = "".join(
            f'<p class="gaze-small">throw {seed}: {in_words(one)}</p>{strip(one)}'
            for seed, one in zip(throws, some, strict=True)
        )
        room.html(heading(name) + strips)
    st.html(legend())
    return see(next(iter(found.values()))[0]), (
        "Take the next throw. Then raise the share: with half the words hidden, what is left to guess from?"
    )


def in_words(one: MaskedText) -> str:
    """How many were chosen, how many guessed, and the loss."""
    chosen = sum(fate != "kept" for fate in one.throw.fates)
    right = sum(g is not None and g.text == token.text for g, token in zip(one.guesses, one.tokens, strict=True))
    losses = [-math.log(max(p, 1e-12)) for p in one.right if not math.isnan(p)]
    return f"{chosen} chosen, {right} guessed right, loss {sum(losses) / max(1, len(losses)):.2g} nats"


def strip(one: MaskedText) -> str:
    """The text as the model reads it; under each chosen piece what it guessed."""
    cells = []
    for token, read, fate, guess, right in zip(
        one.tokens, one.read, one.throw.fates, one.guesses, one.right, strict=True
    ):
        below = "&nbsp;"
        if guess is not None:
            mark = "✓" if guess.text == token.text else "✗"
            below = f"{mark} {escape(guess.text)} {widgets.percent(guess.probability)}"
        above = f"<s>{escape(token.text)}</s> " if fate in ("mask", "random") else ""
        shown = token.text if fate == "kept" else read
        kind = "special" if token.special else fate
        hint = "" if math.isnan(right) else f' title="{escape(token.text)}: {widgets.percent(right)}"'
        cells.append(
            f'<span class="{kind}"{hint}><b dir="auto">{above}{escape(shown)}</b><small>{below}</small></span>'
        )
    return f'<div class="gaze-strip">{"".join(cells)}</div>'


@lru_cache(maxsize=1)
def shares() -> dict[str, float]:
    """How often each fate fell over many throws of 100 pieces."""
    fates = [
        fate
        for seed in range(MANY // 100)
        for fate in masking.throw(range(100), [True] * 100, 0, (1, 2), seed, rate=1.0).fates
    ]
    return {name: sum(fate == name for fate in fates) / len(fates) for name in NAMES}


def legend() -> str:
    said = "".join(
        f'<span class="gaze-fate {fate}">{name}: {widgets.percent(shares()[fate])}</span> '
        for fate, name in NAMES.items()
    )
    return f'<p class="gaze-small">Of {MANY:,} chosen pieces: {said}</p>'


def see(one: MaskedText) -> str:
    free = sum(not token.special for token in one.tokens)
    return (
        f"The first throw over {free} pieces: {in_words(one)}; only chosen pieces are asked for. "
        "One in ten of them stays as it is, so that every word may be asked."
    )
