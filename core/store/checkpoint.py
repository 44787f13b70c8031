"""Whether a folder holds a whole checkpoint, told from its files alone: nothing is loaded, no library is needed."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.store.folders import otherwise
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
    options: dict[str, Any] = field(default_factory=dict)  # what from_pretrained is told besides

    @property
    def alone(self) -> Path | None:
        """A file of weights that has another name than transformers looks for."""
        named = (
            self.options or len(self.weights) != 1 or self.weights[0].name == WEIGHTS or (self.folder / INDEX).exists()
        )
        return None if named else self.weights[0]


def lacks(folder: Path) -> str:
    """The first file without which the checkpoint cannot be loaded; empty when it is whole."""
    if not (folder / "config.json").exists():
        return "config.json"
    if (folder / WEIGHTS).exists():
        return ""
    if not (folder / INDEX).exists():
        return "" if only_shard(folder) else WEIGHTS
    return next((name for name in shards(folder) if not (folder / name).exists()), "")


def only_shard(folder: Path) -> Path | None:
    """The weights of a model that was saved in one part and lost its index: model-00001-of-00001.safetensors."""
    return next(iter(folder.glob("*-00001-of-00001.safetensors")), None)


def shards(folder: Path) -> list[str]:
    """Names of the files among which the index divides the weights."""
    try:
        names = set(json.loads((folder / INDEX).read_text(encoding="utf-8"))["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise Refused(f"{INDEX} in {folder} cannot be read. Save or download the model again.") from error
    if any(not isinstance(name, str) or Path(name).name != name for name in names):
        raise Refused(f"{INDEX} in {folder} points outside the folder. Do not use this model.")
    return sorted(names)


def check(folder: Path, title: str) -> Checkpoint:
    """Read what can be read without loading; Refused names the file that is missing or broken, and what to do."""
    missing = lacks(folder)
    if missing == WEIGHTS and any(any(folder.glob(pattern)) for pattern in PICKLES):
        raise Refused(
            f"{title} has its weights only as a pickle, which can run any program when it is opened. "
            "Gaze reads safetensors: load it where you trust it and save it with model.save_pretrained(folder)."
        )
    if missing == "config.json" and not any(folder.glob("*.safetensors")):
        what = otherwise(folder) or "the folder has neither config.json nor model.safetensors."
        raise Refused(f"{title} is no model: {what}")
    if missing:
        half = " It was not downloaded to its end." if any(folder.glob("**/*.incomplete")) else ""
        raise Refused(f"{title} is not whole: {missing} is missing.{half} Save or download it again.")
    config = read_config(folder, title)
    only = only_shard(folder)
    if (folder / WEIGHTS).exists():
        weights: tuple[Path, ...] = (folder / WEIGHTS,)
    elif (folder / INDEX).exists() or only is None:
        weights = tuple(folder / name for name in shards(folder))
    else:
        weights = (only,)
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


def verify(path: Path, title: str, sha256: str) -> None:
    """Refused unless a built-in model's weights are those that its card was written for; once a process."""
    try:
        stat = path.stat()
        found = _sha256(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise Refused(f"{title} is not whole: {path.name} is missing. Get Gaze's files again.") from error
    if found != sha256:
        raise Refused(f"{title} is not what its card says: {path.name} has changed. Get Gaze's files again.")


@lru_cache(maxsize=64)
def _sha256(path: Path, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
