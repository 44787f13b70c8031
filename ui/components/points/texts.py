"""The whole texts of many points: the browser has their beginnings, and asks for a point's or for those with a word."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.cache import Cache
from core.types import Refused

LONGEST = 2_000  # characters of a text that travel at once
MOST_POINTS = 50  # that are asked for at once

#: By a hash of the texts, which nobody names who does not have them.
TEXTS = Cache(int(os.environ.get("GAZE_TEXT_BYTES", 256_000_000)))


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """What the points of a side are called, and the texts that they are from."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    owners: np.ndarray  # [point]: index into texts


def keep(whole: Whole) -> str:
    """The name under which the browser asks for these texts."""
    digest = hashlib.sha256(whole.owners.tobytes())
    for texts in (whole.labels, whole.texts):
        for text in texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        digest.update(b"\0")
    key = digest.hexdigest()[:32]
    TEXTS.put(key, whole)
    return key


def _found(key: object) -> Whole:
    whole = TEXTS.find(key) if isinstance(key, str) else None
    if not isinstance(whole, Whole):
        raise Refused("These texts are no longer here: load the page again.")
    return whole


def named(key: object, points: object) -> list[tuple[str, str]]:
    """(what it is called, the text that it is from) of each of these points; Refused where there are none such."""
    whole = _found(key)
    if not isinstance(points, list) or len(points) > MOST_POINTS:
        raise Refused(f"Texts are asked for by a list of up to {MOST_POINTS} points.")
    if not all(type(point) is int and 0 <= point < len(whole.labels) for point in points):
        raise Refused(f"Points are numbers from 0 to {len(whole.labels) - 1:,}.")
    return [(whole.labels[point][:LONGEST], whole.texts[whole.owners[point]][:LONGEST]) for point in points]


def having(key: object, word: object) -> np.ndarray:
    """[point]: whether a point's name or text has a word in it, in capitals or not."""
    whole = _found(key)
    if not isinstance(word, str) or not 0 < len(word) <= LONGEST:
        raise Refused(f"A word to look for has 1 to {LONGEST:,} characters.")
    texts = _with(whole.texts, word.lower())[whole.owners]
    return texts if whole.labels is whole.texts else texts | _with(whole.labels, word.lower())


def _with(texts: Sequence[str], word: str) -> np.ndarray:
    return np.fromiter((word in text.lower() for text in texts), bool, len(texts))
