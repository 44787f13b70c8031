"""What a decoder expects along a text as a message for the browser: candidates, attention, and the tree of tries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.measures.sampling import Distributions
from core.types import Attention
from ui.components.message import labelled_tokens, pack

MOST_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Branch:
    """One text that was tried."""

    ids: tuple[int, ...]  # what was chosen
    words: tuple[str, ...]  # the same as people read it
    here: bool  # it is the one that is shown


def pack_writer(
    found: Distributions,
    attention: Attention | None,
    branches: Sequence[Branch],
    height: int,
    *,
    cuts: bool = True,
    still: bool = False,
) -> bytes:
    """The browser's message. attention: over the same tokens; cuts: what the settings leave away is
    marked; still: nothing can be chosen."""
    maps, names = rows_of(attention) if attention else (np.zeros((0, 0, 0), np.uint8), [])
    header = {
        "height": height,
        "still": still,
        "cuts": cuts,
        "given": found.given,
        "next": found.next,
        "tokens": labelled_tokens(found.tokens),
        "places": [
            {
                "entropy": round(one.entropy, 4),
                "allowed": one.allowed,
                "followed": one.followed and [round(one.followed[0], 6), one.followed[1]],
                "candidates": [[c.text, c.id, round(c.share, 6), round(c.left, 6)] for c in one.candidates],
            }
            for one in found.places
        ],
        "heads": names,
        "layers": layers_in(names),
        "sink": attention is not None and len(attention.keys) > len(attention.queries),
        "branches": [[list(one.ids), list(one.words), one.here] for one in branches],
    }
    return pack(header, {"maps": maps})


def rows_of(attention: Attention) -> tuple[np.ndarray, list[str]]:
    """(the root of the weights as 0 to 255 [row, query, key], names of the rows), the mean over all of them first.

    Heads one by one where they fit into the message, else the mean of each layer, else the mean alone.
    """
    layers, heads, queries, keys = attention.weights.shape
    numbers = attention.layers or tuple(range(layers))
    single = (1 + layers * heads) * queries * keys <= MOST_BYTES
    by_layer = (1 + layers) * queries * keys <= MOST_BYTES
    parts, names, total = [], ["mean of all heads"], np.zeros((queries, keys))
    for layer, number in enumerate(numbers):
        some = np.asarray(attention.weights[layer])
        total += some.mean(axis=0) / layers
        if single:
            parts.append(_levels(some))
            names += [f"layer {number + 1} · head {head + 1}" for head in range(heads)]
        elif by_layer:
            parts.append(_levels(some.mean(axis=0)[None]))
            names.append(f"layer {number + 1} · mean of its heads")
    return np.concatenate([_levels(total[None]), *parts]), names


def layers_in(names: Sequence[str]) -> list[tuple[str, int]]:
    """(name, index of its first row) of each layer among the rows."""
    found: dict[str, int] = {}
    for index, name in enumerate(names):
        if name.startswith("layer"):
            found.setdefault(name.split(" · ")[0], index)
    return list(found.items())


def _levels(weights: np.ndarray) -> np.ndarray:
    return np.rint(np.sqrt(np.clip(weights, 0, 1)) * 255).astype(np.uint8)


def branches_of(tried: Sequence[tuple[int, ...]], here: tuple[int, ...], words: dict[int, str]) -> list[Branch]:
    """The longest texts that were tried, in the order in which they branch, the one shown among them."""
    ends = {one for one in (*tried, here) if one}
    longest = [one for one in ends if not any(len(other) > len(one) and other[: len(one)] == one for other in ends)]
    return [Branch(one, tuple(words.get(i, "?") for i in one), one[: len(here)] == here) for one in sorted(longest)]
