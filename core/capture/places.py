"""Which layer of which kind of attention a call is, told from the modules as they come by."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from torch import nn

from core.types import AttentionKind


class Places:
    """The layers of one recording: they count within a kind, in order of first use."""

    def __init__(self) -> None:
        self.modules: defaultdict[str, dict[nn.Module, int]] = defaultdict(dict)  # kind -> module -> layer
        self.numbers: dict[tuple[str, int], int] = {}  # (kind, layer) -> the model's own number
        self.calls: Counter[str] = Counter()

    def layer(self, module: Any, kind: str) -> int:
        """Layer index of this call within its kind; later passes count from 0 again."""
        self.calls[kind] += 1
        if hasattr(module.config, "num_hidden_groups"):  # ALBERT runs one module in place of many
            return int((self.calls[kind] - 1) % module.config.num_hidden_layers)
        return self.modules[kind].setdefault(module, len(self.modules[kind]))

    def number(self, module: Any, kind: str, layer: int) -> int:
        """The model's own number of a layer; its place among those that attend where it has none of its own."""
        if (kind, layer) not in self.numbers:
            own = getattr(module, "layer_idx", None)
            own = layer if own is None or hasattr(module.config, "num_hidden_groups") else int(own)
            taken = [number for (of, _), number in self.numbers.items() if of == kind]
            self.numbers[kind, layer] = own if own not in taken else max(taken) + 1
        return self.numbers[kind, layer]

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

    def own_numbers(self) -> defaultdict[str, list[int]]:
        """The model's own numbers of the layers that ran, by kind."""
        own: defaultdict[str, list[int]] = defaultdict(list)
        for (kind, _), number in sorted(self.numbers.items()):
            own[kind].append(number)
        return own


def in_words(numbers: list[int]) -> str:
    """'1 to 6', or the numbers themselves where some are left out; they count from 0, the words from 1."""
    if numbers == list(range(len(numbers))):
        return f"1 to {len(numbers)}"
    return ", ".join(str(number + 1) for number in numbers)
