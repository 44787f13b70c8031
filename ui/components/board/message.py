"""The heads of a model as a message for the board: a value for each, and which are off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.types import Refused
from ui.components.message import pack

MOST_HEADS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class BoardSide:
    """The heads of one kind."""

    kind: str
    values: np.ndarray  # [layer, head], coloured: orange below 0, blue above
    off: frozenset[tuple[int, int]] = frozenset()  # (layer by its own number, head), from 0
    numbers: tuple[int, ...] = ()  # the model's own numbers of the layers, from 0; empty: 0, 1, ...
    faint: frozenset[tuple[int, int]] = frozenset()  # heads that stand back, named as those that are off


def pack_board(
    sides: list[BoardSide], unit: str, turn: int = 0, *, still: bool = False, choosing: bool = False
) -> bytes:
    """The browser's message. unit: what a value is, in words. Refused: more heads than MOST_HEADS.

    choosing: what is off is the head that is looked at, and a click looks at another one; heads without a value (NaN)
    are shown without one, else as 0.
    """
    if sum(side.values.size for side in sides) > MOST_HEADS:
        raise Refused(f"The board shows up to {MOST_HEADS:,} heads: choose a smaller model.")
    most = max(float(np.nanmax(np.abs(side.values), initial=0.0)) for side in sides)
    header = {
        "unit": unit,
        "most": most or 1.0,
        "turn": turn,
        "still": still,
        "choosing": choosing,
        "sides": [described(side) for side in sides],
    }
    values = {side.kind: side.values if choosing else np.nan_to_num(side.values) for side in sides}
    return pack(header, {kind: some.astype(np.float32) for kind, some in values.items()})


def described(side: BoardSide) -> dict[str, object]:
    """What the header says of a kind."""
    numbers = side.numbers or range(len(side.values))
    off, faint = ([[int(k) for k in head] for head in sorted(some)] for some in (side.off, side.faint))
    return {"kind": side.kind, "off": off, "faint": faint, "numbers": [int(number) for number in numbers]}
