"""Whether a folder holds a whole checkpoint, told from its files alone: nothing is loaded, no library is needed."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.types import Refused

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.h5", "*.msgpack")
VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "*.model", "*.spm")
LONGEST_HEADER = 25_000_000  # bytes, as the format's own library allows


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that looks whole."""

    folder: Path
    config: dict[str, Any]
    weights: tuple[Path, ...]
    parameters: int


def lacks(folder: Path) -> str:
    """The first file without which the checkpoint cannot be loaded; empty when it is whole."""
    if not (folder / "config.json").exists():
        return "config.json"
    if (folder / WEIGHTS).exists():
        return ""
    if not (folder / INDEX).exists():
        return WEIGHTS
    return next((name for name in shards(folder) if not (folder / name).exists()), "")


def shards(folder: Path) -> list[str]:
    """Names of the files among which the index divides the weights."""
    try:
        names = set(json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise Refused(f"{INDEX} in {folder} cannot be read. Save or download the model again.") from error
    if any(not isinstance(name, str) or Path(name).name != name for name in names):
        raise Refused(f"{INDEX} in {folder} points outside the folder. Do not use this model.")
    return sorted(names)


def inside(folder: Path) -> Path:
    """The folder that holds the model: one inside it where training or sentence-transformers put it there."""
    if (folder / "config.json").exists() or not folder.is_dir():
        return folder
    try:
        parts = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        named = [folder / Path(str(part["path"])).name for part in parts]
    except (OSError, ValueError, KeyError, TypeError):
        named = []
    steps = [path for path in folder.glob("checkpoint-*") if path.name.rpartition("-")[2].isdigit()]
    last = sorted(steps, key=lambda path: int(path.name.rpartition("-")[2]), reverse=True)
    return next((path for path in [*named, *last] if path != folder and (path / "config.json").exists()), folder)


def check(folder: Path, title: str) -> Checkpoint:
    """Read what can be read without loading; Refused names the file that is missing or broken, and what to do."""
    folder = inside(folder)
    missing = lacks(folder)
    if missing and (folder / "adapter_config.json").exists():
        base = str(read_json(folder / "adapter_config.json", title).get("base_model_name_or_path") or "its base")
        raise Refused(
            f"{title} is an adapter (LoRA): it holds changes to {base}, and no model. Merge them where peft is "
            "installed, with model.merge_and_unload(), and save that; or choose the base."
        )
    if missing == WEIGHTS and any(any(folder.glob(pattern)) for pattern in PICKLES):
        raise Refused(
            f"{title} has its weights only as a pickle, which can run any program when it is opened. "
            "Gaze reads safetensors: load it where you trust it and save it with model.save_pretrained(folder)."
        )
    if missing == "config.json" and not any(folder.glob("*.safetensors")):
        raise Refused(f"{title} is no model: the folder has neither config.json nor model.safetensors.")
    if missing:
        half = " It was not downloaded to its end." if any(folder.glob("**/*.incomplete")) else ""
        raise Refused(f"{title} is not whole: {missing} is missing.{half} Save or download it again.")
    config = read_config(folder, title)
    weights = tuple(folder / name for name in ([WEIGHTS] if (folder / WEIGHTS).exists() else shards(folder)))
    return Checkpoint(folder, config, weights, sum(parameters_in(path, title) for path in weights))


def read_config(folder: Path, title: str) -> dict[str, Any]:
    return read_json(folder / "config.json", title)


def read_json(path: Path, title: str) -> dict[str, Any]:
    """A JSON object from a file; Refused where it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{path.name} of {title} cannot be read. Save or download it again.") from error
    if not isinstance(found, dict):
        raise Refused(f"{path.name} of {title} is no JSON object. Save or download it again.")
    return found


def parameters_in(path: Path, title: str) -> int:
    """How many numbers a safetensors file holds, from its header; Refused if the file is cut off or is something else.

    The format: 8 bytes length of the header, the header as JSON, then the tensors, without gaps.
    """
    broken = Refused(f"{path.name} of {title} is cut off or damaged. Save or download it again.")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > min(LONGEST_HEADER, size - 8):
                raise broken
            header = json.loads(file.read(length))
        tensors = [entry for name, entry in header.items() if name != "__metadata__"]
        end = max((entry["data_offsets"][1] for entry in tensors), default=0)
        numbers = sum(math.prod(entry["shape"]) for entry in tensors)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
        if error is broken:
            raise
        raise broken from error
    if size != 8 + length + end:
        raise broken
    return numbers


def has_vocabulary(folder: Path) -> bool:
    """Whether a tokenizer can be made; without this question the library may make an empty one."""
    return any(any(folder.glob(pattern)) for pattern in VOCABULARIES)
