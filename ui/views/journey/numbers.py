"""What the page Journey gives away: what each layer would say, and how long its vectors are at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.numbers import Numbers, records

if TYPE_CHECKING:  # torch and transformers load with the first question
    from core.analyses.journey import Journey, SideOfJourney


def guesses(found: Journey) -> Numbers:
    """A line for each layer and place of the last side: the likeliest piece if the model ended there, and its share."""
    side = found.sides[-1]
    return records(
        {"layer": _layer(side, number), "place": place, "token": token.text, "says": piece, "share": float(share)}
        for number, row in enumerate(found.guesses)
        for place, (token, (piece, share)) in enumerate(zip(side.tokens, row, strict=True))
    )


def _layer(side: SideOfJourney, number: int) -> int:
    """As the screen counts them: 0 are the vectors before the first layer."""
    return 0 if number == 0 else side.numbers[number - 1] + 1


def stream(found: Journey) -> Numbers:
    """A line for each sum and place: the length of what is added and of the stream behind it; arrays: the vectors."""
    rows: list[dict[str, Any]] = []
    arrays: dict[str, np.ndarray] = {}
    for side in found.sides:
        arrays[f"{side.side} enters"] = side.enters
        for number, layer in zip(side.numbers, side.layers, strict=True):
            for part in layer:
                arrays |= {
                    f"{side.side} {number + 1} {part.name} adds": part.adds,
                    f"{side.side} {number + 1} {part.name} after": part.after,
                }
                added, after = (np.linalg.norm(one, axis=-1) for one in (part.adds, part.after))
                rows += [
                    {
                        "side": side.side, "layer": number + 1, "part": part.name, "place": place, "token": token.text,
                        "length added": float(added[place]), "length after": float(after[place]),
                    }
                    for place, token in enumerate(side.tokens)
                ]  # fmt: skip
    return Numbers(records(rows).columns, arrays)
