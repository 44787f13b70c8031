"""Translators side by side: what each written word takes from the words read, and how near to hand-made links it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.measures.alignment import LinkScores, counts, diagonal, from_attention, scores_of
from core.measures.attention import shown_as
from core.requests import Gold
from core.types import Attention, Display, Refused, TextEncoding

WORDS = Display(units="words", special="hide")


@dataclass(frozen=True, slots=True)
class Salient:
    """The word read that a written word takes most from."""

    target: str
    source: str
    share: float  # of the row, special tokens in it
    entropy: float  # bits, of the row over words alone


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """One translator's map between words."""

    model: str
    output: str
    rows: tuple[str, ...]  # words written
    columns: tuple[str, ...]  # words read
    weights: np.ndarray  # [written, read]; what is missing to 1 lies on special tokens
    salient: tuple[Salient, ...]  # one a row
    scores: LinkScores | None  # of the links to the most salient words; None: nobody made links by hand

    @property
    def entropy(self) -> float:
        """Bits of a row, the mean over rows."""
        return float(np.mean([one.entropy for one in self.salient]))


def aligned(encoding: TextEncoding, layer: int, head: int | None, gold: Gold | None) -> Aligned:
    """The map of one layer and head, or of the mean of its heads. Refused where there is none, or no word in it.

    layer: from 0; -1 is the last. gold: links between the words of both texts.
    """
    cross = next((one for one in encoding.attentions if one.kind == "cross"), None)
    if cross is None:
        raise Refused(f"{encoding.model} writes nothing that looks at a source. Choose a translator.")
    layers, heads = cross.weights.shape[:2]
    if not -layers <= layer < layers or (head is not None and not 0 <= head < heads):
        raise Refused(f"{encoding.model} has layers 1 to {layers} and heads 1 to {heads}: choose among those.")
    rows, columns, weights = shown_as(cross, WORDS)
    if all(one.special for one in rows) or all(one.special for one in columns):
        raise Refused("There is no word to align. Type a sentence.")
    found = np.asarray(weights[layer], np.float64)
    found = found.mean(axis=0) if head is None else found[head]
    salient = tuple(
        Salient(row.text, columns[int(line.argmax())].text, float(line.max()), _entropy(line))
        for row, line in zip(rows, found, strict=True)
    )
    links = {(columns[source].word, rows[target].word) for source, target in from_attention(found)}
    scores = None if gold is None else scores_of([counts(links, gold.sure, gold.possible)])
    written, read = (tuple(one.text for one in some) for some in (rows, columns))
    return Aligned(encoding.model, encoding.output, written, read, found, salient, scores)


def _entropy(line: np.ndarray) -> float:
    shares = line / line.sum() if line.sum() > 0 else line
    return float(-(shares * np.log2(np.where(shares > 0, shares, 1))).sum()) + 0.0


def of_diagonal(gold: Gold, sources: int, targets: int) -> LinkScores:
    """The scores of somebody who knows nothing but the lengths."""
    return scores_of([counts(diagonal(sources, targets), gold.sure, gold.possible)])


def sentinels(words: Sequence[str], hidden: Sequence[int]) -> str:
    """A text whose hidden words are T5's marks, neighbours under one (Raffel et al. 2020, section 3.1.4)."""
    parts: list[str] = []
    count, before = 0, -2
    for place, word in enumerate(words):
        if place not in hidden:
            parts.append(word)
            continue
        if before != place - 1:
            parts.append(f"<extra_id_{count}>")
            count += 1
        before = place
    return " ".join(parts)


def filled(encoding: TextEncoding, count: int) -> tuple[str, ...]:
    """What a model wrote behind each of T5's marks; empty where it wrote none. Refused: it knows no such marks."""
    cross: Attention = next(one for one in encoding.attentions if one.kind == "cross")
    found: dict[str, list[str]] = {}
    mark, last = "", None
    for token in cross.queries:
        if token.text.startswith("<extra_id_"):
            mark, last = token.text, None
        elif not token.special and mark:
            joined = found.setdefault(mark, [])
            joined.append(token.text if token.word == last or not joined else f" {token.text}")
            last = token.word
    return tuple("".join(found.get(f"<extra_id_{number}>", ())).strip() for number in range(count))
