"""From logits to the next token: penalty, temperature, top-k, top-p, min-p, the draw, and what is expected of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.measures.contrastive import softmax
from core.requests import Sampling
from core.types import Token


@dataclass(frozen=True, slots=True)
class Candidate:
    """One piece that may come next."""

    text: str
    id: int
    share: float  # of the model's own distribution
    left: float  # of what the settings leave of it, from which the next token is taken


@dataclass(frozen=True, slots=True)
class Place:
    """What is expected behind one token."""

    candidates: tuple[Candidate, ...]  # the likeliest, best first
    entropy: float  # bits, of the model's own distribution
    allowed: int  # pieces that the settings leave
    followed: tuple[float, int] | None  # share and rank, from 1, of the token that does follow


@dataclass(frozen=True, slots=True, eq=False)
class Distributions:
    """A decoder's expectations all along a text."""

    tokens: tuple[Token, ...]
    places: tuple[Place, ...]  # one behind every token
    given: int  # tokens that were typed; the others were chosen
    next: int  # the piece that the settings choose now
    ends: bool  # whether that piece ends the text
    ended: bool  # whether the last token did
    perplexity: float | None  # of all tokens but the first; None for one token alone


def penalised(logits: np.ndarray, before: Sequence[int], penalty: float) -> np.ndarray:
    """Logits [piece] where those of pieces that stood before are made smaller (Keskar et al. 2019, section 4.1)."""
    found = np.array(logits, np.float64)
    seen = np.unique(np.asarray(before, np.int64)) if len(before) else np.array([], np.int64)
    seen = seen[seen < len(found)]
    found[seen] = np.where(found[seen] < 0, found[seen] * penalty, found[seen] / penalty)
    return found


def cut(logits: np.ndarray, how: Sampling, before: Sequence[int] = ()) -> np.ndarray:
    """The shares [piece] from which the next token is taken: those cut away are 0, the others sum to 1.

    logits [piece]; before: pieces that stand there already. The likeliest piece always stays. In the order of
    transformers: penalty, temperature, top-k, top-p, min-p. A temperature of 0 leaves the likeliest alone.
    """
    found = penalised(logits, before, how.penalty)
    if how.choosing == "greedy" or how.temperature == 0:
        one = np.zeros(len(found))
        one[int(found.argmax())] = 1.0
        return one
    found = found / how.temperature
    if 0 < how.top_k < len(found):
        least = np.partition(found, -how.top_k)[-how.top_k]
        found[found < least] = -np.inf
    if how.top_p < 1:
        order = np.argsort(found, kind="stable")  # from the least on
        gone = np.cumsum(softmax(found, -1)[order]) <= 1 - how.top_p
        gone[-1] = False
        found[order[gone]] = -np.inf
    if how.min_p > 0:
        shares = softmax(found, -1)
        found[shares < how.min_p * shares.max()] = -np.inf
    return softmax(found, -1)


def drawn(shares: np.ndarray, seed: int, place: int) -> int:
    """The piece that a seed draws at a place of the text: the same again whoever comes there."""
    point = np.random.default_rng([seed, place]).random()
    allowed = np.flatnonzero(shares)
    return int(allowed[min(int(np.searchsorted(np.cumsum(shares[allowed]), point, "right")), len(allowed) - 1)])
