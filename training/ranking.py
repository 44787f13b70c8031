"""How a batch of translations is ranked: by whole sentences, piece by piece, and by both directions agreeing."""

from __future__ import annotations

import torch
from torch.nn import functional

SHARPNESS = 20.0  # cosines are multiplied by it before the softmax


def ranking(cosines: torch.Tensor, same: torch.Tensor) -> torch.Tensor:
    """Cross-entropy, both ways, of finding one's own translation in the batch.

    cosines [n, n]: row a sentence, column a translation; same [n, n]: pairs that share a text are no wrong answers.
    """
    n = len(cosines)
    scores = (SHARPNESS * cosines.float()).masked_fill(same & ~torch.eye(n, dtype=torch.bool, device=same.device), -1e4)
    right = torch.arange(n, device=cosines.device)
    return (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2


class _BestOfAll(torch.autograd.Function):
    """Each piece's best cosine in every sentence of the other side, both ways.

    The gradient reaches the best piece alone, so it is one sparse matrix: torch's own backward of a maximum over all
    pieces fills a dense one.
    """

    @staticmethod
    def forward(ctx, a, b, in_a, in_b):
        n, i, width = a.shape
        low = [side.reshape(-1, width).to(torch.bfloat16) for side in (a, b)]
        cosines = (low[0] @ low[1].T).view(n, i, n, -1)
        forth, forth_at = cosines.masked_fill(~in_b[None, None], -2).max(dim=3)  # [n, i, n]
        back, back_at = cosines.masked_fill_(~in_a[:, :, None, None], -2).max(dim=1)  # [n, n, j]
        ctx.save_for_backward(*low, forth_at, back_at)
        ctx.shapes = a.shape, b.shape
        return forth.float(), back.float()

    @staticmethod
    def backward(ctx, of_forth, of_back):
        a, b, forth_at, back_at = ctx.saved_tensors
        (n, i, width), (_, j, _) = ctx.shapes
        gradient = torch.zeros(n, i, n, j, dtype=torch.float32, device=a.device)
        gradient.scatter_(3, forth_at[..., None], of_forth[..., None])
        gradient.scatter_add_(1, back_at[:, None], of_back[:, None])
        gradient = gradient.view(n * i, n * j).to(torch.bfloat16)
        return (gradient @ b).float().view(n, i, width), (gradient.T @ a).float().view(n, j, width), None, None


def best_matches(a: torch.Tensor, b: torch.Tensor, in_a: torch.Tensor, in_b: torch.Tensor) -> torch.Tensor:
    """How well two sentences cover each other: the mean, both ways, of each piece's best cosine on the other side.

    a [n, i, width] and b [n, j, width] of length 1; in_a, in_b: which places are pieces. Returns [n, n].
    """
    forth, back = _BestOfAll.apply(a.float(), b.float(), in_a, in_b)
    there = (forth * in_a[:, :, None]).sum(1) / in_a.sum(1)[:, None]
    here = (back * in_b[None]).sum(2) / in_b.sum(1)[None]
    return (there + here) / 2


def disagreement(a: torch.Tensor, b: torch.Tensor, in_a: torch.Tensor, in_b: torch.Tensor) -> torch.Tensor:
    """1 less the share of alignment on which both directions agree (Dou & Neubig 2021, "consistency"), over the pairs.

    a [n, i, width] and b [n, j, width] of length 1: a sentence and its own translation; in_a, in_b: which are pieces.
    """
    scores = SHARPNESS * (a.float() @ b.float().transpose(1, 2))
    forth = torch.softmax(scores.masked_fill(~in_b[:, None], -1e4), dim=2) * in_a[:, :, None]
    back = torch.softmax(scores.masked_fill(~in_a[:, :, None], -1e4), dim=1) * in_b[:, None]
    shared = (forth * back).sum((1, 2)) * 2 / (in_a.sum(1) + in_b.sum(1))
    return 1 - shared.mean()
