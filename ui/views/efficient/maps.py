"""Full attention, the cheaper one and their difference, and what that says."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from core.measures import efficient, patterns
from core.measures.efficient import METHODS, Approximation, HeadInputs, Loss
from core.types import Refused
from ui import widgets
from ui.components.grid.view import Grid, edited_value, grid_payload, grid_view
from ui.components.panels.message import Panel, Scale
from ui.components.panels.view import panels_view
from ui.views.efficient.controls import CAREFUL, HAND_WIDTH, PAGE, WORDS

ROUNDING = 1e-5  # a difference below this is that of float32 sums
HEIGHT = 341


def maps(head: HeadInputs, exact: Approximation, other: Approximation, method: str, across: int = 0) -> None:
    """Full attention, the cheaper one, and the difference; a cell pointed at shows in all three.

    across: panels a row; with two there is room for what the output loses, too.
    """

    def panel(title: str, values: np.ndarray, scale: Scale) -> Panel:
        most = 128  # of a longer text every so many tokens are drawn
        down, across = -(-len(head.rows) // most), -(-len(head.columns) // most)
        return Panel(
            title,
            values[::down, ::across],
            head.rows[::down],
            head.columns[::across],
            ("query", "key"),
            scale,
            "difference" if scale == "difference" else "maps",
        )

    apart = other.map - exact.map
    panels = [
        panel("Full attention", exact.map, "weight"),
        panel(METHODS[method].title, other.map, "weight"),
        panel("Difference", np.where(np.abs(apart) < ROUNDING, 0, apart), "difference"),
    ]
    if across == 2:
        lost = (other.output - exact.output).astype(np.float32)
        axes = ("query", "width")
        panels.append(
            Panel("Difference of the output", lost, head.rows, (), axes, "difference", "output", square=False)
        )
    panels_view(panels, key=PAGE.key("maps"), height=HEIGHT - 25 if across else HEIGHT, across=across)


def sentence(head: HeadInputs, other: Approximation, loss: Loss, share: float, method: str) -> str:
    """What this setting keeps and loses, in numbers."""
    looked = other.used.sum() / max(efficient.visible(head).sum(), 1)
    worst = int(loss.rows.argmax())
    at = f"“{escape(head.rows[worst])}” ({widgets.percent(float(loss.rows[worst]))})"
    what = f"uses {widgets.percent(float(looked))} of the pairs" if method != "linear" else "never makes the map"
    cost = f"{widgets.percent(share)} of the multiplications" if share < 9.95 else f"{share:,.0f} × the multiplications"
    sums = other.map.sum(axis=1)
    rows = "" if np.allclose(sums, 1, atol=1e-3) else f" · rows sum to {sums.min():.2f} … {sums.max():.2f}"
    return (
        f"<b>{METHODS[method].title}</b> {what} · {cost} · map off by {widgets.percent(loss.map)} · "
        f"<b>output off by {widgets.percent(loss.output)}</b>, most at {at}"
        f"{rows}"
    )


def explain(head: HeadInputs, exact: Approximation, method: str) -> None:
    """Notes for the method, with this head's numbers."""
    values = efficient.low_rank(exact.map, min(head.scores.shape))[1]
    kept = efficient.energy(values)
    ninety = int(np.searchsorted(kept, 0.9)) + 1
    reach = float((exact.map * np.abs(patterns.apart(*head.scores.shape))).sum(axis=1).mean())
    see = {
        "local": f"This head looks {reach:.1f} tokens away on average; what lies outside the window is exactly 0.",
        "strided": "The rest of the row shares the weight: each row still sums to 1.",
        "local_global": "The first columns and rows stay whole: through them any two tokens are two steps apart.",
        "sparsemax": f"{widgets.percent(float((exact.map > 1e-3).mean()))} of the weights are above 0.1 % before, "
        "few are above 0 after; nothing is saved in computing the scores.",
        "low_rank": f"{ninety} of {len(values)} singular values keep 90 % of this map's energy; "
        "noise of the same size needs far more.",
        "linformer": "The keys are mixed into k summaries, so a row can no longer point at one token.",
        "linear": "Without the exponent no row can be sharp: compare the greatest weights.",
    }[method]
    attempt = {
        "local": "Widen the window until the output is off by less than 10 %. Then take a head that looks far.",
        "strided": "Stride 2 halves the pairs. Is the output off by half?",
        "local_global": "Set global to 0, then to 1: which head needs its first token?",
        "sparsemax": "Compare an even head with a sharp one: which keeps more tokens?",
        "low_rank": "Choose Noise with 512 tokens and k = 100: how much energy is kept? Then a head of a model.",
        "linformer": "Set k to all keys with E = mean: nothing is lost. Then E = random.",
        "linear": "Look under Growth: it is the only one whose map is never made.",
    }[method]
    widgets.notes(f"{METHODS[method].what} {see}", attempt, CAREFUL)


def boards() -> None:
    """Q, K and V to type into; what is typed is kept, or advice says why not."""
    columns = tuple(str(i + 1) for i in range(HAND_WIDTH))
    cells = PAGE.memory["cells"]
    grids = tuple(Grid(name, cells[name], WORDS, columns, edit="number") for name in "QKV")
    event = grid_view(grid_payload(grids), key=PAGE.key("hand"), height=230)
    if not event.edit:
        return
    try:
        name, row, column = str(event.edit["grid"]), int(event.edit["row"]), int(event.edit["column"])
        changed = {one: values.copy() for one, values in cells.items()}
        changed[name][row, column] = edited_value(event.edit)
        efficient.by_hand(WORDS, *changed.values())
    except Refused as refusal:
        PAGE.refuse(refusal)
        return
    PAGE.memory["cells"] = changed
    st.rerun()
