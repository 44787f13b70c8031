"""A copy of a model whose matrices are pruned or quantised, and what a file of it takes."""

from __future__ import annotations

import copy
import io
import warnings
from typing import Any

import torch
from torch import Tensor, nn
from transformers.pytorch_utils import Conv1D

from core.measures import surgery
from core.requests import Compression
from core.store.opening import Opened
from core.types import Refused

LARGEST_COPY = 2_000_000_000  # bytes of a model that may be copied


def copied(opened: Opened) -> nn.Module:
    """A copy of a model, for one to change; Refused when it is too large to stand in memory twice."""
    size = sum(p.numel() * p.element_size() for p in opened.model.parameters())
    if size > LARGEST_COPY or size > opened.device.free_bytes() / 2:
        raise Refused(f"{opened.card.title} is too large to be copied and cut here. Choose a smaller model.")
    return copy.deepcopy(opened.model)


def linear_layers(model: Any) -> dict[str, Any]:
    """Layers whose matrices are cut, by name: all linear ones, but the output that shares the embedding's weights."""
    embedding = model.get_input_embeddings().weight
    return {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, (nn.Linear, Conv1D)) and module.weight is not embedding
    }


def matrix_of(module: Any) -> Tensor:
    """A layer's weights as [output, input]; GPT-2 keeps them the other way round."""
    return module.weight.detach().T if isinstance(module, Conv1D) else module.weight.detach()


def operate(opened: Opened, cut: Compression) -> tuple[nn.Module, int, float]:
    """(a cut copy, bytes that a file of it takes, share of zeros in its matrices)."""
    model = copied(opened)
    layers = linear_layers(model)
    found = surgery.cut_matrices([matrix_of(module) for module in layers.values()], cut)
    for module, matrix in zip(layers.values(), found, strict=True):
        module.weight = nn.Parameter(matrix.T if isinstance(module, Conv1D) else matrix, requires_grad=False)
    count = sum(m.numel() for m in found)
    zeros = sum(int((m == 0).sum()) for m in found) / max(count, 1)
    others = sum(p.numel() for p in model.parameters()) - count
    if not cut.int8:
        return model, surgery.stored_bytes(found, others, cut), zeros
    small = in_int8(model)
    return small, file_bytes(small), zeros


def in_int8(model: nn.Module) -> nn.Module:
    """torch's dynamic quantisation: 8-bit matrices, what flows through them rounded to 8 bits as it comes; CPU only."""
    model = model.cpu()
    for name, module in list(model.named_modules()):
        if isinstance(module, Conv1D):  # which torch does not know
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, as_linear(module))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that torch will one day do it elsewhere
            return torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    except RuntimeError as error:
        raise Refused("This machine's torch has no 8-bit layers. Choose bits a weight instead.") from error


def as_linear(module: Conv1D) -> nn.Linear:
    inputs, outputs = module.weight.shape
    layer = nn.Linear(inputs, outputs)
    layer.weight, layer.bias = nn.Parameter(module.weight.detach().T.contiguous()), module.bias
    return layer.requires_grad_(requires_grad=False)


def file_bytes(model: nn.Module) -> int:
    """Bytes of the weights as torch writes them."""
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    return file.getbuffer().nbytes
