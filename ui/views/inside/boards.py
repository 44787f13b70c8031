"""The steps of a head as a board: the example by hand, and the part that a head inside a model shares with it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from core.analyses.by_hand import Hand, worked
from core.measures.inside import HeadSteps
from ui.components.grid.message import Editing
from ui.components.grid.view import Grid, Rule, Step, grid_payload


def numbered(count: int) -> tuple[str, ...]:
    return tuple(str(i + 1) for i in range(count))


@lru_cache(maxsize=64)
def hand_board(hand: Hand, head: int, start: int) -> bytes:
    """The example's board; head: which one is followed from the scores on."""
    found = worked(hand)
    mark = f"_{head + 1}" if hand.heads > 1 else ""
    words, whole = hand.words, numbered(found.x.shape[1])
    wide = whole[head * len(whole) // hand.heads : (head + 1) * len(whole) // hand.heads]
    names = ("W_Q", "W_K", "W_V", "W_O")
    grids = [Grid("X", found.x, words, whole, "one row a word", edit="number")]
    grids += [
        Grid(n, p.weight, whole, whole, edit="number", unit="W") for n, p in zip(names, found.projections, strict=True)
    ]
    steps = [
        Step(
            "X",
            "X",
            "Every word is a row of numbers. Click a cell, then type: all that follows is computed anew.",
            ("X",),
        )
    ]
    for letter, role in (("Q", "asks"), ("K", "answers with"), ("V", "hands over")):
        full = np.concatenate(
            [getattr(h, {"Q": "query", "K": "key", "V": "value"}[letter]) for h in found.layer.heads], 1
        )
        note = f"columns {wide[0]}–{wide[-1]}: head {head + 1}" if hand.heads > 1 else ""
        grids.append(Grid(letter, full, words, whole, note, unit="QKV"))
        steps.append(projected(letter, f"What each word {role}.", ("X", "·", f"W_{letter}", "=", letter)))
    one = found.layer.heads[head]
    grids += head_grids(one, found.added, words, words, wide, mark, repeated=hand.heads > 1)
    steps += head_steps(mark, f"√{len(wide)}", one.query.shape[1] ** 0.5)
    outputs = tuple(f"O_{i + 1}" for i in range(hand.heads)) if hand.heads > 1 else ("O",)
    grids += [
        Grid(n, h.output, words, numbered(len(wide)), unit="O")
        for n, h in zip(outputs, found.layer.heads, strict=True)
        if n != f"O{mark}"
    ]
    grids += [Grid("C", found.layer.joined, words, whole, unit="O"), Grid("Z", found.layer.output, words, whole)]
    some = "The outputs of all heads stand side by side." if hand.heads > 1 else "With one head nothing is joined."
    mixes = "W_O mixes the heads and brings them back to the width of X."
    steps += [
        Step("Join", "C = Concat(O)", some, (*outputs, "→", "C"), Rule("copy", outputs, "C")),
        Step("W_O", "Z = C · W_O", mixes, ("C", "·", "W_O", "=", "Z"), Rule("product", ("C", "W_O"), "Z")),
    ]
    cell = min(1, len(words) - 1), min(2, len(words) - 1)
    return grid_payload(tuple(grids), tuple(steps), cell, start)


def projected(letter: str, say: str, shown: tuple[str, ...]) -> Step:
    """Q, K or V as a product; with a bias where one is shown."""
    bias = (f"b_{letter}",) if f"b_{letter}" in shown else ()
    formula = f"{letter} = {shown[0]} · W_{letter}" + (f" + b_{letter}" if bias else "")
    return Step(letter, formula, say, shown, Rule("product", (shown[0], f"W_{letter}", *bias), letter))


def head_grids(
    one: HeadSteps,
    added: np.ndarray,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    wide: tuple[str, ...],
    mark: str,
    *,
    repeated: bool,
) -> list[Grid]:
    """From the scores to the output of one head; repeated: its part of Q and V is not on the board yet."""
    grids = [Grid(f"K{mark}^T", one.key.T, wide, columns, "K turned on its side", unit="QKV")]
    if repeated:
        grids += [
            Grid(f"Q{mark}", one.query, rows, wide, unit="QKV"),
            Grid(f"V{mark}", one.value, columns, wide, unit="QKV"),
        ]
    biased = bool(added[~np.isneginf(added)].any())
    note: str = "mask and position bias" if biased else "−∞ hides a key"
    edit: Editing = "" if biased else "switch"
    return [
        *grids,
        Grid(f"S{mark}", one.scores, rows, columns, "query (row) with key (column)", unit="S"),
        Grid(f"S{mark}′", one.scaled, rows, columns, unit="S′"),
        Grid("M", added, rows, columns, note, edit=edit, unit="S′"),
        Grid(f"S{mark}″", one.masked, rows, columns, unit="S′"),
        Grid(f"A{mark}", one.weights, rows, columns, "every row sums to 1", shade="share"),
        Grid(f"O{mark}", one.output, rows, wide, unit="O"),
    ]


def head_steps(mark: str, root: str, by: float) -> list[Step]:
    """Scores, scale, mask, softmax, times V."""
    q, k, v, s, a, o = (f"{letter}{mark}" for letter in "QKVSAO")
    meets = "How well what a word asks meets what another answers with."
    divided = f"Divided by {root}, so that a wider head does not make sharper rows."
    hides = "M is 0 where a key may be seen and −∞ where not."
    powers = "e to the power of each score, divided by its row’s sum."
    mean = "Each word takes a weighted mean of what all hand over."
    turned, scaled, masked = f"{k}^T", f"{s}′", f"{s}″"
    return [
        Step("Scores", f"{s} = {q} · {turned}", meets, (q, "·", turned, "=", s), Rule("product", (q, turned), s)),
        Step("Scale", f"{scaled} = {s} ÷ {root}", divided, (s, "→", scaled), Rule("scale", (s,), scaled, by, root)),
        Step(
            "Mask",
            f"{masked} = {scaled} + M",
            hides,
            (scaled, "+", "M", "=", masked),
            Rule("add", (scaled, "M"), masked),
        ),
        Step("Softmax", f"{a} = softmax({masked})", powers, (masked, "→", a), Rule("softmax", (masked,), a)),
        Step("× V", f"{o} = {a} · {v}", mean, (a, "·", v, "=", o), Rule("product", (a, v), o)),
    ]
