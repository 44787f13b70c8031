"""What one head of a text model works with: its input X, W_Q, W_K, W_V, W_O as they ran, and the size of the stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.analyses.noted_pass import Product, Stack, numbers, passed, stacks_of
from core.capture.on_demand import needs_no_more
from core.capture.recording import Map, recorded
from core.engine import ask
from core.measures.attention import layer_numbers as numbers_of_layers
from core.measures.inside import HeadSteps, Projection, Stream, attend, lengths
from core.requests import HeadRequest, StreamRequest, TextRequest
from core.types import Refused, Token

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


def run_over(request: TextRequest) -> None:
    """Run the model over the text, so that any head of it comes at once. Refused: there are too many tokens."""
    passed(request)


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
    found = passed(request.text)
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
        query=numbers(query[0, request.head]),
        key=numbers(key[0, request.head]),
        value=numbers(value[0, request.head]),
        scaling=recorded(one.recipe).scaling,
        added=_added(one, request.head),
        weights=weights[request.head],
        x=numbers(plain[0][0]) if plain else None,
        memory=numbers(plain[1][0]) if plain else None,
        to_query=plain[0][1] if plain else None,
        to_key=plain[1][1] if plain else None,
        to_value=plain[2][1] if plain else None,
        joined=numbers(joined),
        to_output=_output(found.products, joined, request.head * wide, wide),
        heads=heads,
    )


def _made(products: tuple[Product, ...], states: Tensor, head: int) -> tuple[Tensor, Projection] | None:
    """(input, projection) of the linear layer that made the states of a head; None where they are no plain product."""
    for product in reversed(products):
        if product.out.untyped_storage().data_ptr() == states.untyped_storage().data_ptr():
            break
    else:
        return None
    first = states.storage_offset() - product.out.storage_offset() + head * states.stride(1)
    columns = first + torch.arange(states.shape[3]) * states.stride(3)
    return product.x.reshape(-1, product.x.shape[-1]), _projection(product, columns)


def _projection(product: Product, columns: Any) -> Projection:
    bias = None if product.bias is None else numbers(product.bias[columns])
    return Projection(numbers(product.weight[:, columns]), bias)


def _output(products: tuple[Product, ...], joined: Tensor, first: int, width: int) -> Projection | None:
    """W_O: the linear layer that reads the outputs of the heads side by side; its rows from `first` on."""
    for product in reversed(products):
        x = product.x.reshape(-1, product.x.shape[-1])
        if x.shape == joined.shape and torch.allclose(x.float(), joined.float(), rtol=1e-3, atol=1e-4):
            part = product.weight[first : first + width]
            return Projection(numbers(part), None if product.bias is None else numbers(product.bias))
    return None


def _added(one: Map, head: int) -> np.ndarray:
    """Mask and position bias [query, key] of a head, -inf where a key is hidden."""
    total = torch.zeros(recorded(one.query).shape[2], recorded(one.key).shape[2])
    for part in recorded(one.recipe).added:
        total = total + part[0, head if part.shape[1] > 1 else 0].float().cpu()
    return np.where(total.numpy() <= HIDDEN, -np.inf, total.numpy()).astype(np.float64)


# --- the stream -------------------------------------------------------------------------------------------------------


def stream(question: StreamRequest) -> dict[str, tuple[Stream, bool]]:
    """Side ('encoder' or 'decoder') -> (sizes of stream and update at every sublayer, whether norms stand before it).

    Refused: a model whose residual sums are not of the usual kind.
    """
    return {one.side: _sizes(one) for one in stacks_of(passed(question.text))}


def _sizes(stack: Stack) -> tuple[Stream, bool]:
    labels = tuple(stack.names[i % len(stack.names)] for i in range(len(stack.sums)))
    sizes = [[lengths(numbers(part[0])) for part in (one.left, one.right, one.out)] for one in stack.sums]
    return Stream(labels, *np.array(sizes).T), stack.pre_norm


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
