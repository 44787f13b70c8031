"""Runs as files without code in them: what was trained here can be kept, and pages open on runs that come with Gaze."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from core.data.small_world import small_world
from core.learning.words import WordFrame, WordVectors
from core.requests.learning import WordVectorTraining
from core.types import Refused

RECORDINGS = Path(__file__).resolve().parents[2] / "assets" / "recordings"
ARRAYS = ("places", "neighbours", "cosines")  # of a frame of word vectors


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class WordRun:
    """A run of word vectors, as far as it came."""

    settings: WordVectorTraining
    shown: tuple[str, ...]  # words on the map
    frames: tuple[WordFrame, ...]
    result: WordVectors | None  # None: it runs still
    name: str = ""  # of a recording


def word_run(settings: WordVectorTraining, steps: tuple[Any, ...]) -> WordRun | None:
    """What a trainer has told so far; None before there is anything to draw."""
    frames = tuple(step for step in steps if isinstance(step, WordFrame))
    if not frames:
        return None
    last = steps[-1]
    return WordRun(settings, steps[0], frames, last if isinstance(last, WordVectors) else None)


def save_words(run: WordRun, file: BinaryIO) -> None:
    """Write a finished run; the built-in text is not written along, another one is."""
    result = run.result
    if result is None:
        raise Refused("This run has not ended: wait for it, or stop it.")
    settings = dataclasses.asdict(run.settings)
    if settings["text"] == small_world():
        del settings["text"]
    plain = ("share", "seconds", "loss", "words_per_second")
    described = {
        "settings": settings,
        "shown": run.shown,
        "frames": [{name: getattr(frame, name) for name in plain} for frame in run.frames],
        "words": result.words,
        **{name: getattr(result, name) for name in (*plain, "rare", "text_words")},
    }
    text = np.frombuffer(json.dumps(described, ensure_ascii=False).encode(), dtype=np.uint8)
    frames: dict[str, Any] = {name: np.stack([getattr(f, name) for f in run.frames]) for name in ARRAYS}
    frames["places"], frames["cosines"] = frames["places"].astype(np.float16), frames["cosines"].astype(np.float16)
    frames["neighbours"] = frames["neighbours"].astype(np.uint8)
    vectors = result.vectors.astype(np.float16)
    np.savez_compressed(file, description=text, vectors=vectors, counts=result.counts, **frames)


def load_words(path: Path | io.BytesIO, name: str = "") -> WordRun:
    """Read what save_words wrote."""
    with np.load(path, allow_pickle=False) as file:
        described = json.loads(file["description"].tobytes())
        arrays = {key: file[key] for key in (*ARRAYS, "vectors", "counts")}
    given = {"text": small_world(), **described["settings"]}
    given["shown"] = tuple(given["shown"])
    frames = tuple(
        WordFrame(
            **told,
            places=arrays["places"][i].astype(np.float32),
            neighbours=arrays["neighbours"][i].astype(np.int64),
            cosines=arrays["cosines"][i].astype(np.float32),
        )
        for i, told in enumerate(described["frames"])
    )
    plain = ("share", "seconds", "loss", "words_per_second", "rare", "text_words")
    result = WordVectors(
        words=tuple(described["words"]),
        counts=arrays["counts"],
        vectors=arrays["vectors"].astype(np.float32),
        **{key: described[key] for key in plain},
    )
    return WordRun(WordVectorTraining(**given), tuple(described["shown"]), frames, result, name)
