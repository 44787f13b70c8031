"""What one head of a text model works with: its input X, W_Q, W_K, W_V, W_O as they ran, and the size of the stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from core.capture.on_demand import needs_no_more
from core.capture.recording import Map, recorded
from core.engine import ask
from core.measures.attention import layer_numbers as numbers_of_layers
from core.measures.inside import HeadSteps, Projection, Stream, attend, lengths
from core.models.text import run
from core.requests import HeadRequest, StreamRequest, TextRequest
from core.store.opening import open_model
from core.store.revisions import kept
from core.types import Refused, TextEncoding, Token

MOST_TOKENS = 64  # more than a screen can show number by number
WIDEST = 16_384  # numbers a token: what is wider is a vocabulary, and nothing to show
SEEN = 4_096  # products remembered: more than one pass of any model makes
ADDITIONS = {torch.add, Tensor.add, Tensor.__add__, Tensor.__radd__, Tensor.__iadd__}
HIDDEN = torch.finfo(torch.bfloat16).min / 2  # an added value from here down hides a key


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """What the head works with; x and the projections are None where the model turns queries by their position."""

    queries: tuple[Token, ...]
    keys: tuple[Token, ...]
    query: np.ndarray  # [query, d]
    key: np.ndarray  # [key, d]
    value: np.ndarray  # [key, d]
    scaling: float
    added: np.ndarray  # [query, key] mask and position bias, -inf hides
    weights: np.ndarray  # [query, key] as the model computed them
    x: np.ndarray | None  # [query, width]
    memory: np.ndarray | None  # [key, width]: x again, except in cross-attention
    to_query: Projection | None
    to_key: Projection | None
    to_value: Projection | None
    joined: np.ndarray  # [query, heads * d]: the outputs of all heads of the layer side by side
    to_output: Projection | None  # its rows [d, width] of W_O, and the bias that all heads share
    heads: int  # of the layer


@dataclass(frozen=True, slots=True, eq=False)
class _Product:
    """One call of a linear layer."""

    x: Tensor
    weight: Tensor  # [from, to]
    bias: Tensor | None
    out: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class _Sum:
    """One addition of two tensors of the same shape."""

    left: Tensor
    right: Tensor
    out: Tensor


class _Probe(TorchFunctionMode):
    """Notes linear layers and additions that run in this thread; holds them, so that no memory is used twice."""

    def __init__(self) -> None:
        self.products: deque[_Product] = deque(maxlen=SEEN)
        self.sums: deque[_Sum] = deque(maxlen=SEEN)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if isinstance(out, Tensor) and out.shape[-1:] > (WIDEST,):
            return out
        if func is torch.nn.functional.linear:
            x, weight, bias = (*args, *(kwargs or {}).values(), None)[:3]
            self.products.append(_Product(x, weight.T, bias, out))
        elif func is torch.addmm:
            bias, x, weight = args
            self.products.append(_Product(x, weight, bias, out))
        elif func in ADDITIONS and all(isinstance(one, Tensor) and one.shape == out.shape for one in args[:2]):
            self.sums.append(_Sum(args[0], args[1], out))
        return out


@dataclass(frozen=True, slots=True, eq=False)
class _Pass:
    encoding: TextEncoding
    maps: tuple[Map, ...]
    products: tuple[_Product, ...]
    sums: tuple[_Sum, ...]


@kept
def _passed(request: TextRequest) -> _Pass:
    """One run of the model with everything noted; another head of it needs no further run."""
    length = max(max(len(a.queries), len(a.keys)) for a in ask(request).attentions)
    if length > MOST_TOKENS:
        raise Refused(
            f"There are {length:,} tokens, read or written; inside one head there is room for {MOST_TOKENS}. "
            "Shorten your text."
        )
    open_model(request.model)
    with _Probe() as probe:
        encoding, maps = run(request, qkv=True, keep=False)
    return _Pass(encoding, tuple(maps), tuple(probe.products), tuple(probe.sums))


def run_over(request: TextRequest) -> None:
    """Run the model over the text, so that any head of it comes at once. Refused: there are too many tokens."""
    _passed(request)


def layer_numbers(request: TextRequest, kind: str) -> tuple[int, ...]:
    """The model's own numbers, from 0, of the layers of a kind."""
    return numbers_of_layers(next(a for a in ask(request).attentions if a.kind == kind))


def heads_of(request: TextRequest) -> dict[str, tuple[int, int]]:
    """Kind -> (layers, heads) of the model over this text."""
    return {a.kind: a.weights.shape[:2] for a in ask(request).attentions}


def inside(request: HeadRequest) -> Inside:
    """All that one head works with. Refused: a head that the model lacks, a text that is too long."""
    sizes = heads_of(request.text)
    if request.kind not in sizes:
        raise Refused(f"This model has no {request.kind} attention: choose {' or '.join(sizes)}.")
    layers, heads = sizes[request.kind]
    if not (0 <= request.layer < layers and 0 <= request.head < heads):
        raise Refused(
            f"There is no head {request.layer + 1}.{request.head + 1} in this model: "
            f"choose a layer of 1 to {layers} and a head of 1 to {heads}."
        )
    found = _passed(request.text)
    number, attention = next((i, a) for i, a in enumerate(found.encoding.attentions) if a.kind == request.kind)
    one = next(m for m in found.maps if m.kind == request.kind and m.layer == request.layer)
    needs_no_more(recorded(one.recipe))
    weights = found.encoding.attentions[number].weights[request.layer]
    query, key, value = (recorded(states) for states in (one.query, one.key, one.value))
    joined = torch.cat([torch.from_numpy(w).to(v) @ v for w, v in zip(weights, value[0], strict=True)], -1)
    wide = value.shape[3]
    made = [_made(found.products, states, request.head) for states in (query, key, value)]
    plain = [one for one in made if one is not None] if None not in made else []
    return Inside(
        queries=attention.queries,
        keys=attention.keys,
        query=_numbers(query[0, request.head]),
        key=_numbers(key[0, request.head]),
        value=_numbers(value[0, request.head]),
        scaling=recorded(one.recipe).scaling,
        added=_added(one, request.head),
        weights=weights[request.head],
        x=_numbers(plain[0][0]) if plain else None,
        memory=_numbers(plain[1][0]) if plain else None,
        to_query=plain[0][1] if plain else None,
        to_key=plain[1][1] if plain else None,
        to_value=plain[2][1] if plain else None,
        joined=_numbers(joined),
        to_output=_output(found.products, joined, request.head * wide, wide),
        heads=heads,
    )


