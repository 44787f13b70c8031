"""The one attention function: it records and edits attention in every model family, and is plain attention otherwise.

Load a model with attn_implementation=ATTENTION, then: with recording() as maps: model(**inputs).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import eager_mask

from core.capture.on_demand import ScoreInputs, grouped, scores, softmax
from core.requests import Edit
from core.types import AttentionKind, Refused

__all__ = ["ATTENTION", "Edit", "Map", "recording"]

#: The name under which the function is registered: AutoModel.from_pretrained(..., attn_implementation=ATTENTION).
ATTENTION = "gaze"
#: Scores alive at a time when weights are not kept: six heads of 512 tokens; one head where it has more than that.
LIVE = 6 * 512 * 512
#: A mask value from here down hides a key. Swin writes -100 onto its bias, the others the least float.
HIDING = -50.0

Reduce = Callable[[Tensor, str, int], dict[str, Tensor]]


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
    recipe: ScoreInputs | None = None  # with keep=False: what core.deferred computes any head from


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
) -> Iterator[list[Map]]:
    """Record, and edit if asked, all attention that this thread runs inside the block, in order of running.

    layers: indices, or (kind, index) pairs; None: all. Layers count within a kind, in order of first use.
    reduce: called as reduce(weights[batch, some heads, query, key], kind, layer) while they exist.
    keep=False: weights are not kept; core.deferred computes them again.
    With gradients enabled the graph is kept, so that gradients of an output by Map.weights exist.
    Refused: the edit names a head that the model lacks. RuntimeError: what should have been recorded did not run.
    """
    state = _Recording(layers, scores=scores, qkv=qkv, edit=edit, reduce=reduce, keep=keep)
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
    ) -> None:
        self.layers, self.scores, self.qkv = layers, scores, qkv
        self.edit = edit or Edit()
        self.reduce, self.keep = reduce, keep
        self.maps: list[Map] = []
        self.ran: dict[tuple[str, int], int] = {}  # (kind, layer) -> heads
        self.modules: defaultdict[str, dict[nn.Module, int]] = defaultdict(dict)  # kind -> module -> layer
        self.calls: Counter[str] = Counter()
        self.masks: dict[tuple[object, ...], tuple[Tensor | None, Tensor | None, Tensor | None]] = {}

    def attend(
        self,
        module: Any,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None,
        position_bias: Tensor | None,
        scaling: float,
        dropout: float,
        kind: AttentionKind,
    ) -> tuple[Tensor, Tensor | None]:
        layer = self.place(module, kind)
        self.ran[kind, layer] = query.shape[1]
        off = self.heads_off(kind, layer)
        wanted = self.layers is None or layer in self.layers or (kind, layer) in self.layers
        recipe = self.recipe(kind, query, key, mask, position_bias, scaling)
        found: dict[str, Any] = {}
        if (wanted and (self.keep or self.scores or self.reduce)) or self.edits_scores():
            output, found = self.dense(recipe, value, dropout, wanted=wanted, kind=kind, layer=layer)
        else:
            output = _plain(module, query, key, value, mask, position_bias, scaling, dropout)
        if off:
            output = output.index_fill(2, torch.tensor(off, device=output.device), 0)
        if wanted:
            if self.qkv:
                every, count = slice(None), query.shape[1]
                found |= {"query": query, "key": grouped(key, every, count), "value": grouped(value, every, count)}
            self.maps.append(Map(kind, layer, recipe=None if self.keep else recipe.detached(), **found))
        return output, found.get("weights")

    def dense(
        self, recipe: ScoreInputs, value: Tensor, dropout: float, kind: str, layer: int, *, wanted: bool
    ) -> tuple[Tensor, dict[str, Any]]:
        """Output [batch, query, head, width] through explicit weights, and what is kept of them, by field of Map."""
        batch, heads, queries, _ = recipe.query.shape
        # Kept weights must be those that the output comes from, or no gradient reaches them: all heads at once then.
        step = heads if wanted and self.keep else max(1, LIVE // (batch * queries * recipe.key.shape[2]))
        outputs, kept, kept_scores, reduced = [], [], [], []
        for first in range(0, heads, step):
            some = slice(first, min(first + step, heads))
            raw = scores(recipe, some)
            weights = softmax(raw, in_place=not (wanted and self.scores))
            if wanted and self.scores:
                kept_scores.append(raw.float())
            if wanted and self.keep:
                kept.append(weights)
            if wanted and self.reduce:
                reduced.append(self.reduce(weights.detach(), kind, layer))
            dropped = nn.functional.dropout(weights, dropout) if dropout else weights
            outputs.append(torch.matmul(dropped.to(value.dtype), grouped(value, some, heads)))
            del raw, weights, dropped  # before the next ones are made
        found: dict[str, Any] = {}
        if kept:
            found["weights"] = kept[0]
        if kept_scores:
            found["scores"] = torch.cat(kept_scores, 1)
        if reduced:
            found["reduced"] = {name: torch.cat([one[name] for one in reduced], 1) for name in reduced[0]}
        return torch.cat(outputs, 1).transpose(1, 2).contiguous(), found

    def place(self, module: Any, kind: str) -> int:
        """Layer index of this call within its kind; later passes count from 0 again."""
        self.calls[kind] += 1
        if hasattr(module.config, "num_hidden_groups"):  # ALBERT runs one module in place of many
            return int((self.calls[kind] - 1) % module.config.num_hidden_layers)
        return self.modules[kind].setdefault(module, len(self.modules[kind]))

    def kind(self, module: Any, *, causal: bool | None) -> AttentionKind:
        """Cross before the others; vision by its configuration; causal self-attention is a decoder's, CLIP text too."""
        decoding, own = getattr(module, "is_decoder", False), getattr(module, "is_causal", None)
        if "CrossAttention" in type(module).__name__ or getattr(module, "is_cross_attention", False):
            return "cross"
        if decoding and own is False:  # BART, T5 and theirs use one class; only the flags differ
            return "cross"
        if hasattr(module.config, "num_queries"):  # DETR: one class and one configuration, but the encoder runs first
            encoder = self.modules["vision"]
            return "vision" if module in encoder or len(encoder) < module.config.encoder_layers else "decoder"
        if hasattr(module.config, "patch_size"):
            return "vision"
        return "decoder" if (own if causal is None else causal) else "encoder"

    def edits_scores(self) -> bool:
        return not self.edit.scaled or self.edit.temperature != 1 or self.edit.mask != "model"

    def recipe(
        self,
        kind: str,
        query: Tensor,
        key: Tensor,
        mask: Tensor | None,
        position_bias: Tensor | None,
        scaling: float,
    ) -> ScoreInputs:
        """How the scores of this layer come about, the edit included."""
        edit = self.edit
        scaling = scaling if edit.scaled else 1.0
        bias, hidden = mask, None
        if edit.temperature != 1 or edit.mask != "model":
            bias, hidden = self.split(kind, mask, query, key)
        added = tuple(one for one in (position_bias, bias) if one is not None)
        return ScoreInputs(query, key, scaling, added, edit.temperature, hidden)

    def split(self, kind: str, mask: Tensor | None, query: Tensor, key: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """The mask as a bias (None: there is none) and what the edit hides; once for all layers that share a mask."""
        name = (id(mask), kind, query.shape[2], key.shape[2])
        if name not in self.masks:
            hidden, bias = None, None
            if mask is not None:
                hidden = mask <= HIDING
                rest = mask.masked_fill(hidden, 0)
                bias = rest if rest.any() else None
            hidden = _hidden(self.edit, kind, hidden, query.shape[2], key.shape[2], query.device)
            self.masks[name] = (mask, bias, hidden)  # the mask too: while it lives its id is nobody else's
        return self.masks[name][1:]

    def heads_off(self, kind: str, layer: int) -> list[int]:
        off = [head for of, at, head in self.edit.heads_off if (of, at) == (kind, layer)]
        count = self.ran[kind, layer]
        for head in off:
            if not 0 <= head < count:
                raise Refused(f"There is no head {head + 1} in {kind} layer {layer + 1}: choose one of 1 to {count}.")
        return off

    def check(self) -> None:
        if not self.ran:
            raise NothingSeen(
                f"No attention was seen: load the model with attn_implementation={ATTENTION!r} "
                "and run it inside the recording, in the same thread."
            )
        for kind, layer, _ in self.edit.heads_off:
            if (kind, layer) not in self.ran:
                last = {of: at + 1 for of, at in sorted(self.ran)}
                there = ", ".join(f"{of} layers 1 to {count}" for of, count in last.items())
                raise Refused(f"There is no {kind} layer {layer + 1} to switch a head off in: this model has {there}.")
        names = set(self.ran) | {layer for _, layer in self.ran}
        missing = [one for one in self.layers or () if one not in names]
        if missing:
            raise RuntimeError(f"Layers {missing} were to be recorded but never ran; these did: {sorted(self.ran)}.")


def _hidden(
    edit: Edit, kind: str, hidden: Tensor | None, queries: int, keys: int, device: torch.device
) -> Tensor | None:
    """True where the edited mask hides a key [batch, head, query, key], broadcast; hidden: by the model's own mask."""
    if edit.mask == "model" or (edit.mask == "none" and kind != "decoder") or (edit.mask != "none" and kind == "cross"):
        return hidden
    # A key that no query may see is padding: under a causal mask the last query sees all others.
    padding = None if hidden is None else hidden.all(2, keepdim=True)
    if edit.mask == "none":
        return padding
    query = torch.arange(keys - queries, keys, device=device)[:, None]  # the last ones, when earlier keys are cached
    key = torch.arange(keys, device=device)
    outside = (key > query) if edit.mask == "causal" else (key - query).abs() > edit.window
    if hidden is None or padding is None:
        return outside[None, None]
    hidden = hidden | outside
    # Queries that are padding themselves may see nothing at all now, and would spread over the padding: undo theirs.
    return torch.where(hidden.all(-1, keepdim=True), padding, hidden)


def _plain(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    position_bias: Tensor | None,
    scaling: float,
    dropout: float,
) -> Tensor:
    """Attention [batch, query, head, width] by torch alone; all masking is in the mask, so is_causal stays False."""
    return sdpa_attention_forward(
        module, query, key, value, mask, dropout, scaling, is_causal=False, position_bias=position_bias
    )[0]


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
    **others: Any,
) -> tuple[Tensor, Tensor | None]:
    """The function that transformers calls: output [batch, query, head, width], and weights where they are kept."""
    if others.get("softcap") is not None or others.get("s_aux") is not None:
        raise Refused(f"{type(module).__name__} caps its scores or adds sinks, which Gaze cannot show: choose another.")
    scaling = query.shape[-1] ** -0.5 if scaling is None else scaling
    dropout = dropout if module.training else 0.0
    state = _current.get()
    if state is None:
        return _plain(module, query, key, value, attention_mask, position_bias, scaling, dropout), None
    kind = state.kind(module, causal=is_causal)
    return state.attend(module, query, key, value, attention_mask, position_bias, scaling, dropout, kind)


_current: ContextVar[_Recording | None] = ContextVar("recording", default=None)
AttentionInterface.register(ATTENTION, _attend)
AttentionMaskInterface.register(ATTENTION, eager_mask)
