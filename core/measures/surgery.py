"""What is cut from a model, as pure measures: pruning, quantising, distillation, the order in which heads go."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from core.cache import Cancelled, Progress, never, silent
from core.requests import FULL_BITS, Compression, Scope
from core.types import Refused

Item = TypeVar("Item", bound=Hashable)


# --- weights ----------------------------------------------------------------------------------------------------------


def threshold(matrices: Sequence[Tensor], share: float) -> float:
    """The magnitude up to which weights go, so that the share of the smallest does (ties go together)."""
    sizes = np.concatenate([m.detach().abs().flatten().float().cpu().numpy() for m in matrices])
    gone = round(share * len(sizes))
    return float(np.partition(sizes, gone - 1)[gone - 1]) if gone else -1.0


def pruned(matrices: Sequence[Tensor], share: float, scope: Scope) -> list[Tensor]:
    """New matrices with the share of smallest magnitudes at exactly 0 (Han et al. 2015)."""
    if scope == "global":
        limit = threshold(matrices, share)
        limits = [limit] * len(matrices)
    else:
        limits = [threshold([m], share) for m in matrices]
    return [m * (m.abs() > limit) for m, limit in zip(matrices, limits, strict=True)]


def scales(matrix: Tensor, bits: int, *, per_channel: bool) -> Tensor:
    """The step between two levels [1, 1], or one a row [row, 1]: greatest magnitude / (2^(bits - 1) - 1)."""
    most = matrix.abs().amax(dim=1, keepdim=True) if per_channel else matrix.abs().max().view(1, 1)
    return most / (2 ** (bits - 1) - 1)


def quantised(matrix: Tensor, bits: int, *, per_channel: bool = False) -> Tensor:
    """The matrix [output, input] on 2^bits - 1 even levels around 0; no weight moves more than half a step."""
    step = scales(matrix, bits, per_channel=per_channel)
    step = torch.where(step > 0, step, torch.ones_like(step))
    return torch.round(matrix / step) * step


def cut_matrices(matrices: Sequence[Tensor], cut: Compression) -> list[Tensor]:
    """Matrices [output, input] pruned, then quantised, as the cut says; new ones, the given stay."""
    found = pruned(matrices, cut.pruned, cut.scope) if cut.pruned else [m.clone() for m in matrices]
    if cut.bits != FULL_BITS:
        found = [quantised(m, cut.bits, per_channel=cut.per_channel) for m in found]
    return found


def stored_bytes(matrices: Sequence[Tensor], others: int, cut: Compression) -> int:
    """Bytes of a file that keeps these matrices as cut, and so many other numbers in 32 bits.

    Weights at 0 are left out where that saves room: each matrix then spends a bit a place on which are there.
    """
    total = others * FULL_BITS
    for matrix in matrices:
        kept = int(torch.count_nonzero(matrix))
        steps = 0 if cut.bits == FULL_BITS else (matrix.shape[0] if cut.per_channel else 1)
        total += min(matrix.numel() * cut.bits, kept * cut.bits + matrix.numel()) + steps * FULL_BITS
    return total // 8


# --- distillation -----------------------------------------------------------------------------------------------------


def soft(logits: Tensor, temperature: float) -> Tensor:
    """softmax(logits / T) over the last axis, in float64."""
    if not (0 < temperature <= 1_000):
        raise Refused(f"Temperature {temperature:g}: choose one above 0, up to 1,000.")
    return torch.softmax(logits.double() / temperature, dim=-1)


def divergence(teacher: Tensor, student: Tensor, temperature: float) -> float:
    """T^2 KL(teacher || student) of soft targets, in nats, mean over rows of logits [row, word] (Hinton et al. 2015).

    The factor T^2 keeps its gradient as large as that of the hard targets.
    """
    if teacher.shape != student.shape:
        raise Refused(
            f"The teacher chooses among {teacher.shape[-1]:,} pieces, the student among {student.shape[-1]:,}: "
            "their probabilities cannot be compared one by one. Choose models of one vocabulary."
        )
    wanted = soft(teacher, temperature)
    logs = torch.log_softmax(student.double() / temperature, dim=-1)
    apart = torch.special.xlogy(wanted, wanted) - wanted * logs
    return float(temperature**2 * apart.sum(-1).mean())


def entropy(shares: Tensor) -> float:
    """Mean over rows, in bits."""
    return float(-(torch.special.xlogy(shares, shares).sum(-1) / np.log(2)).mean())


# --- heads ------------------------------------------------------------------------------------------------------------


def importance(weights: Tensor, gradient: Tensor) -> np.ndarray:
    """How much the loss would move, to first order, if a head were scaled: [head] (Michel et al. 2019, eq. 2).

    A head's output is linear in its weights, so sum(A * dL/dA) is dL/dxi. [batch, head, query, key]; mean of |.|.
    """
    return (weights * gradient).sum(dim=(-1, -2)).abs().mean(dim=0).detach().float().cpu().numpy()


def ranked(scores: dict[Item, float]) -> tuple[Item, ...]:
    """Least first; ties as they came."""
    return tuple(sorted(scores, key=scores.__getitem__))


def shuffled(items: Sequence[Item], seed: int = 0) -> tuple[Item, ...]:
    """A fixed chance order: what any better order is to be compared with."""
    found = list(items)
    random.Random(seed).shuffle(found)
    return tuple(found)


def one_by_one(
    items: Sequence[Item],
    loss: Callable[[tuple[Item, ...]], float],
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> dict[Item, float]:
    """The loss with each item alone taken away; what was found so far when stopped."""
    found: dict[Item, float] = {}
    for item in items:
        if cancelled():
            break
        found[item] = loss((item,))
        progress(len(found), len(items))
    return found


def greedy(
    items: Sequence[Item],
    loss: Callable[[tuple[Item, ...]], float],
    progress: Progress = silent,
    cancelled: Cancelled = never,
    most: int | None = None,
) -> tuple[tuple[Item, ...], tuple[float, ...]]:
    """(order, loss after each step): at each step the item goes without which the loss is least.

    n items cost n + (n - 1) + ... losses, most of them steps only; progress(done, of, order, losses) after each loss.
    Stopped: the steps that were finished.
    """
    left: list[Item] = list(items)
    order: list[Item] = []
    losses: list[float] = []
    steps = len(items) if most is None else min(most, len(items))
    of, done = sum(len(items) - i for i in range(steps)), 0
    for _ in range(steps):
        tried = {}
        for item in left:
            if cancelled():
                return tuple(order), tuple(losses)
            tried[item] = loss((*order, item))
            done += 1
            progress(done, of, tuple(order), tuple(losses))
        best = min(tried, key=tried.__getitem__)
        order.append(best)
        losses.append(tried[best])
        left.remove(best)
    return tuple(order), tuple(losses)


def curve(
    order: Sequence[Item],
    loss: Callable[[tuple[Item, ...]], float],
    points: int,
    progress: Progress = silent,
    cancelled: Cancelled = never,
) -> tuple[tuple[int, float], ...]:
    """(how many are gone, loss) for about so many even steps along an order, both ends included."""
    places = np.unique(np.linspace(0, len(order), min(points, len(order) + 1)).round().astype(int))
    found: list[tuple[int, float]] = []
    for count in places:
        if cancelled():
            break
        found.append((int(count), loss(tuple(order[:count]))))
        progress(len(found), len(places), tuple(found))
    return tuple(found)


def best_kept(scores: dict[tuple[str, int, int], float]) -> tuple[tuple[str, int, int], ...]:
    """All heads (kind, layer, head) but the highest of each layer: are sixteen heads really better than one?"""
    best: dict[tuple[str, int], tuple[str, int, int]] = {}
    for head, score in scores.items():
        layer = head[:2]
        if layer not in best or score > scores[best[layer]]:
            best[layer] = head
    return tuple(head for head in scores if head not in best.values())


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far weights moved, as a share of a row's attention, mean over rows: [..., query, key] -> [...], 0 to 1."""
    return np.abs(after - before).sum(axis=-1).mean(axis=-1) / 2


def alike(teacher: Sequence[np.ndarray], student: Sequence[np.ndarray]) -> np.ndarray:
    """Share of attention that two models' layers have in common [student layer, teacher layer]; maps [query, key]."""
    shapes = {m.shape for m in (*teacher, *student)}
    if len(shapes) != 1:
        raise Refused("The two models cut this text into different words, so their maps cannot be laid on each other.")
    return np.array([[1 - changed(t, s) for t in teacher] for s in student], dtype=np.float32)
