"""What a folder is that somebody calls a model, from its files alone: where the model lies, or what else it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

CHECKPOINT = re.compile(r"checkpoint-(\d+)")


def within(folder: Path) -> Path:
    """The folder in which the model lies: itself, or the one inside that a library of training has made.

    sentence-transformers keeps the transformer in 0_Transformer (modules.json tells), a Trainer each state in
    checkpoint-500 and so on: the last one counts. A folder that holds one model and nothing else means that model.
    """
    if (folder / "config.json").is_file() or any(folder.glob("*.gguf")) or (folder / "adapter_config.json").is_file():
        return folder
    module = _module(folder)
    if module is not None:
        return module
    inside = [path for path in _folders(folder) if (path / "config.json").is_file() or _is_adapter(path)]
    states = [path for path in inside if CHECKPOINT.fullmatch(path.name)]
    if states:
        return max(states, key=lambda path: int(path.name.rpartition("-")[2]))
    return inside[0] if len(inside) == 1 else folder


def _module(folder: Path) -> Path | None:
    """The transformer among a sentence-transformers model's modules."""
    modules = _read(folder / "modules.json")
    listed = [one for one in modules if isinstance(one, dict)] if isinstance(modules, list) else []
    for one in listed:
        path = one.get("path")
        if str(one.get("type", "Transformer")).endswith("Transformer") and isinstance(path, str) and Path(path).name == path:
            return folder / path if (folder / path / "config.json").is_file() else None
    return None


def _folders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _is_adapter(folder: Path) -> bool:
    return (folder / "adapter_config.json").is_file()


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def base_of(folder: Path) -> str | None:
    """The model that an adapter (LoRA and its kind) changes; empty where it does not say; None: it is no adapter."""
    if not _is_adapter(folder):
        return None
    said = _read(folder / "adapter_config.json")
    base = said.get("base_model_name_or_path") if isinstance(said, dict) else None
    return base if isinstance(base, str) else ""


def quantised_file(folder: Path) -> str | None:
    """The GGUF file of a folder that has no other weights."""
    if (folder / "config.json").is_file():
        return None
    return next((path.name for path in sorted(folder.glob("*.gguf"))), None)


def otherwise(folder: Path) -> str:
    """What a folder without a checkpoint of transformers is, and what to do, as the end of a sentence; or empty."""
    inside = [path.name for path in _folders(folder) if (path / "config.json").is_file()]
    if inside:
        return f"it holds several models. Name one of the folders inside: {', '.join(inside[:4])}."
    kinds = (
        ("open_clip_config.json", "it is in the form of open_clip. Choose the same model's version for transformers."),
        ("model_index.json", "it is a pipeline that makes pictures (diffusers). Choose a transformer."),
        ("saved_model.pb", "it is a TensorFlow program. Choose the version for transformers, in safetensors."),
        ("**/*.onnx", "it is an ONNX program, which gives no attention. Choose the version in safetensors."),
        ("tokenizer.json", "it is a tokenizer alone, without weights. It can be chosen on the page Tokenizers."),
    )
    for pattern, what in kinds:
        if any(folder.glob(pattern)):
            return what
    return ""
