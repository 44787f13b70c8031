"""The one attention function: it records and edits attention in every model family, and is plain attention otherwise.

Load a model with attn_implementation=ATTENTION, then: with recording() as maps: model(**inputs).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from core.capture.libraries import AttentionInterface, AttentionMaskInterface, eager_mask
from core.capture.masks import hidden_under, split
from core.capture.on_demand import ScoreInputs, attended, grouped, plain
from core.capture.places import Places, in_words
from core.requests import Edit
from core.types import AttentionKind, Refused

__all__ = ["ATTENTION", "Edit", "Map", "recording"]

#: The name under which the function is registered: AutoModel.from_pretrained(..., attn_implementation=ATTENTION).
ATTENTION = "gaze"

Reduce = Callable[[Tensor, str, int], dict[str, Tensor]]
Change = Callable[[Tensor, str, int], Tensor]
Cut = Callable[[str, int], Tensor | None]


@dataclass(frozen=True, slots=True, eq=False)
class Map:
    """What one attention layer did in one pass; tensors stay on the model's device."""

    kind: AttentionKind
    layer: int
    weights: Tensor | None = None  # [batch, head, query, key] float32, before dropout; None with keep=False
    scores: Tensor | None = None  # [batch, head, query, key]: scaled, bias and mask added
    query: Tensor | None = None  # [batch, head, query, width]
    key: Tensor | None = None  # [batch, head, key, width], repeated in grouped models; so is value
    value: Tensor | None = None
    reduced: dict[str, Tensor] | None = None  # what reduce made, heads joined again: [batch, head, ...]
    recipe: ScoreInputs | None = None  # with keep=False: what lazy_weights computes any head from
    number: int = -1  # the model's own number of the layer: hybrids attend in some of their layers alone
    sink: bool = False  # the first column is no key, but the sink


class NothingSeen(RuntimeError):
    """A model ran inside a recording and none of its attention came by."""


Kept = TypeVar("Kept")


def recorded(value: Kept | None) -> Kept:
    """A field of a Map; RuntimeError where the recording was not asked to keep it."""
    if value is None:
        raise RuntimeError("This was not recorded: ask for it with scores=True, qkv=True, or keep=True.")
    return value


@contextmanager
def recording(
    layers: Collection[int | tuple[str, int]] | None = None,
    edit: Edit | None = None,
    reduce: Reduce | None = None,
    *,
    scores: bool = False,
    qkv: bool = False,
    keep: bool = True,
    change: Change | None = None,
    cut: Cut | None = None,
    kinds: Collection[AttentionKind] | None = None,
) -> Iterator[list[Map]]:
    """Record, and edit if asked, all attention that this thread runs inside the block, in order of running.

    layers: indices, or (kind, index) pairs; None: all. Layers count within a kind, in order of first use.
    kinds: of attention that are recorded; None: all.
    reduce: called as reduce(weights[batch, some heads, query, key], kind, layer) while they exist.
    keep=False: weights are not kept; lazy_weights computes them again.
    change: called as change(output[batch, query, head, width], kind, the model's own number of the layer) after the
    edit; what it gives is what the layer goes on with.
    cut: called as cut(kind, the model's own number of the layer) before scores become weights; what it gives, True
    in [text, head, query, key] or None, is hidden, and the row's other weights share the rest.
    With gradients enabled the graph is kept, so that gradients of an output by Map.weights exist.
    Refused: the edit names a head that the model lacks; it has no attention, or keeps what is asked to itself.
    """
    state = _Recording(
        layers, scores=scores, qkv=qkv, edit=edit, reduce=reduce, keep=keep, change=change, cut=cut, kinds=kinds
    )
    token = _current.set(state)
    try:
        yield state.maps
    finally:
        _current.reset(token)
    state.check()


