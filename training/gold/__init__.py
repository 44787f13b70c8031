"""Sentence pairs aligned by hand: words, sure and possible links, 40 pairs a language."""

import json
from pathlib import Path


def pairs(language: str) -> list[dict]:
    """Pairs as dictionaries; sure and possible are sets of (source word, target word)."""
    lines = (Path(__file__).parent / f"en-{language}.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [p | {side: {tuple(link) for link in p[side]} for side in ("sure", "possible")} for p in found]
