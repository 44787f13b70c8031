"""Runs as files without code in them: what was trained here can be kept, and pages open on runs that come with Gaze."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from core.data.small_world import small_world
from core.learning.runs import Answer, TransformerFrame, TransformerResult, TransformerRun
from core.learning.words import WordFrame, WordVectors
from core.requests.learning import TransformerTraining, WordVectorTraining
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


PLAIN = ("step", "steps", "seconds", "loss", "right")  # numbers of a moment


def save_transformer(run: TransformerRun, file: BinaryIO) -> None:
    """Write a finished run without the model itself."""
    if run.result is None:
        raise Refused("This run has not ended: wait for it, or stop it.")
    described = {
        "settings": dataclasses.asdict(run.settings),
        "tokens": run.frames[-1].tokens,
        "frames": [{name: getattr(frame, name) for name in PLAIN} for frame in run.frames],
        "answers": [[dataclasses.astuple(answer) for answer in frame.answers] for frame in run.frames],
        **{name: getattr(run.result, name) for name in ("step", "seconds", "parameters", "remark")},
    }
    text = np.frombuffer(json.dumps(described, ensure_ascii=False).encode(), dtype=np.uint8)
    weights, pattern = (np.stack([getattr(f, name) for f in run.frames]) for name in ("weights", "pattern"))
    np.savez_compressed(file, description=text, weights=weights, pattern=pattern.astype(np.float16))


def load_transformer(path: Path | io.BytesIO, name: str = "") -> TransformerRun:
    """Read what save_transformer wrote; its result has no files."""
    with np.load(path, allow_pickle=False) as file:
        described = json.loads(file["description"].tobytes())
        weights, pattern = file["weights"], file["pattern"].astype(np.float32)
    frames = tuple(
        TransformerFrame(
            **told,
            tokens=tuple(described["tokens"]),
            answers=tuple(
                Answer(place, wanted, tuple((piece, share) for piece, share in choices))
                for place, wanted, choices in answers
            ),
            weights=weights[i],
            pattern=pattern[i],
        )
        for i, (told, answers) in enumerate(zip(described["frames"], described["answers"], strict=True))
    )
    left = {key: described[key] for key in ("step", "seconds", "parameters", "remark")}
    return TransformerRun(TransformerTraining(**described["settings"]), frames, TransformerResult({}, **left), name)
