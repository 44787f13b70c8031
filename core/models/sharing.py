"""A model of which one part is another: all weights are shared, and the model that others use is not touched."""

from __future__ import annotations

import copy

from torch import nn


def with_part(module: nn.Module, path: str, part: nn.Module) -> nn.Module:
    """A shallow copy in which one module, by its path, is another; all else is shared."""
    twin = copy.copy(module)
    twin._modules = dict(module._modules)
    name, _, rest = path.partition(".")
    twin._modules[name] = with_part(module.get_submodule(name), rest, part) if rest else part
    return twin
