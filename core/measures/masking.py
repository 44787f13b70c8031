"""How masked language models are trained, and why: the dice of masking, and how a word sees itself round a corner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.requests import MASKING_RATE

Fate = Literal["kept", "mask", "random", "unchanged"]
MASKED, RANDOM = 0.8, 0.1  # Devlin et al. 2019, section 3.1


@dataclass(frozen=True, slots=True)
class Masking:
    """What the dice did to a text."""

    ids: tuple[int, ...]  # as the model reads them
    fates: tuple[Fate, ...]  # for each piece; "unchanged" ones are asked for too, "kept" ones are not


def throw(
    ids: Sequence[int], free: Sequence[bool], mask: int, pieces: Sequence[int], seed: int, rate: float = MASKING_RATE
) -> Masking:
    """Choose a share of the free pieces: 80 % become the mask, 10 % any of `pieces`, 10 % stay as they are.

    At least one piece is chosen where one is free, so that there is something to guess.
    """
    dice = np.random.default_rng(seed)
    places = np.flatnonzero(free)
    chosen = places[dice.random(len(places)) < rate]
    if not len(chosen) and len(places):
        chosen = dice.choice(places, 1)
    changed = list(ids)
    fates: list[Fate] = ["kept"] * len(ids)
    for place in chosen:
        how = dice.random()
        if how < MASKED:
            changed[place], fates[place] = mask, "mask"
        elif how < MASKED + RANDOM:
            changed[place], fates[place] = int(dice.choice(pieces)), "random"
        else:
            fates[place] = "unchanged"
    return Masking(tuple(changed), tuple(fates))


def around(weights: np.ndarray) -> np.ndarray:
    """What reaches each token through the first k layers when no token may look at itself: [layer, to, from].

    weights [layer, query, key], rows summing to 1. The diagonal is taken out of every layer and rows are scaled back
    to 1; the layers are multiplied. The first diagonal is 0; later ones are what a word sees of itself through others.
    """
    bare = np.array(weights, dtype=np.float64)
    count = bare.shape[-1]
    bare[:, range(count), range(count)] = 0
    sums = bare.sum(axis=-1, keepdims=True)
    bare = np.divide(bare, sums, out=np.zeros_like(bare), where=sums > 0)
    reached = [bare[0]]
    for layer in bare[1:]:
        reached.append(layer @ reached[-1])
    return np.stack(reached)
