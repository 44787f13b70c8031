"""Which model types of transformers were tried, and what came of it: assets/families.json, written by the bench."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "assets" / "families.json"
TASKS = {
    "causal": "causal language model",
    "masked": "masked language model",
    "seq2seq": "encoder-decoder",
    "classes": "classes of texts",
    "pictures": "classes of pictures",
    "zero-shot": "pictures and texts",
    "boxes": "object detection",
}
OUTCOMES = {
    "equal": "shown, equal to the eager class",
    "refused": "refused with a sentence",
    "unmade": "not tried: no small one could be made",
}


@dataclass(frozen=True, slots=True)
class Tried:
    """A small random checkpoint of one model type, opened as anybody's folder is."""

    type: str  # as config.json says it
    task: str
    outcome: str  # one of OUTCOMES
    gives_maps: bool  # whether the eager class of transformers does
    sentence: str


@lru_cache(maxsize=1)
def tried() -> tuple[Tried, ...]:
    """All types by task; empty where the table is not there."""
    try:
        lines = json.loads(TABLE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    return tuple(
        Tried(
            line["type"],
            line["task"],
            line["outcome"],
            line["eager"] == "maps",
            line["sentence"].replace(f"{line['task']}-{line['type']}", line["type"]),
        )
        for line in lines
    )


def equal_of_all() -> tuple[int, int]:
    """(types whose maps equal the eager class's, types that give maps in eager)."""
    giving = [one for one in tried() if one.gives_maps]
    return sum(one.outcome == "equal" for one in giving), len(giving)
