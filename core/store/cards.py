"""What Gaze knows about models before any is opened: one card each, real checkpoints and those in assets/models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.store.families import FAMILIES

ASSETS = Path(__file__).resolve().parents[2] / "assets" / "models"
PROVENANCES = ("real weights", "built in", "random", "by hand")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is said about a model."""

    name: str  # its name on the shelf, in requests and in addresses
    id: str  # hub id, or folder
    family: str  # one of FAMILIES
    title: str
    note: str = ""  # one sentence for students
    provenance: str = "real weights"
    parameters: int = 0
    layers: int = 0
    heads: int = 0
    megabytes: float = 0.0  # of weights, to fetch or on the disk
    licence: str = ""
    languages: tuple[str, ...] = ()  # that a translator writes
    stands_for: str = ""  # the well-known model in whose place a built-in one shows the same thing
    revision: str = ""  # branch to fetch; empty: the main one
    also: tuple[str, ...] = ()  # other ids of the same weights
    folder: bool = False  # id is a folder
    sha256: str = ""  # of model.safetensors, of built-in models
    scores: Mapping[str, Any] = field(default_factory=dict, hash=False)
    about: Mapping[str, Any] = field(default_factory=dict, hash=False)  # the rest of card.json: data, seed, minutes ...


def real(
    name: str, family: str, title: str, size: tuple[float, int, int, float], licence: str, note: str, **more: Any
) -> ModelCard:
    """A card of a real checkpoint; size is (million parameters, layers, heads, megabytes)."""
    millions, layers, heads, megabytes = size
    return ModelCard(
        name,
        name,
        family,
        title,
        note,
        parameters=round(millions * 1e6),
        layers=layers,
        heads=heads,
        megabytes=megabytes,
        licence=licence,
        **more,
    )


APACHE, MIT = "Apache-2.0", "MIT"
REAL = (
    real(
        "bert-base-uncased",
        "encoder",
        "BERT base, uncased",
        (110, 12, 12, 440),
        APACHE,
        "The encoder that most papers on attention heads look at; it reads lower case.",
        also=("google-bert/bert-base-uncased",),
    ),
    real(
        "bert-base-cased",
        "encoder",
        "BERT base, cased",
        (108, 12, 12, 436),
        APACHE,
        "BERT that tells Apple from apple.",
        also=("google-bert/bert-base-cased",),
    ),
    real(
        "bert-base-multilingual-cased",
        "encoder",
        "mBERT",
        (178, 12, 12, 714),
        APACHE,
        "One BERT for 104 languages, never told which words are translations of each other.",
        also=("google-bert/bert-base-multilingual-cased",),
    ),
    real(
        "xlm-roberta-base",
        "encoder",
        "XLM-R base",
        (278, 12, 12, 1_116),
        MIT,
        "An encoder for 100 languages, trained on far more web text than mBERT.",
        also=("FacebookAI/xlm-roberta-base",),
    ),
    real(
        "distilbert-base-uncased",
        "encoder",
        "DistilBERT",
        (67, 6, 12, 268),
        APACHE,
        "BERT taught to half as many layers: compare which heads survive.",
        also=("distilbert/distilbert-base-uncased",),
    ),
    real(
        "gpt2",
        "decoder",
        "GPT-2",
        (124, 12, 12, 548),
        MIT,
        "A decoder: every token sees only those before it, and the last one guesses the next.",
        also=("openai-community/gpt2",),
    ),
    real(
        "distilgpt2",
        "decoder",
        "DistilGPT-2",
        (82, 6, 12, 353),
        APACHE,
        "GPT-2 taught to half as many layers.",
        also=("distilbert/distilgpt2",),
    ),
    real(
        "t5-small",
        "encoder-decoder",
        "T5 small",
        (60.5, 6, 8, 242),
        APACHE,
        "Every task as text to text; it translates English to French, German and Romanian.",
        languages=("fr", "de", "ro"),
        also=("google-t5/t5-small",),
    ),
    real(
        "facebook/bart-large-cnn",
        "encoder-decoder",
        "BART large, summaries",
        (406, 12, 16, 1_625),
        MIT,
        "It sums up news: watch which sentences its cross-attention reads.",
    ),
    real(
        "Helsinki-NLP/opus-mt-en-fr",
        "encoder-decoder",
        "OPUS-MT English to French",
        (75, 6, 8, 301),
        APACHE,
        "A translator whose cross-attention comes close to a word alignment.",
        languages=("fr",),
    ),
    real(
        "Helsinki-NLP/opus-mt-en-de",
        "encoder-decoder",
        "OPUS-MT English to German",
        (74, 6, 8, 298),
        "CC BY 4.0",
        "See it reach for the verb at the end of a German sentence.",
        languages=("de",),
    ),
    real(
        "Helsinki-NLP/opus-mt-en-es",
        "encoder-decoder",
        "OPUS-MT English to Spanish",
        (78, 6, 8, 312),
        APACHE,
        "See adjectives change places with their nouns.",
        languages=("es",),
    ),
    real(
        "google/vit-base-patch16-224",
        "vision",
        "ViT base",
        (86.6, 12, 12, 346),
        APACHE,
        "The first plain transformer for pictures: 196 patches are its words.",
    ),
    real(
        "facebook/deit-tiny-patch16-224",
        "vision",
        "DeiT tiny",
        (5.7, 12, 3, 23),
        APACHE,
        "A small ViT that learnt from ImageNet alone.",
    ),
    real(
        "facebook/dino-vits8",
        "vision",
        "DINO small, patch 8",
        (21.7, 12, 6, 87),
        APACHE,
        "Trained without labels; its last [CLS] heads outline objects.",
    ),
    real(
        "facebook/dinov2-small",
        "vision",
        "DINOv2 small",
        (22.1, 12, 6, 88),
        APACHE,
        "DINO's successor; some background patches draw much attention.",
    ),
    real(
        "microsoft/swin-tiny-patch4-window7-224",
        "vision",
        "Swin tiny",
        (28.3, 12, 24, 113),
        APACHE,
        "Attention inside windows that shift from layer to layer; 3 to 24 heads.",
    ),
    real(
        "facebook/detr-resnet-50",
        "detector",
        "DETR",
        (41.5, 6, 8, 167),
        APACHE,
        "A hundred queries look for objects: each one's cross-attention shows its find.",
        revision="no_timm",  # the main branch needs a package that Gaze does without
    ),
    real(
        "openai/clip-vit-base-patch32",
        "clip",
        "CLIP",
        (151, 12, 12, 605),
        MIT,
        "A picture tower and a text tower whose outputs meet in one space.",
    ),
)


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
