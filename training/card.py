"""What every training script does at its end: write half-precision weights and the card beside them."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from training.data import Pair
from training.loop import Run, machine

MODELS = Path(__file__).resolve().parents[1] / "assets" / "models"
TATOEBA = {
    "name": "Tatoeba sentence pairs",
    "licence": "CC BY 2.0 FR",
    "attribution": "Tatoeba (tatoeba.org), by way of www.manythings.org/anki",
}
EMOJI_NAMES = {
    "name": "Emoji names and keywords in 28 languages",
    "licence": "Unicode-3.0",
    "attribution": "Unicode CLDR 48, copyright Unicode, Inc.",
}
EMOJI_PICTURES = {
    "name": "Noto Color Emoji 2.042, 1,563 pictures, composed into scenes by core/scenes.py",
    "licence": "Apache-2.0",
    "attribution": "Noto Color Emoji, copyright Google Inc. and contributors",
}
LICENCE_BOTH = "CC BY 2.0 FR and Unicode-3.0 (weights trained on Tatoeba and CLDR)"


class PictureReader:
    """How a model wants its pictures, saved as transformers' own readers read it."""

    def __init__(self, side: int, kind: str = "ViTImageProcessor") -> None:
        self.said = {
            "image_processor_type": kind,
            "size": {"height": side, "width": side},
            "do_resize": True,
            "do_center_crop": False,  # CLIP's reader cuts 224 px unless it is told not to
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": [0.5, 0.5, 0.5],
            "image_std": [0.5, 0.5, 0.5],
        }

    def save_pretrained(self, folder: Path) -> None:
        (folder / "preprocessor_config.json").write_text(json.dumps(self.said, indent=1) + "\n", encoding="utf-8")


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
    add_fields(path, {"scores": json.loads(path.read_text(encoding="utf-8"))["scores"] | scores})


def add_fields(path: Path, fields: dict) -> None:
    """What is known of a finished model later, written into its card."""
    card = json.loads(path.read_text(encoding="utf-8")) | fields
    path.write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def corpus_bleu(translated: Callable[[list[str]], list[str]], sources: list[str], pairs: list[Pair]) -> float:
    """Corpus BLEU of sacreBLEU with one reference; Chinese by its own tokenizer, Japanese by characters.

    translated: what translates a batch of sources; pairs: the references, of one language.
    """
    import sacrebleu

    order = sorted(range(len(pairs)), key=lambda i: len(sources[i]))
    written = [""] * len(pairs)
    for start in range(0, len(order), 100):
        rows = order[start : start + 100]
        for i, text in zip(rows, translated([sources[i] for i in rows]), strict=True):
            written[i] = text
    way = {"zh": "zh", "ja": "char"}.get(pairs[0].language, "13a")
    return sacrebleu.corpus_bleu(written, [[p.other for p in pairs]], tokenize=way).score


def alignment_scores(folder: Path, languages: Sequence[str], layers: int) -> dict:
    """Error rates of a finished translator's cross-attention against words aligned by hand, and the diagonal's."""
    from core.measures.alignment import corpus_error_rate, cross_links, diagonal
    from core.models.text import encode
    from core.requests import TextRequest
    from training.gold import pairs

    scores = {}
    for code in languages:
        gold = pairs(code)
        sure, possible = [p["sure"] for p in gold], [p["possible"] for p in gold]
        requests = [TextRequest(str(folder), p["source"], target=p["target"], language=code) for p in gold]
        crosses = [next(a for a in encode(r).attentions if a.kind == "cross") for r in requests]
        rates = [corpus_error_rate([cross_links(c, i) for c in crosses], sure, possible) for i in range(layers)]
        straight = [diagonal(len(p["source_words"]), len(p["target_words"])) for p in gold]
        scores[f"AER en-{code}"] = round(min(rates), 3)
        scores[f"AER en-{code} layer"] = rates.index(min(rates)) + 1
        scores[f"AER en-{code} of the diagonal"] = round(corpus_error_rate(straight, sure, possible), 3)
    return scores


def thinned(losses: list[tuple[int, float]], most: int = 60) -> list[tuple[int, float]]:
    """At most `most` points of a loss curve, each the mean of its neighbours."""
    size = max(1, -(-len(losses) // most))
    groups = [losses[i : i + size] for i in range(0, len(losses), size)]
    return [(g[-1][0], round(sum(loss for _, loss in g) / len(g), 3)) for g in groups]
