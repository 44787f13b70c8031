"""Word alignment beside simalign on the same 100 pairs and weights: the method alone, and the model with it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.report import Row
from core.analyses.alignment import compare
from core.analyses.alignment_links import aligned
from core.measures.alignment import match
from core.requests import AlignmentReader, LinkMethod, Pair
from training import gold

PAIRS = 100
TIMES = 3
STAND_IN = "mini-bert-wordpiece"


def pairs() -> list[Pair]:
    """The first 100 of the pairs that tests are measured on."""
    some = [one for language in ("de", "fr", "es") for one in gold.pairs(language)]
    return [Pair(tuple(one["source_words"]), tuple(one["target_words"])) for one in some[:PAIRS]]


def fastest(work: Callable[[], object]) -> float:
    """Median seconds of three runs after one that warms up."""
    seconds = []
    for _ in range(TIMES + 1):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


def method(folder: str) -> Row:
    """Match alone, on the similarities of all pairs at the last layer."""
    from simalign import SentenceAligner

    matrices = [np.asarray(one.similarity[-1], np.float64) for _, one in compare(AlignmentReader(folder), pairs())]
    ours = fastest(lambda: [match(one) for one in matrices])
    theirs = fastest(lambda: [SentenceAligner.get_max_weight_match(one) for one in matrices])
    totals = [
        (sum(one[link] for link in match(one)), one[SentenceAligner.get_max_weight_match(one) > 0].sum())
        for one in matrices
    ]
    alike = all(abs(a - b) < 1e-6 for a, b in totals)
    return Row("100 pairs: match alone", "s", ours, None, theirs, 20, right=alike, note="beside simalign")


def whole(folder: str, layer: int, name: str) -> Row:
    """From words to links: tokenizer, model and match."""
    from simalign import SentenceAligner

    aligner = SentenceAligner(model=folder, token_type="bpe", matching_methods="m", layer=layer)
    some = pairs()
    found: dict[str, list[set]] = {}

    def ours() -> None:
        found["ours"] = [set(one.links) for one in aligned(AlignmentReader(folder), LinkMethod("match"), layer, some)]

    def theirs() -> None:
        found["theirs"] = [set(aligner.get_word_aligns(list(p.source), list(p.target))["mwmf"]) for p in some]

    seconds = fastest(ours), fastest(theirs)
    alike = sum(a == b for a, b in zip(found["ours"], found["theirs"], strict=True))
    note = f"beside simalign; {alike} of {len(some)} pairs linked alike"
    return Row(
        f"100 pairs, {name}: words to links", "s", seconds[0], None, seconds[1], 3, alike >= 0.9 * len(some), note
    )
