"""Beam search over any function that expects pieces: hypotheses, the tree of all that lived, and the best texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.types import Token

#: ids of hypotheses of one length -> logarithms of shares [hypothesis, piece]
Expect = Callable[[list[tuple[int, ...]]], np.ndarray]


@dataclass(frozen=True, slots=True)
class Node:
    """One token of a hypothesis."""

    parent: int  # index among the nodes; -1: it is the first
    step: int  # from 0
    id: int
    text: str
    share: float  # that the model gave it there
    total: float  # sum of the logarithms of all shares up to here
    end: bool  # it ends its text


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """One whole text."""

    node: int  # its last
    score: float  # its total, divided by its length to the power of the length penalty
    ids: tuple[int, ...]
    text: str
    finished: bool  # it wrote its end; else the steps were used up
    tokens: tuple[Token, ...] = ()
    attention: np.ndarray | None = None  # [layer, head, target token, source token]; None: no source


@dataclass(frozen=True, slots=True, eq=False)
class Beams:
    """What beam search kept."""

    source: tuple[Token, ...]  # what was read
    nodes: tuple[Node, ...]
    hypotheses: tuple[Hypothesis, ...]  # best first


@dataclass
class _Alive:
    ids: tuple[int, ...]
    total: float
    node: int


def search(
    expect: Expect,
    ends: set[int],
    width: int,
    steps: int,
    length_penalty: float = 1.0,
    forced: Sequence[int] = (),
    told: Callable[[int], None] = lambda _: None,
) -> tuple[list[Node], list[tuple[int, float, bool]]]:
    """(all nodes that lived, the best texts as (last node, score, whether it wrote its end)).

    forced: pieces that every text begins with. As in transformers, with early stopping off: of twice as many
    candidates as beams those that end are finished if they are among the first `width`, the others live on; it ends
    when the best that lives, divided by its length now, is no better than the worst finished one.
    """
    nodes: list[Node] = []
    alive, finished = [_Alive((), 0.0, -1)], list[tuple[int, float, bool]]()
    for step in range(steps):
        told(step)
        logs = expect([one.ids for one in alive])
        if step < len(forced):
            only = np.full_like(logs, -np.inf)
            only[:, forced[step]] = 0.0
            logs = only
        best = _best(logs, alive, (1 + max(1, len(ends))) * width)
        last, living = step == steps - 1, list[_Alive]()
        for place, (beam, piece, total) in enumerate(best):
            end = piece in ends
            done = (end or last) and place < width
            if not done and (end or len(living) == width):
                continue
            share = float(np.exp(logs[beam, piece]))
            nodes.append(Node(alive[beam].node, step, piece, "", share, total, end))
            if done:
                finished.append((len(nodes) - 1, total / (step + 1) ** length_penalty, end))
            else:
                living.append(_Alive((*alive[beam].ids, piece), total, len(nodes) - 1))
        finished = sorted(finished, key=lambda one: -one[1])[:width]
        alive = living
        if not alive or last:
            break
        if len(finished) == width and alive[0].total / (step + 1) ** length_penalty <= finished[-1][1]:
            break
    return nodes, finished


def _best(logs: np.ndarray, alive: list[_Alive], count: int) -> list[tuple[int, int, float]]:
    """(beam, piece, total) of the best candidates, best first; ties to the first."""
    totals = logs + np.array([one.total for one in alive])[:, None]
    flat = totals.ravel()
    count = min(count, int(np.isfinite(flat).sum()))
    some = np.argpartition(-flat, count - 1)[:count]
    order = some[np.lexsort((some, -flat[some]))]
    return [(int(i) // logs.shape[1], int(i) % logs.shape[1], float(flat[i])) for i in order]


def path_to(nodes: Sequence[Node], last: int) -> list[int]:
    """The nodes of a text, first to last."""
    found = []
    while last >= 0:
        found.append(last)
        last = nodes[last].parent
    return found[::-1]
