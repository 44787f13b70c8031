"""One pass of a text model with all that can be read off it: its products, sums, norms and lookups, and its layers."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from core.capture.recording import Map
from core.engine import ask
from core.models.text import run
from core.requests import TextRequest
from core.store.opening import open_model
from core.store.revisions import kept
from core.types import AttentionKind, Refused, TextEncoding

MOST_TOKENS = 64  # more than a screen can show number by number
WIDEST = 16_384  # numbers a token: what is wider is a vocabulary, and nothing to show
SEEN = 4_096  # products remembered: more than one pass of any model makes
ADDITIONS = {torch.add, Tensor.add, Tensor.__add__, Tensor.__radd__, Tensor.__iadd__}
SUBLAYERS = {2: ("attention", "feed-forward"), 3: ("attention", "cross-attention", "feed-forward")}


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """One call of a linear layer."""

    x: Tensor
    weight: Tensor  # [from, to]
    bias: Tensor | None
    out: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """One addition of two tensors of the same shape; of a residual sum the stream and what is added to it."""

    left: Tensor
    right: Tensor
    out: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Lookup:
    """Rows that were taken from a table of vectors."""

    table: Tensor  # [row, width]
    out: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """One call of a layer norm."""

    x: Tensor
    out: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """A text, what the model made of it, and what went on inside, in order of running."""

    encoding: TextEncoding
    maps: tuple[Map, ...]
    products: tuple[Product, ...]
    sums: tuple[Sum, ...]
    lookups: tuple[Lookup, ...]
    norms: tuple[Norm, ...]


class _Probe(TorchFunctionMode):
    """Notes what runs in this thread; holds it, so that no memory is used twice."""

    def __init__(self) -> None:
        self.products: deque[Product] = deque(maxlen=SEEN)
        self.sums: deque[Sum] = deque(maxlen=SEEN)
        self.lookups: deque[Lookup] = deque(maxlen=SEEN)
        self.norms: deque[Norm] = deque(maxlen=SEEN)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if isinstance(out, Tensor) and out.shape[-1:] > (WIDEST,):
            return out
        if func is functional.linear:
            x, weight, bias = (*args, *(kwargs or {}).values(), None)[:3]
            self.products.append(Product(x, weight.T, bias, out))
        elif func is torch.addmm:
            bias, x, weight = args
            self.products.append(Product(x, weight, bias, out))
        elif func in ADDITIONS and all(isinstance(one, Tensor) and one.shape == out.shape for one in args[:2]):
            self.sums.append(Sum(args[0], args[1], out))
        elif func is functional.embedding:
            self.lookups.append(Lookup(args[1], out))
        elif func is functional.layer_norm:
            self.norms.append(Norm(args[0], out))
        return out


@kept
def passed(request: TextRequest) -> Pass:
    """One run of the model with everything noted; another head of it needs no further run.

    Refused: more than MOST_TOKENS tokens are read or written.
    """
    length = max(max(len(a.queries), len(a.keys)) for a in ask(request).attentions)
    if length > MOST_TOKENS:
        raise Refused(
            f"There are {length:,} tokens, read or written; inside one head there is room for {MOST_TOKENS}. "
            "Shorten your text."
        )
    open_model(request.model)
    with _Probe() as probe:
        encoding, maps = run(request, qkv=True, keep=False)
    noted = (tuple(some) for some in (probe.products, probe.sums, probe.lookups, probe.norms))
    return Pass(encoding, tuple(maps), *noted)


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The residual sums of an encoder or a decoder, sublayer by sublayer."""

    side: AttentionKind  # "encoder" or "decoder"
    names: tuple[str, ...]  # of the sublayers of a layer
    sums: tuple[Sum, ...]  # left is the stream, right what is added to it
    pre_norm: bool  # the norm stands before a sublayer, else behind its sum


def stacks_of(found: Pass) -> list[Stack]:
    """The stacks of a model. Refused: its residual sums are not of the usual kind."""
    width = open_model(found.encoding.request.model).text_config.hidden_size
    residuals = list(_residuals(found, width))
    attentions = {a.kind: a for a in found.encoding.attentions}
    sides = [kind for kind in attentions if kind != "cross"]
    each = {side: 3 if side == "decoder" and len(sides) == 2 else 2 for side in sides}
    counts = [attentions[side].weights.shape[0] * each[side] for side in sides]
    if len(sides) == 1:
        counts = [len(residuals)] if len(residuals) == counts[0] else [-1]
    if min(counts) < 0 or len(residuals) < sum(counts):
        raise Refused("This model adds to its stream in a way that Gaze cannot read. Choose another.")
    residuals = residuals[len(residuals) - sum(counts) :]  # what a translator wrote before is not looked at
    stacks = []
    for side, count in zip(sides, counts, strict=True):
        own, residuals = residuals[:count], residuals[count:]
        # Before a pre-norm sublayer stands the sum of the one below; before a post-norm one its norm.
        outs = {one.out.data_ptr() for one in own}
        stacks.append(Stack(side, SUBLAYERS[each[side]], tuple(own), own[1].left.data_ptr() in outs))
    return stacks


def _residuals(found: Pass, width: int) -> Iterator[Sum]:
    """Each addition of what a linear layer made to what none made, as wide as the stream."""
    made = {product.out.data_ptr() for product in found.products}
    for one in found.sums:
        left, right = one.left.data_ptr() in made, one.right.data_ptr() in made
        if left != right and one.out.dim() == 3 and one.out.shape[-1] == width:
            yield Sum(one.right, one.left, one.out) if left else one


def numbers(tensor: Tensor) -> np.ndarray:
    """The same numbers as float64, read-only."""
    found = tensor.detach().float().cpu().numpy().astype(np.float64)
    found.flags.writeable = False
    return found
