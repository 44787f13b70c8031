"""The training loop that every built-in model shares: a time budget, a checkpoint every minute, a bar, a seed."""

from __future__ import annotations

import argparse
import math
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerFast

from core.learning.optimising import rate_at, set_rates, step

CHECKPOINT_EVERY = 50.0  # seconds: a killed run loses less than a minute


@dataclass
class Run:
    """Where a training run stands; saved with the weights, so that it goes on as if never stopped."""

    folder: Path
    minutes: float
    seed: int
    steps: int = 0
    seconds: float = 0.0
    losses: list[tuple[int, float]] = field(default_factory=list)  # (step, mean loss since the last entry)
    most_steps: int | None = None  # where models are compared, an equal number of steps ends them and not the clock

    @property
    def share(self) -> float:
        """Share of the budget that is used, 0 to 1: of the time, or of the steps where that is more."""
        steps = self.steps / self.most_steps if self.most_steps else 0.0
        return min(1.0, max(steps, self.seconds / (60 * self.minutes)))


def arguments(
    title: str, name: str, models: Path, data: Path, minutes: float, given: list[str] | None
) -> argparse.Namespace:
    """The options of every training script: --minutes, --data, --seed, --held-out, --run, --out."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--minutes", type=float, default=minutes, help="time to train, start to end of the schedule")
    parser.add_argument("--data", type=Path, default=data, help="folder of the training data")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", type=int, default=1000, help="how much to keep for the scores")
    parser.add_argument("--run", type=Path, default=Path("runs") / name, help="folder of the checkpoint")
    parser.add_argument("--out", type=Path, default=models / name, help="folder of the finished model")
    return parser.parse_args(given)


def measuring(title: str, models: Path, data: Path, given: list[str] | None) -> argparse.Namespace:
    """The options of a script that adds measurements to the cards of finished models: --data, --models, --held-out."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--data", type=Path, default=data, help="folder of the training data")
    parser.add_argument("--models", type=Path, default=models, help="folder of the finished models")
    parser.add_argument("--held-out", type=int, default=1000, help="how much was kept for the scores")
    return parser.parse_args(given)


def where_written(out: Path, wanted: Path) -> str:
    """The last line of a script: where the model lies, and why not elsewhere."""
    return f"written to {out}" + ("" if out == wanted else f": the model in {wanted} trained longer and stays")


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def attention() -> str:
    """The attention kernel to train with: torch's fused one is slow backwards in bfloat16 on a CPU (5 times eager)."""
    return "sdpa" if torch.cuda.is_available() else "eager"


def made_once(folder: Path, make: Callable[[], PreTrainedTokenizerFast]) -> PreTrainedTokenizerFast:
    """The tokenizer that lies in a folder; made and put there when it does not."""
    if not folder.exists():
        make().save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def machine() -> str:
    """The machine in words, for the card."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return f"CPU, {torch.get_num_threads()} threads, {platform.machine()}"


def save(run: Run, model: torch.nn.Module, optimisers: list[torch.optim.Optimizer]) -> None:
    """Write the checkpoint beside the old one, then put it in its place: a kill leaves one or the other whole."""
    run.folder.mkdir(parents=True, exist_ok=True)
    state = {
        "model": model.state_dict(),
        "optimisers": [o.state_dict() for o in optimisers],
        "run": (run.steps, run.seconds, run.losses, run.seed),
        "generator": torch.get_rng_state(),
    }
    half = run.folder / "checkpoint.half"
    torch.save(state, half)
    os.replace(half, run.folder / "checkpoint.pt")


def resume(run: Run, model: torch.nn.Module, optimisers: list[torch.optim.Optimizer]) -> bool:
    """Load the checkpoint if there is one; True if it was there."""
    path = run.folder / "checkpoint.pt"
    if not path.exists():
        return False
    state = torch.load(path, weights_only=True, map_location=device())
    model.load_state_dict(state["model"])
    for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
        optimiser.load_state_dict(saved)
    run.steps, run.seconds, losses, run.seed = state["run"]
    run.losses = [tuple(entry) for entry in losses]
    torch.set_rng_state(state["generator"].cpu())
    print(f"resumed at step {run.steps:,}, {run.seconds / 60:.1f} minutes used", flush=True)
    return True


def show(run: Run, loss: float, rate: float, unit: str) -> None:
    """One line: bar, rate, loss, remaining time."""
    filled = math.floor(30 * run.share)
    left = run.seconds * (1 - run.share) / max(run.share, 1e-6)
    line = (
        f"[{'#' * filled}{'.' * (30 - filled)}] step {run.steps:,}  loss {loss:.3f}  "
        f"{rate:,.0f} {unit}/s  {left / 60:.1f} min left"
    )
    end = "\r" if sys.stdout.isatty() else "\n"
    sys.stdout.write(line + end)
    sys.stdout.flush()


def train(
    run: Run,
    model: torch.nn.Module,
    optimisers: list[torch.optim.Optimizer],
    batches: Iterator[object],
    loss_of: Callable[[object], tuple[torch.Tensor, int]],
    unit: str = "tokens",
) -> None:
    """Train until the budget is used. loss_of(batch) -> (loss, units in the batch), under bfloat16 autocast."""
    where = device()
    model.train()
    saved = shown = time.monotonic()
    since, count, units = 0.0, 0, 0
    while run.share < 1:
        began = time.monotonic()
        set_rates(optimisers, rate_at(run.share))
        with torch.autocast(where.type, torch.bfloat16):
            loss, size = loss_of(next(batches))
        try:
            step(loss, model, optimisers)
        except RuntimeError as error:
            raise RuntimeError(f"step {run.steps:,}: {error}; the last checkpoint is kept") from error
        since, count, units = since + loss.item(), count + 1, units + size
        run.steps += 1
        now = time.monotonic()
        run.seconds += now - began
        if now - shown > 10 or run.share >= 1:
            run.losses.append((run.steps, round(since / count, 4)))
            show(run, since / count, units / (now - shown), unit)
            since, count, units, shown = 0.0, 0, 0, now
        if now - saved > CHECKPOINT_EVERY:
            save(run, model, optimisers)
            saved = now
    save(run, model, optimisers)
