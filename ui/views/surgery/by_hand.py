"""Surgery by hand: a small matrix that is pruned and rounded, and a few logits that a temperature softens."""

from __future__ import annotations

import numpy as np
import streamlit as st
import torch

from core.measures.surgery import cut_matrices, divergence, entropy, scales, soft
from core.requests import BITS, FULL_BITS, Compression, TextRequest
from core.types import Refused
from ui import widgets
from ui.components.grid.view import Grid, edited_value, grid_payload, grid_view
from ui.views.surgery.common import PAGE

ROWS, COLUMNS = ("1", "2", "3", "4"), ("1", "2", "3", "4", "5", "6")
WORDS = ("cat", "dog", "tiger", "mouse", "car", "of")
MATRIX = ((0.9, -0.2, 0.05, 0.4, -0.6, 0.1), (-0.3, 0.7, 0.15, -0.8, 0.02, 0.5),
          (2.4, -1.6, 0.3, 0.9, -2.0, 0.6), (0.04, 0.08, -0.06, 0.1, -0.02, 0.05))  # fmt: skip
LOGITS = ((6.0, 4.5, 4.0, 2.0, -1.0, -3.0), (5.0, 1.0, 3.5, 2.5, 0.0, -1.0))


def start() -> dict[str, np.ndarray]:
    return {"W": np.array(MATRIX, np.float32), "z": np.array(LOGITS, np.float32)}


def draw(request: TextRequest) -> None:
    """Two boards to type into, with what becomes of the numbers beside them."""
    cells = PAGE.memory.setdefault("cells", start())
    bar = st.container(key="bar").columns([3, 3.2, 2.6, 3.2], vertical_alignment="bottom", gap="medium")
    share = widgets.slider(PAGE, bar[0], "Weights pruned, %", "hand_share", 0, 95, 30, step=5)
    bits = widgets.segments(PAGE, bar[1], "Bits a weight", "hand_bits", (FULL_BITS, *BITS), 3, titled=True)
    own = widgets.toggle(PAGE, bar[2], "A scale for each row", "hand_rows")
    temperature = widgets.slider(PAGE, bar[3], "Temperature T", "hand_soften", 0.5, 20.0, 2.0, step=0.5)
    cut = Compression(pruned=share / 100, bits=bits, per_channel=own)
    matrix = torch.from_numpy(cells["W"])
    after = cut_matrices([matrix], cut)[0]
    boards(cells, after.numpy(), cut, float(temperature))
    explain(matrix, after, cut, cells["z"], float(temperature))


def boards(cells: dict[str, np.ndarray], after: np.ndarray, cut: Compression, temperature: float) -> None:
    """W, what is left of it and the difference; logits and their softened shares."""
    weights = (
        Grid("W", cells["W"], ROWS, COLUMNS, "type into a cell", unit="W", edit="number"),
        Grid("W cut", after, ROWS, COLUMNS, note(cells["W"], cut), unit="W"),
        Grid("error", after - cells["W"], ROWS, COLUMNS, "W cut − W", unit="W"),
    )
    take(grid_view(grid_payload(weights), key=PAGE.key("weights"), height=188), "W")
    shares = soft(torch.from_numpy(cells["z"]), temperature).float().numpy()
    sides = ("teacher", "student")
    guesses = (
        Grid("z", cells["z"], sides, WORDS, "logits: type into a cell", edit="number"),
        Grid("softmax(z / T)", shares, sides, WORDS, f"T = {temperature:g}", shade="share"),
    )
    take(grid_view(grid_payload(guesses), key=PAGE.key("logits"), height=110), "z")


def note(matrix: np.ndarray, cut: Compression) -> str:
    if cut.bits == FULL_BITS:
        return "not rounded"
    steps = scales(torch.from_numpy(matrix), cut.bits, per_channel=cut.per_channel).flatten().tolist()
    return "step " + ", ".join(f"{step:.3g}" for step in steps)


def take(event, name: str) -> None:
    """A cell that was typed, if it holds a number; else advice, and the old one stays."""
    if not event.edit:
        return
    try:
        value = edited_value(event.edit)
        if not np.isfinite(value):
            raise Refused("A cell holds infinity, which no step can reach. Type a number such as 0.5.")
    except Refused as refusal:
        widgets.advice(refusal)
        return
    cells = {one: values.copy() for one, values in PAGE.memory["cells"].items()}
    cells[name][int(event.edit["row"]), int(event.edit["column"])] = value
    PAGE.memory["cells"] = cells
    st.rerun()


def explain(
    matrix: torch.Tensor, after: torch.Tensor, cut: Compression, logits: np.ndarray, temperature: float
) -> None:
    zeros = float((after == 0).float().mean())
    off = float((after - matrix).norm() / matrix.norm().clamp(min=1e-9))
    teacher, student = torch.from_numpy(logits[:1]), torch.from_numpy(logits[1:])
    apart = divergence(teacher, student, temperature)
    bits = entropy(soft(teacher, temperature))
    levels = "" if cut.bits == FULL_BITS else f" on {2**cut.bits - 1} levels"
    st.html(
        f'<div class="gaze-output">{widgets.provenance_badge("by hand", "your numbers")} {widgets.percent(zeros)} zeros'
        f"{levels}, "
        f"|error| is <b>{widgets.percent(off)}</b> of |W| · teacher {bits:.2f} bits, "
        f"T² KL <b>{apart:.3f}</b> nats</div>"
    )
    widgets.notes(
        "Pruning sets the smallest magnitudes to 0; rounding moves each weight to the next level, at most half a step. "
        "Softmax of z / T flattens as T grows, and keeps the order.",
        "Row 3 is large, row 4 small: with one scale, what is left of row 4 at 3 bits? Then give each row its own. "
        "Make the student's logits the teacher's plus 1: what is the KL?",
        "An error in W is not yet an error of the model: small weights on large inputs matter. "
        "Look under Weights at what a real model loses.",
    )