class _Recording:
    """One recording under way; lives in one context, so it needs no locks."""

    def __init__(
        self,
        layers: Collection[int | tuple[str, int]] | None,
        edit: Edit | None,
        reduce: Reduce | None,
        *,
        scores: bool,
        qkv: bool,
        keep: bool,
        change: Change | None,
        cut: Cut | None,
        kinds: Collection[AttentionKind] | None = None,
    ) -> None:
        self.kinds = kinds
        self.layers, self.scores, self.qkv = layers, scores, qkv
        self.edit = edit or Edit()
        self.reduce, self.keep = reduce, keep
        self.change, self.cut = change, cut
        self.maps: list[Map] = []
        self.ran: dict[tuple[str, int], int] = {}  # (kind, layer) -> heads
        self.places = Places()
        self.masks: dict[tuple[object, ...], tuple[Tensor | None, Tensor | None, Tensor | None]] = {}
        self.outermost: nn.Module | None = None  # whose forward pass runs, where open_model has made it known
        self.title = ""  # of the model that ran
        self.last: tuple[nn.Module, Tensor] | None = None  # of the calls: module and queries

    def attend(
        self, module: Any, inputs: ScoreInputs, value: Tensor, mask: Tensor | None, dropout: float, kind: AttentionKind
    ) -> tuple[Tensor, Tensor | None]:
        """The output [batch, query, head, width] of one call under the edit, and weights where they are kept."""
        layer = self.places.layer(module, kind)
        self.ran[kind, layer] = inputs.query.shape[1]
        off = self.heads_off(kind, self.places.number(module, kind, layer), inputs.query.shape[1])
        wanted = self.wants(kind, layer)
        recipe, without = self.edited(kind, inputs, mask), None
        if self.cut is not None and (without := self.cut(kind, self.places.number(module, kind, layer))) is not None:
            recipe = replace(recipe, hidden=without if recipe.hidden is None else recipe.hidden | without)
        keep, keep_scores = wanted and self.keep, wanted and self.scores
        reduce = self.reducing(kind, layer) if wanted else None
        found: dict[str, Any] = {}
        if keep or keep_scores or reduce or without is not None or self.edits_scores() or recipe.explicit:
            output, found = attended(recipe, value, dropout, keep=keep, keep_scores=keep_scores, reduce=reduce)
        else:
            output = plain(module, recipe, value, dropout)
        if off:
            output = output.index_fill(2, torch.tensor(off, device=output.device), 0)
        if self.change is not None:
            output = self.change(output, kind, self.places.number(module, kind, layer))
        if wanted:
            if self.qkv:
                every, count = slice(None), recipe.query.shape[1]
                key = grouped(recipe.key, every, count)
                found |= {"query": recipe.query, "key": key, "value": grouped(value, every, count)}
            number = self.places.number(module, kind, layer)
            kept = None if self.keep else recipe.detached()
            if not self.repeats(module, recipe.query):
                self.maps.append(Map(kind, layer, recipe=kept, number=number, sink=recipe.sink is not None, **found))
        return output, found.get("weights")

    def repeats(self, module: nn.Module, query: Tensor) -> bool:
        """Whether a layer asks again with the same queries, for other values (differential attention does)."""
        before, self.last = self.last, (module, query)
        return before is not None and before[0] is module and before[1] is query

    def reducing(self, kind: str, layer: int) -> Callable[[Tensor], dict[str, Tensor]] | None:
        reduce = self.reduce
        return None if reduce is None else lambda weights: reduce(weights, kind, layer)

    def wants(self, kind: str, layer: int) -> bool:
        if self.kinds is not None and kind not in self.kinds:
            return False
        return self.layers is None or layer in self.layers or (kind, layer) in self.layers

    def enter(self, module: nn.Module, title: str) -> bool:
        """Whether this pass is the outermost: it is told as soon as it begins."""
        if self.outermost is not None:
            return False
        self.outermost, self.title = module, title
        return True

    def leave(self, module: nn.Module) -> bool:
        """Whether the pass that ends is the outermost."""
        if self.outermost is not module:
            return False
        self.outermost = None
        return True

    def take(self, kind: AttentionKind, layer: int, number: int, weights: Tensor) -> None:
        """Weights that a model has computed by itself, in the shape it gives them. Refused for what cannot be had."""
        edited = (
            self.edits_scores()
            or any(one[0] == kind for one in self.edit.heads_off)
            or self.change is not None
            or self.cut is not None
        )
        if edited or self.qkv or self.scores:
            raise Refused(
                f"{self.title} computes its attention by itself: Gaze reads its weights at most; queries, keys, values "
                "and edits are not to be had. Choose another model for those."
            )
        self.ran[kind, layer], self.places.numbers[kind, layer] = weights.shape[1], number
        if self.wants(kind, layer):
            weights = weights.float()
            reduced = self.reduce(weights.detach(), kind, layer) if self.reduce else None
            self.maps.append(Map(kind, layer, weights, reduced=reduced, number=number))

    def edits_scores(self) -> bool:
        return not self.edit.scaled or self.edit.temperature != 1 or self.edit.mask != "model"

    def edited(self, kind: str, inputs: ScoreInputs, mask: Tensor | None) -> ScoreInputs:
        """How the scores of this layer come about, the edit included."""
        edit, scaling = self.edit, inputs.scaling if self.edit.scaled else 1.0
        if edit.temperature == 1 and edit.mask == "model":
            return replace(inputs, scaling=scaling)
        bias, hidden = self.split(kind, mask, inputs.query, inputs.key)
        added = tuple(one for one in inputs.added if one is not mask) + (() if bias is None else (bias,))
        return replace(inputs, scaling=scaling, added=added, temperature=edit.temperature, hidden=hidden)

    def split(self, kind: str, mask: Tensor | None, query: Tensor, key: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """The mask as a bias (None: there is none) and what the edit hides; once for all layers that share a mask."""
        name = (id(mask), kind, query.shape[2], key.shape[2])
        if name not in self.masks:
            bias, hidden = split(mask)
            hidden = hidden_under(self.edit, kind, hidden, query.shape[2], key.shape[2], query.device)
            self.masks[name] = (mask, bias, hidden)  # the mask too: while it lives its id is nobody else's
        return self.masks[name][1:]

    def heads_off(self, kind: str, number: int, count: int) -> list[int]:
        """The heads, of so many, that are off in the layer of a number."""
        off = [head for of, at, head in self.edit.heads_off if (of, at) == (kind, number)]
        for head in off:
            if not 0 <= head < count:
                raise Refused(f"There is no head {head + 1} in {kind} layer {number + 1}: choose one of 1 to {count}.")
        return off

    def check(self) -> None:
        if not self.ran and self.title:
            raise Refused(
                f"{self.title} hands out no attention weights: it mixes what it reads in another way, or keeps its "
                "weights to itself. Choose another model."
            )
        if not self.ran:
            raise NothingSeen(
                f"No attention was seen: load the model with attn_implementation={ATTENTION!r} "
                "and run it inside the recording, in the same thread."
            )
        own = self.places.own_numbers()
        for kind, layer, _ in self.edit.heads_off:
            if layer not in own[kind]:
                there = ", ".join(f"{of} layers {in_words(numbers)}" for of, numbers in own.items() if numbers)
                raise Refused(f"There is no {kind} layer {layer + 1} to switch a head off in: this model has {there}.")
        names = set(self.ran) | {layer for _, layer in self.ran}
        missing = [one for one in self.layers or () if one not in names]
        if missing:
            raise RuntimeError(f"Layers {missing} were to be recorded but never ran; these did: {sorted(self.ran)}.")


def _attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    position_bias: Tensor | None = None,
    *,
    is_causal: bool | None = None,
    softcap: float | None = None,
    s_aux: Tensor | None = None,
    sinks: Tensor | None = None,
    **_others: Any,
) -> tuple[Tensor, Tensor | None]:
    """The function that transformers calls: output [batch, query, head, width], and weights where they are kept."""
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    dropout = dropout if module.training else 0.0
    added = tuple(one for one in (position_bias, attention_mask) if one is not None)
    sink = sinks if s_aux is None else s_aux.view(1, -1, 1, 1)
    inputs = ScoreInputs(query, key, scaling, added, cap=softcap, sink=sink)
    state = _current.get()
    if state is not None:
        return state.attend(module, inputs, value, attention_mask, dropout, state.places.kind(module, causal=is_causal))
    if inputs.explicit:
        return attended(inputs, value, dropout)[0], None
    return plain(module, inputs, value, dropout), None


_current: ContextVar[_Recording | None] = ContextVar("recording", default=None)
AttentionInterface.register(ATTENTION, _attend)
AttentionMaskInterface.register(ATTENTION, eager_mask)


def current() -> _Recording | None:
    """The recording under way in this thread."""
    return _current.get()
