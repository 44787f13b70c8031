"""The layers of a text model, whatever its family, and what the model would say if it ended after any of them."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from core.models.calling import called
from core.models.sharing import with_part
from core.store.opening import Opened
from core.types import Refused

#: Numbers of logits alive at a time: layers are taken a few in one pass.
LIVE = 50_000_000


def layers_of(opened: Opened) -> tuple[str, nn.ModuleList]:
    """(path, layers) that lead to the output: of an encoder-decoder its decoder's. Refused where none are found."""
    inside: Any = opened.model.get_decoder() if "two stacks" in opened.family else opened.model
    own = {id(part) for part in inside.modules()}
    found = [
        (path, part)
        for path, part in opened.model.named_modules()
        if isinstance(part, nn.ModuleList) and id(part) in own and len(part) and len({type(one) for one in part}) == 1
    ]
    if not found or hasattr(opened.model.config, "num_hidden_groups"):  # ALBERT runs one layer again and again
        raise Refused(f"{opened.card.title} has no list of layers to look between. Choose another model.")
    return min(found, key=lambda one: one[0].count("."))


def ending_after(opened: Opened, call: Callable[[Any], Any], places: int) -> Iterator[tuple[int, torch.Tensor]]:
    """(layer, logits [place, piece]) as if the model ended there: 0 is the input embedding, the last the model itself.

    call: runs a model over one text of so many places, and gives what it gives. The last layer hands on what earlier
    layers made, as more texts of a batch: final norm, head and scales are then the model's own, in every family.
    nostalgebraist (2020) calls it the logit lens. Refused where what follows the layers is not for each place alone.
    """
    path, layers = layers_of(opened)
    whole = _logits(opened.model, call)
    step = max(1, LIVE // max(1, whole.shape[-1] * places))
    count = len(layers) + 1
    for first in range(0, count, step):
        some = range(first, min(count, first + step))
        found = _logits(with_part(opened.model, path, _handing_on(layers, some)), call, opened.card.title)
        if found.shape != (len(some), *whole.shape[1:]):
            raise _unreadable(opened.card.title)
        if some[-1] == count - 1 and not torch.allclose(found[-1], whole[0], atol=1e-3, rtol=1e-3):
            raise _unreadable(opened.card.title)
        yield from zip(some, found, strict=True)


def _logits(model: Any, call: Callable[[Any], Any], title: str = "") -> torch.Tensor:
    with torch.inference_mode(), called(model):
        return call(model).logits.float()


def with_hooks(opened: Opened, hook_of: Callable[[int], Callable[..., Any] | None]) -> Any:
    """The model, weights shared, with a hook behind some of its layers: hook_of(place of the layer), None for none."""
    path, layers = layers_of(opened)
    copies = [with_own_hooks(layer) for layer in layers]
    for place, one in enumerate(copies):
        hook = hook_of(place)
        if hook is not None:
            one.register_forward_hook(hook)
    return with_part(opened.model, path, nn.ModuleList(copies))


def _unreadable(title: str) -> Refused:
    return Refused(f"{title} does more after its layers than read each token: no lens fits. Choose another model.")


def _handing_on(layers: nn.ModuleList, wanted: Sequence[int]) -> nn.ModuleList:
    """Copies of the layers, weights shared: the last one hands on the wanted states [state, place, width]."""
    states: list[torch.Tensor] = []

    def enter(_module: nn.Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        states[:] = [given[0] if given else named["hidden_states"]]

    def leave(_module: nn.Module, _given: Any, out: Any) -> Any:
        states.append(out[0] if isinstance(out, tuple) else out)
        if len(states) <= len(layers):
            return None
        chosen = torch.cat([states[index] for index in wanted])
        return (chosen, *out[1:]) if isinstance(out, tuple) else chosen

    copies = [with_own_hooks(layer) for layer in layers]
    copies[0].register_forward_pre_hook(enter, with_kwargs=True)
    for one in copies:
        one.register_forward_hook(leave)
    return nn.ModuleList(copies)


def with_own_hooks(layer: nn.Module) -> nn.Module:
    """A shallow copy whose hooks are its own: others use the layer meanwhile."""
    twin = copy.copy(layer)
    for name in (
        "_forward_hooks",
        "_forward_pre_hooks",
        "_forward_pre_hooks_with_kwargs",
        "_forward_hooks_with_kwargs",
    ):
        setattr(twin, name, OrderedDict(getattr(layer, name)))
    return twin
