"""Muon and AdamW side by side, and how their rates rise and fall."""

from __future__ import annotations

from collections.abc import Sequence

import torch


def rate_at(share: float, warm: float = 0.03) -> float:
    """Share of the peak learning rate: linear up, then linear down to zero at the end of the budget."""
    if share < warm:
        return max(share, 1e-4) / warm
    return (1 - share) / (1 - warm)


def optimisers(model: torch.nn.Module, matrix_rate: float, other_rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for embeddings, norms and biases.

    Muon's orthogonalised step is meant for hidden matrices alone; a tied embedding is not one.
    """
    embeddings = {id(p) for m in model.modules() if isinstance(m, torch.nn.Embedding) for p in m.parameters()}
    trained = [p for p in model.parameters() if p.requires_grad]
    matrices = [p for p in trained if p.ndim == 2 and id(p) not in embeddings]
    inside = {id(p) for p in matrices}
    others = [p for p in trained if id(p) not in inside]
    made: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=other_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    ]
    if matrices:
        made.append(torch.optim.Muon(matrices, lr=matrix_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"))
    for optimiser in made:
        for group in optimiser.param_groups:
            group["peak"] = group["lr"]
    return made


def set_rates(optimisers: list[torch.optim.Optimizer], share: float) -> None:
    """Every group at this share of its peak."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * share


def step(loss: torch.Tensor, model: torch.nn.Module, optimisers: Sequence[torch.optim.Optimizer]) -> None:
    """One step downhill, its gradient cut to length 1; RuntimeError where the loss is no number."""
    if not torch.isfinite(loss):
        raise RuntimeError(f"the loss is {loss.item()}")
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimiser in optimisers:
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
