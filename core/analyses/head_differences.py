"""Which heads look differently in two texts, or in two models of one shape that read the same one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cache import Cancelled, Progress, never, raise_if_cancelled, silent
from core.engine import ask
from core.measures.attention import layer_numbers
from core.measures.head_differences import Places, elsewhere, matched
from core.requests import HeadDifferencesRequest
from core.types import Attention


@dataclass(frozen=True, slots=True, eq=False)
class KindDifference:
    """The heads of one kind of attention."""

    kind: str
    numbers: tuple[int, ...]  # the model's own numbers of the layers, from 0
    values: np.ndarray  # [layer, head]: mean over the rows of the weight that goes elsewhere, 0 to 1


def places(first: Attention, second: Attention) -> tuple[Places, Places]:
    """The rows and the columns that stand for each other in two maps."""
    sides = ((first.queries, second.queries), (first.keys, second.keys))
    rows, columns = (matched([t.text for t in one], [t.text for t in other]) for one, other in sides)
    return rows, columns


def differences(
    request: HeadDifferencesRequest, progress: Progress = silent, cancelled: Cancelled = never
) -> tuple[KindDifference, ...]:
    """The kinds of attention that both answers have with as many layers and heads; none where there is no such kind.

    progress(layers done, in all). Stopped: cancelled() said so.
    """
    one, other = ask(request.first), ask(request.second)
    there = {attention.kind: attention for attention in other.attentions}
    pairs = [
        (attention, there[attention.kind])
        for attention in one.attentions
        if attention.kind in there and attention.weights.shape[:2] == there[attention.kind].weights.shape[:2]
    ]
    total, done, found = sum(first.weights.shape[0] for first, _ in pairs), 0, []
    for first, second in pairs:
        rows, columns = places(first, second)
        if not len(rows[0]):
            continue
        values = []
        for layer in range(first.weights.shape[0]):
            raise_if_cancelled(cancelled)
            values.append(elsewhere(first.weights[layer], second.weights[layer], rows, columns).mean(-1))
            done += 1
            progress(done, total)
        found.append(KindDifference(first.kind, layer_numbers(first), np.stack(values)))
    return tuple(found)
