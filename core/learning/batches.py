"""Texts as token ids, and batches of like length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch


class Pieces:
    """Token ids of many texts in one flat array: a list of small tensors would take ten times the memory."""

    def __init__(self, rows: Iterable[list[int]]) -> None:
        parts, lengths = [], []
        for row in rows:
            parts.append(np.array(row, np.int32))
            lengths.append(len(row))
        self.flat = torch.from_numpy(np.concatenate(parts)) if parts else torch.zeros(0, dtype=torch.int32)
        self.lengths = torch.tensor(lengths, dtype=torch.long)
        self.ends = self.lengths.cumsum(0).tolist()

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: int) -> torch.Tensor:
        """The ids [length] of one text."""
        return self.flat[self.ends[index - 1] if index else 0 : self.ends[index]].long()


def pieces_of(tokenizer, texts: list[str], at_once: int = 50_000) -> Pieces:
    """The texts' ids without special tokens."""

    def rows() -> Iterator[list[int]]:
        for start in range(0, len(texts), at_once):
            yield from tokenizer(texts[start : start + at_once], add_special_tokens=False)["input_ids"]

    return Pieces(rows())


def batches_by_length(lengths: torch.Tensor, tokens: int, generator: torch.Generator) -> list[torch.Tensor]:
    """Shuffled batches of row indices, each at most `tokens` cells after padding; like lengths together.

    lengths: [n] or [n, sides]. Noise on the sort key keeps the batches different from epoch to epoch.
    """
    longest = lengths if lengths.ndim == 1 else lengths.max(dim=1).values
    total = lengths if lengths.ndim == 1 else lengths.sum(dim=1)
    order = torch.argsort(total + torch.rand(len(total), generator=generator) * 2)
    batches, start = [], 0
    sizes = longest[order].tolist()
    width = 0
    for i, size in enumerate(sizes):
        width = max(width, size)
        if width * (i - start + 1) > tokens and i > start:
            batches.append(order[start:i])
            start, width = i, size
    batches.append(order[start:])
    shuffle = torch.randperm(len(batches), generator=generator).tolist()
    return [batches[i] for i in shuffle]


def pad(rows: list[torch.Tensor], value: int) -> torch.Tensor:
    """[n, longest] of rows padded at the end."""
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)
