"""Models that compute their attention by themselves: the weights that they hand out enter the same recording.

Most families call the registered function. Some never do, or not in each of their parts: those are asked for
output_attentions, and their queries, keys, values and scores stay out of reach, as do edits.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import torch
from torch import nn

from core.capture.libraries import PreTrainedModel
from core.capture.recording import current
from core.types import AttentionKind, Refused

#: Fields of an output that hold weights, layer by layer, and their kind; None: the kind of who hands them out.
FIELDS: dict[str, AttentionKind | None] = {
    "attentions": None,
    "encoder_attentions": "encoder",
    "decoder_attentions": "decoder",
    "cross_attentions": "cross",
}


def watched(model: PreTrainedModel, kind: AttentionKind, title: str) -> PreTrainedModel:
    """The model, whose own attention is recorded too from now on.

    kind: of attention between the tokens that it reads. title: what sentences call it.
    """
    encoder = getattr(model, "get_encoder", lambda: None)()  # FSMT's is a plain module
    for part in model.modules():
        # BigBird-Pegasus and NLLB-MoE do not say that their decoders' self-attention is causal.
        own, cross = (getattr(part, name, None) for name in ("self_attn", "encoder_attn"))
        cross = getattr(part, "cross_attention", cross)
        if own is not None and cross is not None and getattr(own, "is_causal", None) is False:
            own.is_causal = True
        if isinstance(part, PreTrainedModel) or part is encoder:
            part.register_forward_pre_hook(partial(_asked, title), with_kwargs=True)
            part.register_forward_hook(partial(_handed_out, kind))
    return model


def _asked(title: str, module: PreTrainedModel, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Before the outermost pass of a recording: weights are wanted in the output."""
    state = current()
    if state is None or not state.enter(module, title):
        return None
    known, takes_any = _parameters(type(module).forward)
    for name in ("output_attentions", "return_dict"):
        if name in known or (takes_any and name == "output_attentions"):
            named = {**named, name: True}
    return given, named


@lru_cache(maxsize=256)
def _parameters(forward: Callable[..., Any]) -> tuple[frozenset[str], bool]:
    """Names of what a forward pass takes, and whether it takes others."""
    parameters = inspect.signature(forward).parameters
    return frozenset(parameters), any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters.values())


def _handed_out(kind: AttentionKind, module: nn.Module, _given: Any, output: Any) -> None:
    """After the outermost pass: the weights of every kind that the function has not seen."""
    state = current()
    if state is None or not state.leave(module):
        return
    seen = {of for of, _ in state.ran}
    for name, of in FIELDS.items():
        if name != "cross_attentions" and hasattr(getattr(module, "config", None), "attention_window"):
            raise Refused(
                f"{state.title} attends inside windows: its weights go from each token to its neighbours, and there "
                "is no map from every token to every other. Choose another model."
            )
        known = of in seen if of else bool(seen - {"cross"})  # the function may call self-attention by another kind
        layers = getattr(output, name, None)
        if known or not isinstance(layers, tuple | list):
            continue
        of = of or _kind_of(module, kind, layers)
        # PEGASUS-X hands out two in each layer, for global and for local tokens.
        firsts = [next(iter(one.values())) if isinstance(one, dict) else one for one in layers]
        weights = [(number, one) for number, one in enumerate(firsts) if isinstance(one, torch.Tensor)]
        for layer, (number, one) in enumerate(weights):
            state.take(of, layer, number, one)


def _kind_of(module: Any, kind: AttentionKind, layers: Any) -> AttentionKind:
    """The kind of a part's self-attention: vision in a tower for pictures, a decoder's where nothing looks ahead."""
    if getattr(module, "main_input_name", "") == "pixel_values":
        return "vision"
    first = next((one for one in layers if isinstance(one, torch.Tensor) and one.ndim == 4), None)
    ahead = first is not None and bool(first.triu(1).any())  # XLNet writes on, and looks both ways
    return "encoder" if kind == "vision" or (kind == "decoder" and ahead) else kind
