"""What Gaze knows about models before any is opened: one card each, real checkpoints and those in assets/models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.store.families import FAMILIES
from core.store.model_card import ModelCard
from core.store.published import REAL

__all__ = ["ASSETS", "REAL", "BrokenCard", "ModelCard", "read_card", "read_shelf"]

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "models"
PROVENANCES = ("real weights", "built in", "random", "by hand")


class BrokenCard(ValueError):
    """A card.json that cannot be used, and why."""


def read_card(path: Path) -> ModelCard:
    """The card of a built-in model, from its card.json; BrokenCard says what is wrong with it."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BrokenCard(f"it cannot be read: {error}") from error
    if not isinstance(said, dict):
        raise BrokenCard("it is no JSON object")
    for name in ("name", "title", "family"):
        if not isinstance(said.get(name), str) or not said[name]:
            raise BrokenCard(f"{name} is missing")
    if said["family"] not in FAMILIES:
        raise BrokenCard(f"family {said['family']!r} is none of {', '.join(FAMILIES)}")
    if said.get("provenance", "built in") not in PROVENANCES:
        raise BrokenCard(f"provenance {said['provenance']!r} is none of {', '.join(PROVENANCES)}")
    try:
        return _card(said, path.parent)
    except (TypeError, ValueError, OSError) as error:
        raise BrokenCard(f"a field has the wrong form: {error}") from error


def _card(said: dict[str, Any], folder: Path) -> ModelCard:
    own = {"name", "title", "family", "note", "provenance", "licence", "stands_for", "sha256"}
    counted = {"parameters", "layers", "heads"}
    weights = folder / "model.safetensors"
    given: dict[str, Any] = {"provenance": "built in"} | {name: str(said[name]) for name in own if said.get(name)}
    given |= {name: int(said.get(name) or 0) for name in counted}
    return ModelCard(
        id=str(folder),
        folder=True,
        **given,
        languages=tuple(str(code) for code in said.get("languages") or ()),
        megabytes=round(weights.stat().st_size / 1e6, 1) if weights.exists() else 0.0,
        scores=dict(said.get("scores") or {}),
        about={n: v for n, v in said.items() if n not in own | counted | {"languages", "scores"}},
    )


def read_shelf(assets: Path = ASSETS) -> tuple[dict[str, ModelCard], list[str]]:
    """All cards by name, built-in ones first, and a sentence about each card.json that was left out."""
    shelf: dict[str, ModelCard] = {}
    problems = []
    for path in sorted(assets.glob("*/card.json")):
        try:
            card = read_card(path)
            if card.name in shelf or any(card.name == r.name for r in REAL):
                raise BrokenCard(f"another model is called {card.name}")
        except BrokenCard as error:
            problems.append(f"The built-in model in {path.parent.name} is left out: in card.json, {error}.")
            continue
        shelf[card.name] = card
    return shelf | {card.name: card for card in REAL}, problems
