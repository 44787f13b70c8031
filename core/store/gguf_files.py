"""GGUF files read without what takes longest: the package gguf, as transformers calls it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

_READING = threading.Lock()


@contextmanager
def quick_reading() -> Iterator[None]:
    """While it lasts, transformers reads a GGUF file several times as fast, and the same things from it.

    It makes the table of an architecture's names anew for every tensor, and the package takes each of a million
    small slices from a memmap. transformers looks both up in the package whenever it needs them, so they are
    changed there, for one thread at a time.
    """
    import gguf
    import numpy as np

    class Plain(gguf.GGUFReader):
        """A reader whose bytes are a plain array: a slice of a memmap costs several times as much."""

        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value.view(np.ndarray) if name == "data" else value)

    package: Any = gguf
    with _READING:
        usual = package.GGUFReader, package.get_tensor_name_map
        package.GGUFReader, package.get_tensor_name_map = Plain, cache(package.get_tensor_name_map)
        try:
            yield
        finally:
            package.GGUFReader, package.get_tensor_name_map = usual


def rounded_to(path: Path) -> str:
    """The number types of fewer than 16 bits in which a file holds weights, as llama.cpp names them; empty: none."""
    import gguf

    with quick_reading():
        kinds = {tensor.tensor_type for tensor in gguf.GGUFReader(path).tensors}
    whole = {gguf.GGMLQuantizationType[name] for name in ("F64", "F32", "F16", "BF16")}
    return ", ".join(sorted(kind.name for kind in kinds - whole))
