"""What the card of a multilingual encoder says: retrieval of translations, alignment of words, masked words."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch

from core.measures.alignment import argmax, corpus_error_rate, diagonal, to_words
from core.measures.projection import units
from core.models.hidden import hidden_states, means, similarities
from core.tokens import split_text
from training.data import Pair


def retrieval(model, tokenizer, pairs: list[Pair]) -> np.ndarray:
    """For every layer (the input embedding first) the share of sentences whose translation is nearest, both ways."""
    rates = []
    english = means(model, tokenizer, [p.english for p in pairs])
    other = means(model, tokenizer, [p.other for p in pairs])
    for a, b in zip(english, other, strict=True):
        cosines, right = units(a) @ units(b).T, np.arange(len(a))
        rates.append(((cosines.argmax(1) == right).mean() + (cosines.argmax(0) == right).mean()) / 2)
    return np.array(rates)


def alignment_rates(model, tokenizer, pairs: list[dict]) -> list[float]:
    """AER of argmax alignment at every layer, the input embedding first.

    pairs: source_words, target_words, sure, possible.
    """
    sides = []
    for side in ("source_words", "target_words"):
        states = {s.index: s for s in hidden_states(model, tokenizer, [split_text("", p[side]) for p in pairs])}
        sides.append([states[i] for i in range(len(pairs))])
    found: list[list[set]] = []
    for source, target in zip(*sides, strict=True):
        layers = similarities(source, target)
        found.append([to_words(argmax(one), source.words, target.words) for one in layers])
    sure, possible = [p["sure"] for p in pairs], [p["possible"] for p in pairs]
    return [corpus_error_rate(list(one), sure, possible) for one in zip(*found, strict=True)]


def xl_wa(data: Path, language: str) -> list[dict]:
    """The English-language XL-WA test set (Martelli et al. 2023): for measuring only; [] where it is not there."""
    path = data / "alignment" / "xl_wa" / language / "test.tsv"
    if not path.exists():
        return []
    pairs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        source, target, links = line.split("\t")
        gold = {tuple(map(int, link.split("-"))) for link in links.split()}
        pairs.append({"source_words": source.split(), "target_words": target.split(), "sure": gold, "possible": gold})
    return pairs


def masked_words(model, tokenizer, sentences: list[str]) -> float:
    """Share of masked words guessed right: in each sentence one word, among those that are one piece."""
    chooser, right, asked = random.Random(0), 0, 0
    where = next(model.parameters()).device
    for sentence in sentences:
        encoded = tokenizer(sentence, return_tensors="pt")
        words = encoded.word_ids(0)
        ids = encoded["input_ids"][0]
        letters = [tokenizer.decode([int(i)]).strip().isalpha() for i in ids]
        whole = [i for i, w in enumerate(words) if w is not None and words.count(w) == 1 and letters[i]]
        if not whole:
            continue
        place = chooser.choice(whole)
        wanted, ids[place] = int(ids[place]), tokenizer.mask_token_id
        with torch.inference_mode():
            out = model(input_ids=ids[None].to(where))
        logits = out.get("logits", out.get("prediction_logits"))
        right, asked = right + (int(logits[0, place].argmax()) == wanted), asked + 1
    return right / max(1, asked)


def evaluate(model, tokenizer, held_out: dict[str, list[Pair]], data: Path) -> dict:
    """All scores of the card, each said as it is found."""
    from training.gold import pairs as gold_pairs

    model.eval()
    scores: dict[str, float] = {}

    def score(name: str, value: float) -> None:
        scores[name] = round(float(value), 3)
        print(f"{name}: {scores[name]}", flush=True)

    rates = {code: retrieval(model, tokenizer, some) for code, some in held_out.items()}
    best = int(np.mean(list(rates.values()), axis=0).argmax())
    for code, values in rates.items():
        score(f"translation retrieval en-{code}", values[best])
    score("translation retrieval layer", best)
    tests = {f"XL-WA en-{code}": xl_wa(data, code) for code in ("es", "nl")}
    tests |= {f"en-{code}": gold_pairs(code) for code in ("fr", "de", "es")}
    tests = {name: pairs for name, pairs in tests.items() if pairs}
    rates = {name: alignment_rates(model, tokenizer, pairs) for name, pairs in tests.items()}
    best = int(np.mean(list(rates.values()), axis=0).argmin())
    for name, pairs in tests.items():
        score(f"AER {name}", rates[name][best])
        straight = [diagonal(len(p["source_words"]), len(p["target_words"])) for p in pairs]
        gold = [p["sure"] for p in pairs], [p["possible"] for p in pairs]
        score(f"AER {name} of the diagonal", corpus_error_rate(straight, *gold))
    score("AER layer", best)
    score("masked word top-1 en", masked_words(model, tokenizer, [p.english for p in held_out["fr"]]))
    return scores
