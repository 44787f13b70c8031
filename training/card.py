"""What every training script does at its end: write half-precision weights and the card beside them."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

import torch

from training.loop import Run, machine

MODELS = Path(__file__).resolve().parents[1] / "assets" / "models"
TATOEBA = {
    "name": "Tatoeba sentence pairs",
    "licence": "CC BY 2.0 FR",
    "attribution": "Tatoeba (tatoeba.org), by way of www.manythings.org/anki",
}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place_for(run: Run, out: Path) -> Path:
    """Where a finished run goes: out, unless a model that trained longer lies there; then the run's own folder."""
    card = out / "card.json"
    if card.exists() and json.loads(card.read_text(encoding="utf-8")).get("minutes", 0) > round(run.seconds / 60, 1):
        return run.folder / "model"
    return out


def publish(model: torch.nn.Module, tokenizer, folder: Path, run: Run, about: dict) -> Path:
    """Write model (float16 safetensors), tokenizer and card.json into folder; returns the card's path.

    about: the fields of the card that only the script knows (title, family, data, scores, ...).
    """
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.float16).save_pretrained(folder)
    model.to(torch.float32)
    tokenizer.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)
    card = about | {
        "parameters": sum(p.numel() for p in model.parameters()),
        "seed": run.seed,
        "steps": run.steps,
        "minutes": round(run.seconds / 60, 1),
        "machine": machine(),
        "losses": thinned(run.losses),
        "date": datetime.date.today().isoformat(),
        "sha256": sha256(folder / "model.safetensors"),
    }
    path = folder / "card.json"
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def add_scores(path: Path, scores: dict) -> None:
    """Scores that are measured on the finished folder, written into its card."""
    card = json.loads(path.read_text(encoding="utf-8"))
    card["scores"] |= scores
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def thinned(losses: list[tuple[int, float]], most: int = 60) -> list[tuple[int, float]]:
    """At most `most` points of a loss curve, each the mean of its neighbours."""
    size = max(1, -(-len(losses) // most))
    groups = [losses[i : i + size] for i in range(0, len(losses), size)]
    return [(g[-1][0], round(sum(loss for _, loss in g) / len(g), 3)) for g in groups]
