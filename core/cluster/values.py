"""Values as bytes and back, for machines that share a secret: pickles, of which only our own kinds are taken.

Arrays and tensors keep their bits, and their strides: how a product is summed may depend on them.
"""

from __future__ import annotations

import io
import pickle
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

#: What a value may be made of beside the classes of core: numpy's arrays, and a few plain things.
ALLOWED = {
    "builtins": {"set", "frozenset", "slice", "range", "complex", "bytearray"},
    "collections": {"OrderedDict", "Counter", "deque"},
    "numpy": {"dtype", "ndarray"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.numeric": {"_frombuffer"},
    "torch": {"Size"},
    __name__: {"tensor_of"},
}
#: Times its own bytes that what a tensor is a part of may have to travel whole: queries, keys and values often are one.
SPARSE = 4


def packed(value: Any) -> bytes:
    """A value as bytes. TypeError, PicklingError: it holds what cannot travel, such as a model."""
    file = io.BytesIO()
    _Pickler(file).dump(value)
    return file.getvalue()


def unpacked(content: bytes) -> Any:
    """The value that packed gave; its arrays are read-only. UnpicklingError: it names what no value is made of."""
    value = _Unpickler(io.BytesIO(content)).load()
    return value


class _Pickler(pickle.Pickler):
    """Writes tensors as the arrays that hold their numbers, each such array once."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._stores: dict[int, np.ndarray] = {}

    def reducer_override(self, value: Any) -> Any:
        torch: Any = sys.modules.get("torch")
        if torch is None or not isinstance(value, torch.Tensor):
            return NotImplemented
        value = value.detach().cpu()
        if SPARSE * value.numel() * value.element_size() < value.untyped_storage().nbytes():
            value = value.clone()  # keeps the strides of what lies close together
        store = value.untyped_storage()
        numbers = self._stores.get(store.data_ptr())
        if numbers is None:
            flat = torch.empty(0, dtype=torch.uint8).set_(store)
            numbers = self._stores[store.data_ptr()] = (
                flat.numpy()
            )  # holds the storage, so that no other takes its place
        kind = str(value.dtype).removeprefix("torch.")
        return tensor_of, (numbers, kind, tuple(value.shape), value.stride(), value.storage_offset())


def tensor_of(numbers: np.ndarray, kind: str, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Any:
    """A tensor over bytes [byte]: its shape and strides in numbers of this kind, as torch names it."""
    import torch

    dtype = getattr(torch, kind)
    whole = torch.from_numpy(numbers if numbers.flags.writeable else numbers.copy()).view(dtype)
    return whole.as_strided(shape, strides, offset)


class _Unpickler(pickle.Unpickler):
    """Reads classes of core and what ALLOWED names, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if name in ALLOWED.get(module, ()):
            found: Callable[..., Any] = super().find_class(module, name)
            return found
        if module == "core" or module.startswith("core."):
            found = getattr(import_module(module), name, None)  # type: ignore[assignment]
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a value")