def _made(products: tuple[_Product, ...], states: Tensor, head: int) -> tuple[Tensor, Projection] | None:
    """(input, projection) of the linear layer that made the states of a head; None where they are no plain product."""
    for product in reversed(products):
        if product.out.untyped_storage().data_ptr() == states.untyped_storage().data_ptr():
            break
    else:
        return None
    first = states.storage_offset() - product.out.storage_offset() + head * states.stride(1)
    columns = first + torch.arange(states.shape[3]) * states.stride(3)
    return product.x.reshape(-1, product.x.shape[-1]), _projection(product, columns)


def _projection(product: _Product, columns: Any) -> Projection:
    bias = None if product.bias is None else _numbers(product.bias[columns])
    return Projection(_numbers(product.weight[:, columns]), bias)


def _output(products: tuple[_Product, ...], joined: Tensor, first: int, width: int) -> Projection | None:
    """W_O: the linear layer that reads the outputs of the heads side by side; its rows from `first` on."""
    for product in reversed(products):
        x = product.x.reshape(-1, product.x.shape[-1])
        if x.shape == joined.shape and torch.allclose(x.float(), joined.float(), rtol=1e-3, atol=1e-4):
            part = product.weight[first : first + width]
            return Projection(_numbers(part), None if product.bias is None else _numbers(product.bias))
    return None


def _added(one: Map, head: int) -> np.ndarray:
    """Mask and position bias [query, key] of a head, -inf where a key is hidden."""
    total = torch.zeros(recorded(one.query).shape[2], recorded(one.key).shape[2])
    for part in recorded(one.recipe).added:
        total = total + part[0, head if part.shape[1] > 1 else 0].float().cpu()
    return np.where(total.numpy() <= HIDDEN, -np.inf, total.numpy()).astype(np.float64)


def _numbers(tensor: Tensor) -> np.ndarray:
    found = tensor.detach().float().cpu().numpy().astype(np.float64)
    found.flags.writeable = False
    return found


# --- the stream -------------------------------------------------------------------------------------------------------


def stream(question: StreamRequest) -> dict[str, tuple[Stream, bool]]:
    """Side ('encoder' or 'decoder') -> (sizes of stream and update at every sublayer, whether norms stand before it).

    Refused: a model whose residual sums are not of the usual kind.
    """
    request = question.text
    found = _passed(request)
    made = {product.out.data_ptr(): product for product in found.products}
    width = open_model(request.model).text_config.hidden_size
    residuals = list(_residuals(found.sums, made, width))
    sides = [a.kind for a in found.encoding.attentions if a.kind != "cross"]
    depth = next(a.weights.shape[0] for a in found.encoding.attentions)
    parts = {sides[0]: residuals[-len(residuals) :]}
    if len(sides) == 2:  # the encoder runs first, two sublayers a layer; the decoder has three
        after = found.encoding.attentions[1].weights.shape[0] * 3
        residuals = residuals[-(2 * depth + after) :]
        parts = {sides[0]: residuals[: 2 * depth], sides[1]: residuals[2 * depth :]}
    each = {"encoder": 2, "decoder": 3 if len(sides) == 2 else 2}
    for side, layers in zip(sides, (a.weights.shape[0] for a in found.encoding.attentions), strict=False):
        if len(parts[side]) != layers * each[side]:
            raise Refused("This model adds to its stream in a way that Gaze cannot read. Choose another.")
    return {side: _sizes(part, each[side]) for side, part in parts.items()}


def _residuals(
    sums: tuple[_Sum, ...], made: dict[int, _Product], width: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """(stream, update, sum) of each addition of what a linear layer made to what none made, as wide as the stream."""
    for one in sums:
        left, right = one.left.data_ptr() in made, one.right.data_ptr() in made
        if left != right and one.out.dim() == 3 and one.out.shape[-1] == width:
            yield (one.right, one.left, one.out) if left else (one.left, one.right, one.out)


def _sizes(residuals: list[tuple[Tensor, Tensor, Tensor]], each: int) -> tuple[Stream, bool]:
    names = ("attention", "feed-forward") if each == 2 else ("attention", "cross-attention", "feed-forward")
    labels = tuple(names[i % each] for i in range(len(residuals)))
    measured = np.array([[lengths(_numbers(part[0])) for part in one] for one in residuals])
    # Before a pre-norm sublayer stands the sum of the one below; before a post-norm one its norm.
    sums = {out.data_ptr() for *_, out in residuals}
    return Stream(labels, *measured.T), residuals[1][0].data_ptr() in sums


def by_hand(found: Inside) -> HeadSteps:
    """The head's steps computed again from what it works with."""
    query, key, value = found.query, found.key, found.value
    if found.x is not None:
        x, memory = found.x, recorded(found.memory)
        query, key, value = (
            recorded(found.to_query)(x),
            recorded(found.to_key)(memory),
            recorded(found.to_value)(memory),
        )
    return attend(query, key, value, found.scaling, found.added)
