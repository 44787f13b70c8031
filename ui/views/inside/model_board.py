"""A head inside a model on the board of the example by hand, with the numbers it ran with; brings torch along."""

from __future__ import annotations

import numpy as np

from core.analyses.inside import Inside, by_hand
from core.engine import ask
from core.measures.inside import HeadSteps, Projection
from core.requests import HeadRequest
from core.store.revisions import kept
from ui.components.grid.view import Grid, Rule, Step, grid_payload
from ui.views.inside.boards import head_grids, head_steps, numbered, projected


@kept
def model_board(request: HeadRequest, start: int) -> bytes:
    """A model's head on the same board, with the numbers it ran with."""
    found = ask(request)
    one = by_hand(found)
    rows, columns = (tuple(t.text for t in tokens) for tokens in (found.queries, found.keys))
    width = found.query.shape[1]
    wide = numbered(width)
    grids, steps = read_grids(found, one, rows, columns, wide, crossed=request.kind == "cross")
    grids += head_grids(one, found.added, rows, columns, wide, "", repeated=False)
    grids = [replaced_edit(grid) for grid in grids]
    root = f"√{width}" if np.isclose(found.scaling, width**-0.5) else f"{1 / found.scaling:g}"
    steps += head_steps("", root, 1 / found.scaling)
    first = request.head * width
    grids.append(Grid("C", found.joined, rows, numbered(found.joined.shape[1]), unit="O"))
    beside = f"All {found.heads} heads side by side: this one fills columns {first + 1}–{first + width}."
    steps.append(Step("Join", "C = Concat(O_1 … O_h)", beside, ("O", "→", "C")))
    if found.to_output is not None:
        part = Projection(found.to_output.weight)
        to = numbered(part.weight.shape[1])
        grids += [Grid("W_O", part.weight, wide, to, "this head’s rows"), Grid("Z", part(one.output), rows, to)]
        adds = "What this head adds to the stream; the layer adds up all heads and a bias."
        shown = ("O", "·", "W_O", "=", "Z")
        steps.append(Step("W_O", "Z = O · W_O", adds, shown, Rule("product", ("O", "W_O"), "Z")))
    return grid_payload(tuple(grids), tuple(steps), most_decisive_head(found), start)


def replaced_edit(grid: Grid) -> Grid:
    """A model's mask is its own: no switch."""
    return Grid(grid.name, grid.values, grid.rows, grid.columns, grid.note, grid.shade, grid.unit)


def read_grids(
    found: Inside,
    one: HeadSteps,
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    wide: tuple[str, ...],
    *,
    crossed: bool,
) -> tuple[list[Grid], list[Step]]:
    """Q, K and V and, where they are plain products, what they are made from."""
    made = [
        Grid("Q", one.query, rows, wide, unit="QKV"),
        Grid("K", one.key, columns, wide, unit="QKV"),
        Grid("V", one.value, columns, wide, unit="QKV"),
    ]
    if found.x is None or found.to_query is None or found.to_key is None or found.to_value is None:
        turned = "This model turns queries and keys by their positions first, so they are shown as they meet."
        return made, [Step("Q, K, V", "Q, K, V", turned, ("Q", "K", "V"))]
    across = numbered(found.x.shape[1])
    grids = [Grid("X", found.x, rows, across, "what the layer reads")]
    if crossed and found.memory is not None:
        grids.append(Grid("Y", found.memory, columns, across, "what the encoder wrote"))
    steps = [
        Step(
            "X",
            "X and Y" if crossed else "X",
            "What reaches this layer: one row a token.",
            ("X", "Y") if crossed else ("X",),
        )
    ]
    roles = {"Q": "What each token asks.", "K": "What each token answers with.", "V": "What each token hands over."}
    for letter, projection in zip("QKV", (found.to_query, found.to_key, found.to_value), strict=True):
        source = "Y" if crossed and letter != "Q" else "X"
        shown: tuple[str, ...] = (source, "·", f"W_{letter}")
        grids.append(Grid(f"W_{letter}", projection.weight, across, wide, unit="W"))
        if projection.bias is not None:
            grids.append(Grid(f"b_{letter}", projection.bias[None], ("b",), wide))
            shown = (*shown, "+", f"b_{letter}")
        steps.append(projected(letter, roles[letter], (*shown, "=", letter)))
    return grids + made, steps


def most_decisive_head(found: Inside) -> tuple[int, int]:
    """The cell of the greatest weight between two different plain tokens, where there is one."""
    plain = np.outer([not t.special for t in found.queries], [not t.special for t in found.keys])
    apart = np.ones_like(plain)
    if found.queries == found.keys:
        np.fill_diagonal(apart, 0)
    weights = np.where(plain & apart, found.weights, found.weights * 1e-6)
    row, column = np.unravel_index(int(weights.argmax()), weights.shape)
    return int(row), int(column)
