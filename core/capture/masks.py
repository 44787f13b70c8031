"""Masks under an edit: what the model's own mask hides, told from what it adds, and what is hidden instead."""

from __future__ import annotations

import torch
from torch import Tensor

from core.requests import Edit

#: A mask value from here down hides a key. Swin writes -100 onto its bias, the others the least float.
HIDING = -50.0


def split(mask: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """(what a mask adds to the scores, where it hides a key); None: nothing, nowhere."""
    if mask is None:
        return None, None
    hidden = mask <= HIDING
    rest = mask.masked_fill(hidden, 0)
    return (rest if rest.any() else None), hidden


def hidden_under(
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
