"""What attention costs as the text grows: multiplications and numbers counted, and the methods to be measured.

One head of a width d over n tokens, beside a convolution and a recurrent layer of the same width.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from core.measures.efficient import MethodSettings

LENGTHS = (128, 256, 512, 1024, 2048, 4096, 8192)
WIDTH = 64
KERNEL = 5  # tokens that a convolution sees
FLOAT = 4  # bytes
TITLES = {
    "full": "Full attention",
    "local": "Local window",
    "strided": "Strided",
    "local_global": "Local + global",
    "sparsemax": "Sparsemax",
    "linformer": "Linformer",
    "linear": "Linear (elu + 1)",
    "convolution": "Convolution",
    "recurrent": "Recurrent",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one pass takes, counted: leading terms, without constants of an implementation."""

    multiplications: float
    numbers: float  # held at once beside the input
    steps: int = 1  # that must wait for each other


def pairs(method: str, n: int, setting: MethodSettings) -> float:
    """How many (query, key) pairs are multiplied, exactly, edges included."""
    if method == "local":
        w = min(setting.window, n - 1)
        return n * (2 * w + 1) - w * (w + 1)
    if method == "strided":
        classes, more = divmod(n, setting.stride)
        sizes = [classes + (i < more) for i in range(min(setting.stride, n))]
        return sum(size * size for size in sizes)
    if method == "local_global":
        w, g = min(setting.window, n - 1), min(setting.globals, n)
        inner = n - g  # rows and columns of the others: a window among themselves
        v = min(w, inner - 1) if inner else 0
        among = inner * (2 * v + 1) - v * (v + 1) if inner else 0
        return n * n - inner * inner + among
    return n * n


def counted(method: str, n: int, d: int, setting: MethodSettings) -> Cost:
    """The cost of a method over n tokens of width d; low rank is what applying it costs once it is known."""
    k = min(setting.rank, n)
    if method == "linformer":
        return Cost(4 * n * k * d, n * k + 2 * k * d + n * d)
    if method == "low_rank":
        return Cost(2 * n * k * d, 2 * n * k + n * d)
    if method == "linear":
        return Cost(2 * n * d * d + 2 * n * d, 2 * n * d + d * d + n * d)
    if method == "convolution":
        return Cost(KERNEL * n * d * d, KERNEL * d * d + n * d)
    if method == "recurrent":
        return Cost(2 * n * d * d, 2 * d * d + n * d, n)
    looked = pairs(method, n, setting)
    sorting = n * n * max(1.0, math.log2(n)) if method == "sparsemax" else 0
    return Cost(2 * looked * d + sorting, looked + n * d)


# --- implementations that really are cheaper --------------------------------------------------------------------------


def full(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """softmax(Q K^T / sqrt(d)) V, every pair; the map is made once and written over."""
    scores = q @ k.T
    scores *= q.shape[1] ** -0.5
    return torch.softmax(scores, -1, out=scores) @ v


def local(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings, count: int = 0) -> Tensor:
    """A window: queries in blocks, each against the keys of its own and the neighbouring blocks, count global keys."""
    n, d = q.shape
    size = max(1, min(s.window, n))
    blocks = -(-n // size)
    room = blocks * size - n
    rows = functional.pad(q, (0, 0, 0, room)).view(blocks, size, d)
    around = [functional.pad(one, (0, 0, size, size + room)).unfold(0, 3 * size, size) for one in (k, v)]
    keys, values = around[0], around[1].transpose(1, 2)  # [block, width, place], [block, place, width]
    place = torch.arange(3 * size, device=q.device) - size
    key = torch.arange(blocks, device=q.device)[:, None] * size + place  # the token that stands in a place
    near = (torch.arange(size, device=q.device)[:, None] - place[None]).abs() <= s.window
    seen = near[None] & ((key >= count) & (key < n))[:, None, :]
    scores = torch.baddbmm(q.new_zeros(()), rows, keys, beta=0, alpha=d**-0.5)
    scores.masked_fill_(~seen, torch.finfo(q.dtype).min)  # not infinity: rows that only fill up a block see nothing
    if count:
        first = (rows @ k[:count].T) * d**-0.5
        scores = torch.cat([first, scores], -1)
    weights = torch.softmax(scores, -1)
    output = weights[..., count:] @ values
    if count:
        output += weights[..., :count] @ v[:count]
    return output.reshape(-1, v.shape[1])[:n]


def strided(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """Every stride-th token: tokens of one remainder attend to each other, nobody else."""
    n, stride = len(q), s.stride
    room = -n % stride
    groups = [functional.pad(one, (0, 0, 0, room)).unflatten(0, (-1, stride)).transpose(0, 1) for one in (q, k, v)]
    scores = (groups[0] @ groups[1].transpose(1, 2)) * q.shape[1] ** -0.5
    if room:
        scores[stride - room :, :, -1] = torch.finfo(q.dtype).min
    output = torch.softmax(scores, -1) @ groups[2]
    return output.transpose(0, 1).reshape(n + room, -1)[:n]


def local_global(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """A window beside the global keys; the rows of the global tokens themselves in full."""
    count = min(s.globals, len(q))
    output = local(q, k, v, s, count)
    if count:
        output[:count] = full(q[:count], k, v, s)
    return output


def sparsemax(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """Every score, each row sorted and projected onto the simplex."""
    scores = (q @ k.T) * q.shape[1] ** -0.5
    ordered = scores.sort(-1, descending=True).values
    sums = ordered.cumsum(-1)
    count = torch.arange(1, scores.shape[-1] + 1, device=q.device)
    support = (1 + ordered.mul_(count) > sums).sum(-1, keepdim=True)
    threshold = (sums.gather(-1, support - 1) - 1) / support
    return scores.sub_(threshold).clamp_(min=0) @ v


def linformer(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """Keys and values multiplied by a matrix E [rank, token] first, here one of random numbers."""
    rank = min(s.rank, len(k))
    draw = torch.Generator(q.device).manual_seed(0)
    summed = torch.randn(rank, len(k), generator=draw, device=q.device) / rank**0.5
    return full(q, summed @ k, summed @ v, s)


def linear(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """phi(Q) (phi(K)^T V), divided by phi(Q) sum(phi(K)): no map exists."""
    q, k = functional.elu(q) + 1, functional.elu(k) + 1
    return (q @ (k.T @ v)) / (q @ k.sum(0))[:, None]


def convolution(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """A filter of every channel onto every channel, over KERNEL neighbours."""
    d = q.shape[1]
    weight = torch.full((d, d, KERNEL), 1 / (d * KERNEL), device=q.device)
    return functional.conv1d(q.T[None], weight, padding=KERNEL // 2)[0].T


def recurrent(q: Tensor, k: Tensor, v: Tensor, s: MethodSettings) -> Tensor:
    """tanh(W x + U h), one token after the other."""
    layer = torch.nn.RNN(q.shape[1], q.shape[1], device=q.device)
    return layer(q[:, None])[0][:, 0]


WAYS: dict[str, Callable[[Tensor, Tensor, Tensor, MethodSettings], Tensor]] = {
    "full": full,
    "local": local,
    "strided": strided,
    "local_global": local_global,
    "sparsemax": sparsemax,
    "linformer": linformer,
    "linear": linear,
    "convolution": convolution,
    "recurrent": recurrent,
}
