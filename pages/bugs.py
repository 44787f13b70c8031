"""Spot the bug: two pictures of the same thing, one from wrong code; guess, then see both lines and why."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from core.analyses import bugs
from core.analyses.bug_numbers import MODEL
from core.types import Refused
from ui import widgets
from ui.components.panels.message import Panel
from ui.components.panels.view import panels_view
from ui.session import Session

PAGE = Session("bugs")

FIRST_ORDER = 122
MOST_ORDERS = 9_999
HEIGHT = 355
NUMBERS = tuple(range(1, len(bugs.MISTAKES) + 1))
SIDES = ("A", "B")
CAREFUL = (
    "All of these ran without an error and trained to something. Shapes that fit prove nothing: "
    "a test needs a number that you know before."
)


def guesses(seed: int) -> dict[int, str]:
    """What was guessed in this order of the panels: number -> side; it outlasts a reload."""
    PAGE.lasting("guesses", as_guesses, lambda kept: {order: made for order, made in kept.items() if made})
    return PAGE.memory.setdefault("guesses", {}).setdefault(seed, {})


def as_guesses(value: Any) -> dict[int, dict[int, str]]:
    """Guesses as a browser kept them. ValueError: somebody made them up."""
    found = {int(seed): {int(number): side for number, side in made.items()} for seed, made in value.items()}
    if any(number not in NUMBERS or side not in SIDES for made in found.values() for number, side in made.items()):
        raise ValueError("no guesses")
    return found


def guess(seed: int, number: int, side: str) -> None:
    guesses(seed).setdefault(number, side)  # the first guess counts


def go_on(seed: int) -> None:
    """To the next panel without a guess, from here on and round."""
    here = PAGE["panel"]
    after = [(here + step - 1) % len(NUMBERS) + 1 for step in range(1, len(NUMBERS) + 1)]
    PAGE["panel"] = next((one for one in after if one not in guesses(seed)), after[0])


def begin_again() -> None:
    """Another order, the same for all who choose its number."""
    PAGE.update(order=PAGE["order"] % MOST_ORDERS + 1, panel=1)


def choose() -> tuple[int, int]:
    """(order, number of the panel), with the score beside them."""
    bar = st.container(key="bar").columns([6.2, 2.2, 1.3, 1.5], vertical_alignment="center", gap="small")
    number = widgets.segments(PAGE, bar[0], "Panel", "panel", NUMBERS)
    seed = widgets.number_box(
        PAGE, bar[2], "Order", "order", 1, MOST_ORDERS, FIRST_ORDER,
        help="A class that chooses the same number sees the same order.",
    )  # fmt: skip
    bar[3].button("New order", on_click=begin_again, icon=":material/shuffle:", width="stretch")
    bar[1].html(f'<div class="gaze-output">{score(int(seed))}</div>')
    return int(seed), int(number)


def score(seed: int) -> str:
    panels, made = bugs.order(seed), guesses(seed)
    right = sum(panels[number - 1].wrong == side for number, side in made.items())
    return f"<b>{right}</b> of {len(made)} found <small>{len(NUMBERS) - len(made)} left</small>"


def pictures(panel: bugs.Panel, *, told: bool) -> None:
    """Both pictures on one scale; which is right is not said before the guess."""
    mistake = panel.mistake
    right, wrong, (rows, columns) = bugs.numbers(mistake.name)
    shown = []
    for side in SIDES:
        verdict = ("wrong" if side == panel.wrong else "right") if told else ""
        shown.append(
            Panel(
                f"{side}: {verdict}" if told else side,
                wrong if side == panel.wrong else right,
                rows,
                columns,
                mistake.axes,
                mistake.scale,
                mistake.measure,
                square=mistake.square,
            )
        )
    panels_view(shown, key=f"bugs:{mistake.name}", height=HEIGHT)


def line_of_code(code: str, marked: str, *, wrong: bool) -> str:
    """The line, with the part that matters marked; where the wrong line lacks something, a gap."""
    before, found, after = code.partition(marked) if marked else (code, "", "")
    mark = f"<mark>{escape(found)}</mark>" if found else ""
    kind = "wrong" if wrong else "right"
    return f'<pre class="gaze-code" data-kind="{kind}">{escape(before)}{mark}{escape(after)}</pre>'


def ask_for_guess(seed: int, number: int) -> None:
    for room, side in zip(st.columns(2), SIDES, strict=True):
        room.button(
            f"{side} is wrong",
            key=PAGE.key(f"guess {side}"),
            on_click=guess,
            args=(seed, number, side),
            shortcut=side,
            width="stretch",
        )


def tell(panel: bugs.Panel, guessed: str, seed: int) -> None:
    """Verdict, both lines, and on to the next."""
    mistake = panel.mistake
    for room, side in zip(st.columns(2), SIDES, strict=True):
        wrong = side == panel.wrong
        room.html(line_of_code(mistake.code[wrong], mistake.marked[wrong], wrong=wrong))
    said, on = st.columns([6, 1.6], vertical_alignment="center")
    found = "Found" if guessed == panel.wrong else f"You guessed {guessed}, and {panel.wrong} is wrong"
    said.html(f'<div class="gaze-output"><b>{found}.</b> {escape(mistake.title)}.</div>')
    on.button("Next", on_click=go_on, args=(seed,), type="primary", shortcut="N", width="stretch")


def provenance(mistake: bugs.Mistake) -> str:
    if mistake.modelled:
        return widgets.badge(MODEL)
    return widgets.provenance_badge("by hand", "a formula")


@PAGE.drawn()
def main() -> None:
    """One panel: look, guess, be told."""
    seed, number = choose()
    panel = bugs.order(seed)[number - 1]
    mistake, guessed = panel.mistake, guesses(seed).get(number)
    st.html(f'<div class="gaze-output">{escape(mistake.drawn)} {provenance(mistake)}</div>')
    try:
        pictures(panel, told=guessed is not None)
    except Refused as refusal:
        widgets.advice(f"{refusal} Go on with the next panel meanwhile.")
        return
    if guessed is None:
        ask_for_guess(seed, number)
        widgets.notes(f"One of the two comes from wrong code. {mistake.look}", hint(mistake), CAREFUL)
    else:
        tell(panel, guessed, seed)
        widgets.notes(mistake.why, f"A test that would have told: {lowered(mistake.caught)}", CAREFUL)


def hint(mistake: bugs.Mistake) -> str:
    if mistake.scale == "picture":
        return "Look from afar, then close. Then let the class vote: keys A and B."
    return "Point at cells: both values are told below, A first. Then let the class vote: keys A and B."


def lowered(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


main()
