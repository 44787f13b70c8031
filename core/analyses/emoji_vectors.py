"""The vectors of all emoji's plain pictures: shipped for the built-in CLIP, made once a process for any other."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from core.cache import Cancelled, Progress, never, silent
from core.data.gallery import plain_names
from core.measures.contrastive import normalised
from core.models.clip import opened_clip, picture_vectors
from core.store.opening import Opened

SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "embeddings" / "emoji-clip.npz"


def emoji_vectors(model: str, progress: Progress = silent, cancelled: Cancelled = never) -> np.ndarray:
    """Vectors of length 1, float32 [emoji, width], in the order of the table.

    progress(pictures done, pictures in all) while they are made; Stopped: cancelled() said so.
    """
    found = shipped(opened_clip(model))
    return picture_vectors(model, plain_names(), progress, cancelled) if found is None else found


def shipped(opened: Opened, file: Path = SHIPPED) -> np.ndarray | None:
    """The file's vectors, if they were made by this very model from these very emoji; else None."""
    if not opened.card.sha256 or not file.exists():
        return None
    sha256, names, vectors = _read(file, file.stat().st_mtime_ns)
    return vectors if sha256 == opened.card.sha256 and names == plain_names() else None


@lru_cache(maxsize=2)
def _read(file: Path, _changed: int) -> tuple[str, tuple[str, ...], np.ndarray]:
    with np.load(file) as held:
        vectors = normalised(held["vectors"].astype(np.float32)).astype(np.float32)
        vectors.flags.writeable = False
        return str(held["sha256"]), tuple(str(name) for name in held["names"]), vectors


def ship(model: str, file: Path = SHIPPED) -> int:
    """Make the vectors with a built-in model and write them in half precision; how many there are."""
    opened = opened_clip(model)
    vectors = picture_vectors(model, plain_names()).astype(np.float16)
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, vectors=vectors, names=np.array(plain_names()), sha256=np.array(opened.card.sha256))
    return len(vectors)
